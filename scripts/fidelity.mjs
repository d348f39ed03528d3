// Compares whom the model's functions call with whom a real kernel's do (test/data/linux-traces): for each
// recorded scenario the caller → callee pairs, the caller being the nearest ancestor among the functions that
// both have. What belongs to the recording and not to the behaviour is left out (that folder's README).
//   node scripts/fidelity.mjs [SCENARIO…]     prints shares, missing and surplus pairs, lacking functions
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Which scenario of ours stands for which recording. */
const RUNS = {
  a_ping: ['ping', '-c', '2', '--netem', 'delay 10ms'],
  b_udp: ['udp-echo', '-c', '2', '--through-router', '--netem', 'delay 10ms'],
  c_tcp: ['tcp-echo', '--warm', '--netem', 'delay 10ms'],
  c_tcp_gso: ['tcp-echo', '--warm', '--offload'],
  d1_fastretrans: ['tcp-loss', '--warm', '--netem', 'delay 10ms'],
  d2_tlp: ['tcp-tlp', '--warm', '--netem', 'delay 10ms'],
  d3_rto: ['tcp-rto', '--warm', '--netem', 'delay 10ms'],
  g_udp_closed: ['udp-closed-port', '-c', '2', '--through-router'],
  h_frag: ['ping-fragments', '-c', '2'],
  h2_frag_router: ['ping-fragments', '-c', '2', '--router'],
};

/**
 * Pairs of the recordings that are not the kernel's behaviour: a security module's hook below ip_output with no
 * rule set, netlink notifications that nobody in the lab listens to, and a function that the compiler split in two.
 */
const RECORDING = new Set([
  'ip_output → nf_hook_slow',
  '__ip_local_out → nf_hook_slow',
  'neigh_update → consume_skb',
  '__tcp_send_ack → __tcp_send_ack',
]);

/** Calls that the recorded kernel's compiler inlined at this one place: what the callee calls counts as the caller's. */
const INLINED = new Set(['ip_push_pending_frames → ip_send_skb', 'tcp_rcv_state_process → tcp_send_ack']);

const load = (file) => import(pathToFileURL(join(root, 'dist', file)).href);
const { Lab } = await load('lab/lab.js');
const { scenarios } = await load('lab/scenarios/index.js');
const { Debuginfo } = await load('runtime/debuginfo/debuginfo.js');
const { Hijack } = await load('runtime/hijack/hijack.js');
const { current, running_kernel } = await load('stack/kernel/current.js');

const recorded = new Map();
for (const line of readFileSync(join(root, 'test/data/linux-traces/edges.tsv'), 'utf8').trim().split('\n').slice(1)) {
  const [scenario, caller, callee] = line.split('\t');
  if (!recorded.has(scenario)) recorded.set(scenario, []);
  recorded.get(scenario).push([caller, callee]);
}

const info = Debuginfo.load(join(root, 'dist', 'debuginfo.json'));
const modelled = new Map(info.functions.map((symbol) => [symbol.name, symbol]));

/** Runs one of our scenarios. Gives its pairs among the functions in `names`. */
async function pairsOf(run, names) {
  const [name, ...args] = run;
  const lab = new Lab();
  await scenarios[name].start(lab, args);
  const pairs = new Set();
  const stacks = new Map();
  // A softirq and a timer begin a stack of their own; a task keeps its own while it sleeps.
  const contextOf = () => {
    const kernel = running_kernel();
    if (kernel === null) return 'none';
    const { serving, hardirq } = kernel.softirq;
    return serving || hardirq > 0 ? kernel : current();
  };
  // A veth device hands a frame over within veth_xmit(), but in the peer's kernel.
  let transmitting = 0;
  const enter = (function_) => {
    const context = contextOf();
    if (!stacks.has(context)) stacks.set(context, []);
    const stack = stacks.get(context);
    if (names.has(function_)) {
      const seen = (other, i) =>
        (names.has(other) || other.startsWith('(')) && !INLINED.has(`${stack[i - 1]} → ${other}`);
      const handedOver = transmitting > 0 && context.pid === 0;
      const caller = stack.findLast(seen) ?? (handedOver ? 'veth_xmit' : undefined);
      if (!INLINED.has(`${caller} → ${function_}`))
        pairs.add(`${caller ?? (context?.softirq === undefined ? '(process)' : '(softirq)')} → ${function_}`);
    }
    if (function_ === 'veth_xmit') transmitting++;
    stack.push(function_ === 'handle_softirqs' ? '(softirq)' : function_ === 'call_timer_fn' ? '(timer)' : function_);
  };
  const leave = () => {
    if (stacks.get(contextOf())?.pop() === 'veth_xmit') transmitting--;
  };
  const hijack = new Hijack(info);
  const specs = [];
  for (const symbol of info.functions) {
    const wanted = names.has(symbol.name) || symbol.name === 'call_timer_fn' || symbol.name === 'handle_softirqs';
    if (!wanted) continue;
    const title = symbol.name;
    specs.push({ id: symbol.id, when: 'entry', probe: 0, handler: () => enter(title) });
    specs.push({ id: symbol.id, when: 'return', probe: 1, handler: leave });
  }
  hijack.attach(specs);
  lab.runToEnd();
  hijack.clear();
  if (lab.faults.length > 0) throw lab.faults[0];
  return pairs;
}

const quiet = process.argv.includes('--summary');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknown = wanted.find((name) => !recorded.has(name));
if (unknown !== undefined) {
  console.error(`There is no recording "${unknown}"; there are: ${[...recorded.keys()].join(', ')}.`);
  process.exit(1);
}
let status = 0;
for (const name of wanted.length > 0 ? wanted : Object.keys(RUNS)) {
  const run = RUNS[name];
  if (run === undefined || scenarios[run[0]] === undefined) {
    console.log(`${name}: no scenario of ours stands for it`);
    continue;
  }
  const functions = new Set(
    recorded
      .get(name)
      .flat()
      .filter((f) => !f.startsWith('(')),
  );
  const lacking = [...functions].filter((f) => !modelled.has(f)).sort();
  const names = new Set([...functions].filter((f) => modelled.has(f)));
  const expected = new Set(
    recorded
      .get(name)
      .filter(([caller, callee]) => (caller.startsWith('(') || names.has(caller)) && names.has(callee))
      .map(([caller, callee]) => `${caller} → ${callee}`)
      .filter((pair) => !RECORDING.has(pair)),
  );
  const actual = await pairsOf(run, names);
  const missing = [...expected].filter((pair) => !actual.has(pair)).sort();
  const surplus = [...actual].filter((pair) => !expected.has(pair) && !RECORDING.has(pair)).sort();
  const found = expected.size - missing.length;
  const share = (100 * found) / expected.size;
  if (share < 95) status = 1;
  console.log(
    `${name}: ${found} of ${expected.size} pairs, ${share.toFixed(1)} %; ${surplus.length} surplus; ${lacking.length} functions lacking`,
  );
  if (quiet) continue;
  for (const pair of missing) console.log(`  missing  ${pair}`);
  for (const pair of surplus) console.log(`  surplus  ${pair}`);
  for (const function_ of lacking) console.log(`  lacking  ${function_}`);
}
process.exitCode = status;
