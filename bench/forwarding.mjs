// Small UDP datagrams from A through R to B, on one core. Packets a second through R twice: with frames that A's
// device is given ready made and that B's counts (as pktgen and a device that drops do on Linux), so that the cost
// is the router's, and with a program that sends on A and one that receives on B. Then what prologues add, and what
// empty handlers on every function of net/ipv4 do.
import { Hijack } from '../dist/runtime/hijack/hijack.js';
import { median, race, ratio, report } from './measure.mjs';
import { debuginfo, patched, plain } from './model.mjs';

const PAYLOAD = 18; // bytes: the smallest Ethernet frame
const PORT = 9;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const ETH_HLEN = 14;
const ETH_P_IP = 0x0800;
const RX_HANDLER_CONSUMED = 0;
const RX_HANDLER_PASS = 3;
/** Datagrams sent at one virtual instant; queues hold more. */
const BURST = 32;
/** ns of virtual time from burst to burst */
const PAUSE = 100_000;

/** A lab in which programs send and receive datagrams. @returns work that lets n of them arrive */
function programs({ Lab, routed, libc }) {
  const lab = new Lab({ output() {} });
  const { A, B } = routed(lab);
  let received = 0;
  const address = (text) => new libc.sockaddr_in(text ? libc.in_aton(text) : 0, libc.htons(PORT));
  B.spawn(
    function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, address(''));
      const room = new Uint8Array(2048);
      for (;;) {
        yield* libc.recvfrom(fd, room, 0, { value: null });
        received++;
      }
    },
    ['sink'],
  );
  A.spawn(
    function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      yield* libc.connect(fd, address('192.168.30.2'));
      const data = new Uint8Array(PAYLOAD);
      for (;;) {
        for (let i = 0; i < BURST; i++) yield* libc.sendto(fd, data, 0, null);
        yield* libc.nanosleep(PAUSE);
      }
    },
    ['source'],
  );
  return (n) => {
    for (const end = received + n; received < end;) if (!lab.events.runNext()) throw new Error('nothing flows');
  };
}

/** A lab in which A's device is given frames and B's throws them away. @returns work that lets n of them arrive */
function frames(model) {
  const { Lab, routed, enter_kernel, libc } = model;
  const lab = new Lab({ output() {} });
  const { A, R, B } = routed(lab);
  A.sh('ping -q -c 1 192.168.30.2');
  lab.runUntil(lab.now + 1e9);
  const device = (host, name) => model.__dev_get_by_name(host.kernel.init_net, name);
  const out = device(A, 'eth0');
  const frame = datagram(libc, device(R, 'eth0').dev_addr, out.dev_addr);
  const send = () => {
    for (let i = 0; i < BURST; i++) {
      const skb = model.__netdev_alloc_skb(out, frame.length, 0);
      skb.head.set(frame, model.skb_put(skb, frame.length));
      skb.mac_header = skb.data;
      skb.network_header = skb.data + ETH_HLEN;
      skb.protocol = libc.htons(ETH_P_IP);
      model.dev_queue_xmit(skb);
    }
  };
  let received = 0;
  const taken = { ret: RX_HANDLER_CONSUMED, skb: null };
  const left = { ret: RX_HANDLER_PASS, skb: null };
  const type = libc.htons(ETH_P_IP);
  model.netdev_rx_handler_register(
    device(B, 'eth0'),
    (skb) => {
      if (skb.protocol !== type) return left;
      received++;
      model.consume_skb(skb);
      return taken;
    },
    null,
  );
  return (n) => {
    for (const end = received + n; received < end;) {
      const before = received;
      enter_kernel(A.kernel, send, undefined);
      lab.runUntil(lab.now + PAUSE);
      if (received !== before + BURST) throw new Error('frames were lost');
    }
  };
}

/** An Ethernet frame with a UDP datagram from A to B. @returns {Uint8Array} */
function datagram({ in_aton }, to, from) {
  const frame = new Uint8Array(ETH_HLEN + 28 + PAYLOAD);
  const view = new DataView(frame.buffer);
  frame.set(to, 0);
  frame.set(from, 6);
  view.setUint16(12, ETH_P_IP);
  view.setUint16(14, 0x4500);
  view.setUint16(16, 28 + PAYLOAD);
  view.setUint16(20, 0x4000); // do not fragment
  view.setUint16(22, 0x4011); // TTL 64, UDP
  view.setUint32(26, in_aton('192.168.10.2'), true);
  view.setUint32(30, in_aton('192.168.30.2'), true);
  let sum = 0;
  for (let i = 14; i < 34; i += 2) sum += view.getUint16(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(24, ~sum);
  view.setUint16(34, PORT);
  view.setUint16(36, PORT);
  view.setUint16(38, 8 + PAYLOAD);
  return frame;
}

const perSecond = (times) => 1e9 / median(times);
const microseconds = (times) => (median(times) / 1e3).toFixed(2);
const options = { rounds: 31, ms: 50, warm: 2000 };

const model = await patched();
const bare = await plain();
const raw = race({ patched: frames(model), plain: frames(bare) }, options);
report({
  name: 'UDP A-R-B through R, frames',
  value: perSecond(raw.patched),
  unit: 'a second',
  budget: 500_000,
  most: false,
  detail: `(${microseconds(raw.patched)} us a packet)`,
});
// The router's path alone is the densest in calls there is; the budget is for the whole stack, below.
report({ name: 'the same, prologues / none', value: ratio(raw.patched, raw.plain), unit: 'x' });
const quiet = race({ patched: programs(model), plain: programs(bare) }, options);
report({
  name: 'UDP A-R-B through R, programs on A and B',
  value: perSecond(quiet.patched),
  unit: 'a second',
  detail: `(${microseconds(quiet.patched)} us a packet on all three hosts)`,
});
report({ name: 'the same, prologues / none', value: ratio(quiet.patched, quiet.plain), unit: 'x', budget: 1.03 });

const info = debuginfo();
const hijack = new Hijack(info);
const nothing = () => {};
const ids = info.functions.filter((f) => f.file.startsWith('net/ipv4/') && f.module === 'kernel').map((f) => f.id);
const work = programs(model);
hijack.attach(ids.flatMap((id) => ['entry', 'return'].map((when, probe) => ({ id, when, probe, handler: nothing }))));
const probed = race({ work }, { rounds: 15, ms: 50, warm: 2000 });
report({
  name: `the same, all ${ids.length} functions of net/ipv4 probed`,
  value: perSecond(probed.work),
  unit: 'a second',
});
hijack.clear();
