// Two hosts for the benches of TCP, and what their programs have in common.
import { patched } from './model.mjs';

const { Lab, pair, libc, __dev_get_by_name, netdev_update_features } = await patched();

export { libc };
export const AF_INET = 2;
export const SOCK_STREAM = 1;
export const PORT = 5001;

/** @param {string} text dotted, '' for any @param {number} port */
export const address = (text, port = PORT) => new libc.sockaddr_in(text ? libc.in_aton(text) : 0, libc.htons(port));

/** A socket that listens on a port of any address. @returns its descriptor */
export function* listening(port = PORT) {
  const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
  libc.bind(fd, address('', port));
  libc.listen(fd, 4096);
  return fd;
}

/**
 * Hosts a (10.0.0.1) and b (10.0.0.2) on one wire.
 * @param offloads whether devices cut large segments and sum them
 * @returns the hosts, and until(): runs events till `done` says so
 */
export function hosts({ offloads }) {
  const lab = new Lab({ output() {} });
  const [a, b] = pair(lab, { name: 'a', address: '10.0.0.1/16' }, { name: 'b', address: '10.0.0.2/16' });
  for (const { kernel } of offloads ? [a, b] : []) {
    const dev = __dev_get_by_name(kernel.init_net, 'eth0');
    dev.wanted_features = dev.hw_features;
    netdev_update_features(dev);
  }
  const until = (done) => {
    while (!done()) {
      if (!lab.events.runNext()) throw new Error('nothing happens any more');
      if (lab.faults.length > 0) throw lab.faults[0];
    }
  };
  return { a, b, until };
}

/** Bulk data from a to b over one connection. @returns work that lets n bytes arrive */
export function bulk({ a, b, until }, chunk = 65536) {
  let received = 0;
  b.spawn(
    function* () {
      const fd = yield* listening();
      const own = yield* libc.accept4(fd, 0);
      const room = new Uint8Array(chunk * 4);
      for (;;) received += Math.max(0, yield* libc.read(own, room));
    },
    ['sink'],
  );
  a.spawn(
    function* () {
      const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
      yield* libc.connect(fd, address('10.0.0.2'));
      const data = new Uint8Array(chunk);
      for (;;) yield* libc.write(fd, data);
    },
    ['source'],
  );
  return (n) => {
    const end = received + n;
    until(() => received >= end);
  };
}

const TCP_MIB_OUTSEGS = 11;

/** Segments that both hosts have sent so far. */
export function segments({ a, b }) {
  return [a, b].reduce((sum, { kernel }) => sum + kernel.init_net.mib.tcp_statistics[TCP_MIB_OUTSEGS], 0);
}
