// TCP between two hosts on one core: bulk transfer, connections opened and closed, and what an idle pair of
// sockets takes. Offloads are on, as `bulk` has them: segments are summed and cut by the devices.
import v8 from 'node:v8';
import vm from 'node:vm';
import { AF_INET, SOCK_STREAM, address, bulk, hosts, libc, listening } from './hosts.mjs';
import { median, race, report } from './measure.mjs';

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');

/** Work that opens n connections and closes them. */
function connections() {
  const { a, b, until } = hosts({ offloads: true });
  let closed = 0;
  b.spawn(
    function* () {
      const fd = yield* listening();
      for (;;) yield* libc.close(yield* libc.accept4(fd, 0));
    },
    ['server'],
  );
  a.spawn(
    function* () {
      for (;;) {
        const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
        if ((yield* libc.connect(fd, address('10.0.0.2'))) < 0) throw new Error('connect failed');
        yield* libc.close(fd);
        closed++;
        // Ports come back when TIME_WAIT is over.
        yield* libc.nanosleep(5_000_000);
      }
    },
    ['client'],
  );
  return (n) => {
    const end = closed + n;
    until(() => closed >= end);
  };
}

/**
 * Bytes of heap that an established, idle connection takes, both ends.
 * @param talk whether a message went each way before
 */
function idle(count, talk) {
  const { a, b, until } = hosts({ offloads: true });
  let open = 0;
  let ready = false;
  b.spawn(
    function* () {
      const fd = yield* listening();
      ready = true;
      const room = new Uint8Array(64);
      for (;;) {
        const own = yield* libc.accept4(fd, 0);
        if (!talk) continue;
        yield* libc.read(own, room);
        yield* libc.write(own, room);
      }
    },
    ['server'],
  );
  until(() => ready);
  let go = false;
  a.spawn(
    function* () {
      for (;;) {
        if (!go) {
          yield* libc.nanosleep(1_000_000);
          continue;
        }
        const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
        if ((yield* libc.connect(fd, address('10.0.0.2'))) < 0) throw new Error('connect failed');
        if (talk) {
          const room = new Uint8Array(64);
          yield* libc.write(fd, room);
          yield* libc.read(fd, room);
        }
        if (++open % count === 0) go = false;
      }
    },
    ['client'],
  );
  const fill = () => {
    go = true;
    const end = open + count;
    until(() => open >= end);
    for (let i = 0; i < 200; i++) until(() => true);
    gc();
    gc();
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  };
  const first = fill();
  return (fill() - first) / count;
}

const bytes = race({ bulk: bulk(hosts({ offloads: true })) }, { rounds: 15, ms: 100, warm: 8000 });
report({ name: 'bulk TCP, payload', value: 8 / median(bytes.bulk), unit: 'Gbit/s', budget: 5, most: false });
const opened = race({ connections: connections() }, { rounds: 7, ms: 200, warm: 8000 });
report({ name: 'connections opened and closed', value: 1e9 / median(opened.connections), unit: 'a second' });
report({ name: 'an idle established connection, both ends', value: idle(1000, false) / 1024, unit: 'KiB', budget: 4 });
report({ name: 'the same after a message each way', value: idle(1000, true) / 1024, unit: 'KiB' });
