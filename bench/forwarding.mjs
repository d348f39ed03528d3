// Small UDP datagrams from A through R to B, on one core: packets a second through R with nothing probed, with
// the prologues left out of the build, and with every function of net/ipv4 probed by empty handlers.
import { Hijack } from '../dist/runtime/hijack/hijack.js';
import { median, race, ratio, report } from './measure.mjs';
import { debuginfo, patched, plain } from './model.mjs';

const PAYLOAD = 18; // bytes: the smallest Ethernet frame
const PORT = 9;
const AF_INET = 2;
const SOCK_DGRAM = 2;
/** Datagrams sent at one virtual instant; queues hold more. */
const BURST = 32;

/** A lab in which datagrams flow. @returns work that lets n of them arrive */
function flow({ Lab, routed, libc }) {
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
        yield* libc.nanosleep(100_000);
      }
    },
    ['source'],
  );
  return (n) => {
    for (const end = received + n; received < end;) if (!lab.events.runNext()) throw new Error('nothing flows');
  };
}

const model = await patched();
const bare = await plain();
const quiet = race({ patched: flow(model), plain: flow(bare) }, { rounds: 31, ms: 50, warm: 2000 });
const perSecond = (times) => 1e9 / median(times);
report({
  name: 'UDP A-R-B, packets forwarded by R',
  value: perSecond(quiet.patched),
  unit: 'a second',
  budget: 500_000,
  most: false,
  detail: `(${(median(quiet.patched) / 1e3).toFixed(2)} us a packet on all three hosts)`,
});
report({ name: 'the same, prologues / none', value: ratio(quiet.patched, quiet.plain), unit: 'x', budget: 1.03 });

const info = debuginfo();
const hijack = new Hijack(info);
const nothing = () => {};
const ids = info.functions.filter((f) => f.file.startsWith('net/ipv4/') && f.module === 'kernel').map((f) => f.id);
const work = flow(model);
hijack.attach(ids.flatMap((id) => ['entry', 'return'].map((when, probe) => ({ id, when, probe, handler: nothing }))));
const probed = race({ work }, { rounds: 15, ms: 50, warm: 2000 });
report({
  name: `the same, all ${ids.length} functions of net/ipv4 probed`,
  value: perSecond(probed.work),
  unit: 'a second',
});
hijack.clear();
