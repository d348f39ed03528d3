// --monitor: a live view of a run on the terminal: time, probes with their hits, globals. The keys are those of
// stap's: c s t p r x q, and the arrows, j k and the like to choose a probe. Without a terminal nothing is shown.
// Read beside it: stap(1), --monitor. Left out: memory sizes, which a module has and we have not.
import pc from 'picocolors';
import type { DerivedProbe, Value } from '../dsl/abi.js';
import { DescriptorOutput, type Output } from '../runtime/output.js';
import type { Session } from '../runtime/session.js';

/** Rows of probes that are shown at a time. */
const rows = 12;

const show = (value: Value): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

type Order = 'index' | 'hits' | 'name';

const orders: readonly Order[] = ['index', 'hits', 'name'];

/** What a user has chosen to see. */
export interface View {
  /** Row of the marked probe. */
  marked: number;
  order: Order;
  /** Is the window shown? */
  shown: boolean;
  /** When the script started, ns of the machine's uptime. */
  readonly started: bigint;
}

export const freshView = (session: Session): View => ({
  marked: 0,
  order: 'index',
  shown: true,
  started: session.runtime.context.now_ns(),
});

function ordered(session: Session, order: Order): DerivedProbe[] {
  const hits = session.hits();
  const of = (probe: DerivedProbe): number => hits.get(probe.index) ?? 0;
  return session.program.probes.toSorted((a, b) => {
    if (order === 'hits' && of(a) !== of(b)) return of(b) - of(a);
    if (order === 'name' && a.point !== b.point) return a.point < b.point ? -1 : 1;
    return a.index - b.index;
  });
}

/** Lines of the view. */
export function view(session: Session, { marked, order, shown, started }: View, width: number): string[] {
  if (!shown) return [];
  const { runtime, program } = session;
  const cut = (text: string): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
  const seconds = (Number(runtime.context.now_ns() - started) / 1e9).toFixed(6);
  const lines = [
    `${pc.bold('tsprobe')}  ${seconds} s  errors ${runtime.errors}  skipped ${runtime.skips}`,
    pc.dim(cut('q quit  c reset globals  p pause  r resume  ↑↓ choose  t probe on or off  s sort  x hide')),
    '',
    pc.bold(cut(`   hits  on  probe (by ${order})`)),
  ];
  const hits = session.hits();
  const from = Math.max(0, Math.min(marked - rows + 1, program.probes.length - rows));
  for (const [i, probe] of ordered(session, order).entries()) {
    if (i < from || i >= from + rows) continue;
    const mark = i === marked ? pc.cyan('>') : ' ';
    const on = session.isArmed(probe) ? pc.green('on ') : pc.red('off');
    lines.push(`${mark}${String(hits.get(probe.index) ?? 0).padStart(6)}  ${on} ${cut(probe.point)}`);
  }
  if (program.probes.length > rows) lines.push(pc.dim(`  … ${program.probes.length - rows} more`));
  lines.push('', pc.bold('globals'));
  for (const { name, index } of program.globals) {
    const global = session.globals()[index];
    if (global === undefined) continue;
    if (global.kind === 'scalar') lines.push(cut(`  ${name} = ${show(global.get())}`));
    else if (global.kind === 'stats') {
      const { stats } = global;
      const of = stats.count() === 0 ? '' : ` min ${stats.min()} avg ${stats.avg()} max ${stats.max()}`;
      lines.push(cut(`  ${name}: count ${stats.count()}${of}`));
    } else {
      lines.push(cut(`  ${name}: ${global.map.size()} elements`));
      const cells = global.map.iterate({ direction: 0, column: -1, by: 'count' }, 3);
      for (const cell of cells) {
        const value = typeof cell.value === 'object' ? `count ${cell.value.count()}` : show(cell.value);
        lines.push(cut(`    [${cell.keys.map(show).join(', ')}] ${value}`));
      }
    }
  }
  return lines;
}

/** By how many rows a key moves the mark. */
const moves: Readonly<Record<string, number>> = {
  k: -1,
  '\x1b[A': -1,
  j: 1,
  '\x1b[B': 1,
  u: -rows,
  '\x1b[5~': -rows,
  d: rows,
  '\x1b[6~': rows,
  g: -Infinity,
  '\x1b[H': -Infinity,
  G: Infinity,
  '\x1b[F': Infinity,
};

/** Does what a key asks for. */
export function press(key: string, session: Session, seen: View): void {
  const { probes } = session.program;
  const move = moves[key];
  if (move !== undefined) {
    seen.marked = Math.max(0, Math.min(probes.length - 1, seen.marked + move));
    return;
  }
  switch (key) {
    case 'q':
    case '\x03':
      session.stop();
      return;
    case 'c':
      session.resetGlobals();
      return;
    case 's':
      seen.order = orders[(orders.indexOf(seen.order) + 1) % orders.length];
      return;
    case 'x':
      seen.shown = !seen.shown;
      return;
    case 'p':
    case 'r':
      for (const probe of probes) {
        const once = ['begin', 'end', 'error'].includes(probe.detail.provider);
        if (!once && session.isArmed(probe) !== (key === 'r')) session.setArmed(probe, key === 'r');
      }
      return;
    case 't':
    case ' ': {
      const probe = ordered(session, seen.order)[seen.marked];
      if (probe !== undefined) session.setArmed(probe, !session.isArmed(probe));
    }
  }
}

/** Shows the view until the result is closed. */
export function watch(session: Session, seconds: number, output: Output): { close(): void } {
  const { stderr, stdin } = process;
  if (!stderr.isTTY) {
    output.message('--monitor needs a terminal; the run goes on without the view.');
    return { close: () => {} };
  }
  const seen = freshView(session);
  let drawn = 0;
  const release = session.runtime.environment.hold(false);
  // What is printed goes where the view was, and the view below it.
  const erase = (): void => {
    const lines = drawn;
    drawn = 0;
    if (lines > 0) stderr.write(`\x1b[${lines}A\x1b[J`);
  };
  if (output instanceof DescriptorOutput) output.makeWay = erase;
  const draw = (): void => {
    erase();
    output.flush();
    const lines = view(session, seen, stderr.columns || 80);
    if (lines.length > 0) stderr.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const typed = (bytes: Buffer): void => {
    // Keys may come several at a time.
    for (const [key] of bytes.toString().matchAll(/\x1b\[\d*[A-Z~]|[^]/g)) press(key, session, seen);
    draw();
  };
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', typed);
  }
  const timer = setInterval(draw, seconds * 1000);
  return {
    close: () => {
      clearInterval(timer);
      release();
      draw();
      if (output instanceof DescriptorOutput) output.makeWay = null;
      if (!stdin.isTTY) return;
      stdin.off('data', typed);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
