// What a TCP segment costs: by function, and against the number of connections that the hosts have.
//
// Times of functions come from V8's profiler in a process of their own that inlines nothing, or most functions would
// be counted to their callers. Shares are those of that process, nanoseconds are shares of what a segment costs when
// everything is inlined as usual. No offloads: a segment is a packet. Both hosts are in all figures.
import { spawnSync } from 'node:child_process';
import inspector from 'node:inspector/promises';
import { AF_INET, SOCK_STREAM, PORT, address, bulk, hosts, libc, listening, segments } from './hosts.mjs';
import { median, race, report } from './measure.mjs';

/** Rows of the tables. */
const PLACES = 12;
const FUNCTIONS = 25;
const PROFILED = 'profiled';

/** Shares of a run's time by function, and by the folder that functions are in. */
async function profile() {
  const work = bulk(hosts({ offloads: false }));
  for (let i = 0; i < 60; i++) work(1e6);
  const session = new inspector.Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  for (let i = 0; i < 120; i++) work(1e6);
  const { nodes, samples, timeDeltas } = (await session.post('Profiler.stop')).profile;
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const own = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const { functionName, url } = frames.get(id);
    const file = /\/dist\/(?:stack\/)?(.*)\.js$/.exec(url)?.[1] ?? '';
    const key = `${functionName || '(anonymous)'}\t${file}`;
    own.set(key, (own.get(key) ?? 0) + timeDeltas[i]);
    total += timeDeltas[i];
  });
  return [...own].map(([key, us]) => [...key.split('\t'), us / total]);
}

function byFunction() {
  const pair = hosts({ offloads: false });
  const work = bulk(pair);
  const times = race({ bulk: work }, { rounds: 9, ms: 100, warm: 3000 });
  const before = segments(pair);
  work(1e7);
  const ns = median(times.bulk) / ((segments(pair) - before) / 1e7);
  report({
    name: 'a segment of a bulk transfer, both hosts',
    value: ns,
    unit: 'ns',
    detail: 'acknowledgements count as segments',
  });
  const args = ['--no-turbo-inlining', import.meta.filename, PROFILED];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error('the profiled run failed');
  const rows = JSON.parse(stdout).sort((x, y) => y[2] - x[2]);
  const line = (share, what, where = '') => {
    const figures = `${(share * ns).toFixed(0).padStart(10)} ns ${(share * 100).toFixed(1).padStart(6)} %`;
    console.log(`     ${figures}  ${what.padEnd(30)} ${where}`.trimEnd());
  };
  const places = new Map();
  for (const [, file, share] of rows) {
    const place = file === '' ? 'V8 and the bench itself' : placeOf(file);
    places.set(place, (places.get(place) ?? 0) + share);
  }
  const sorted = [...places].sort((x, y) => y[1] - x[1]);
  console.log('     by place');
  for (const [place, share] of sorted.slice(0, PLACES)) line(share, place);
  line(
    sorted.slice(PLACES).reduce((sum, [, share]) => sum + share, 0),
    'others',
  );
  console.log(`     by function, the first ${FUNCTIONS} of ${rows.length}, without what they call`);
  for (const [name, file, share] of rows.filter((row) => row[1] !== '').slice(0, FUNCTIONS)) line(share, name, file);
}

/** TCP's own files are told apart, others by their folder. */
function placeOf(file) {
  const tcp = /^(net\/ipv4\/(?:tcp|inet)[^/]*)/.exec(file);
  return tcp !== null ? tcp[1] : file.split('/').slice(0, 2).join('/');
}

/** Ports on which the server listens, so that 100 000 connections find local ports. */
const PORTS = 8;
const MESSAGE = 100; // bytes
/** Messages between two looks at the clock. */
const MESSAGES = 10_000;

/** Hosts with connections, over which one message after the other goes and is answered. */
function connected() {
  const pair = hosts({ offloads: false });
  const { a, b, until } = pair;
  const [ours, theirs] = [[], []];
  let wanted = 0;
  let turns = 0;
  let answered = 0;
  let next = 0;
  /** Connections that are used, of those there are. */
  let used = 0;
  /** Programs look for work every millisecond. */
  const idle = () => libc.nanosleep(1_000_000);
  b.spawn(
    function* () {
      const sockets = [];
      for (let i = 0; i < PORTS; i++) sockets.push(yield* listening(PORT + i));
      const data = new Uint8Array(MESSAGE);
      for (let at = 0; ;) {
        if (theirs.length < wanted) theirs.push(yield* libc.accept4(sockets[theirs.length % PORTS], 0));
        else if (at < turns) {
          const fd = theirs[at++ % used];
          yield* libc.read(fd, data);
          yield* libc.write(fd, data);
        } else yield* idle();
      }
    },
    ['server'],
  );
  a.spawn(
    function* () {
      const data = new Uint8Array(MESSAGE);
      yield* idle();
      for (;;) {
        if (ours.length < wanted) {
          const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
          const to = address('10.0.0.2', PORT + (ours.length % PORTS));
          if ((yield* libc.connect(fd, to)) < 0) throw new Error('connect failed');
          ours.push(fd);
        } else if (next < turns) {
          const fd = ours[next++ % used];
          yield* libc.write(fd, data);
          yield* libc.read(fd, data);
          answered++;
        } else yield* idle();
      }
    },
    ['client'],
  );
  return {
    pair,
    /** Opens connections until there are n. */
    open(n) {
      wanted = n;
      until(() => ours.length === n && theirs.length === n);
    },
    /** n messages and their answers, over the first `over` connections in turn. */
    exchange(n, over) {
      used = over;
      turns += n;
      until(() => answered === turns);
    },
  };
}

function byConnections() {
  const net = connected();
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1000;
  };
  /** ns a segment */
  const cost = (over) => {
    const costs = [];
    for (let round = 0; round < 7; round++) {
      const before = segments(net.pair);
      const time = cpu();
      net.exchange(MESSAGES, over);
      costs.push((cpu() - time) / (segments(net.pair) - before));
    }
    return median(costs);
  };
  net.open(10);
  for (let i = 0; i < 40; i++) net.exchange(1000, i % 2 ? 10 : 1);
  console.log('     a message of 100 bytes and its answer; ns a segment, and that against 10 connections');
  console.log('     connections    to open one      over the same one     over each in turn');
  const first = [];
  let had = 10;
  for (const n of [10, 100, 1000, 10_000, 100_000]) {
    const begin = cpu();
    net.open(n);
    const open = n > had ? `${((cpu() - begin) / (n - had) / 1000).toFixed(0)} us` : '';
    had = n;
    net.exchange(n, n);
    const columns = [1, n].map((over, i) => {
      const ns = cost(over);
      first[i] ??= ns;
      return `${ns.toFixed(0)} ns ${(ns / first[i]).toFixed(2).padStart(6)}`.padStart(21);
    });
    console.log(`     ${n.toLocaleString('en').padStart(11)} ${open.padStart(14)} ${columns.join(' ')}`);
  }
}

if (process.argv[2] === PROFILED) {
  console.log(JSON.stringify(await profile()));
} else {
  byFunction();
  byConnections();
}
