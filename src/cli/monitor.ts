// --monitor: a live view of a run on the terminal: time, probes with their hits, globals; keys switch single
// probes off and on. Without a terminal nothing is shown. Read beside it: stap(1), --monitor.
import pc from 'picocolors';
import type { Value } from '../dsl/abi.js';
import type { Output } from '../runtime/output.js';
import type { Session } from '../runtime/session.js';

const most = 12;

const show = (value: Value): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

/** Lines of the view; the marked probe is the one that the space bar switches. */
export function view(session: Session, marked: number, width: number): string[] {
  const { runtime, program } = session;
  const cut = (text: string): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
  const seconds = (Number(runtime.context.now_ns()) / 1e9).toFixed(6);
  const lines = [
    `${pc.bold('tsprobe')}  ${seconds} s  errors ${runtime.errors}  skipped ${runtime.skips}`,
    pc.dim('q quit   r reset globals   ↑↓ choose   space probe on or off'),
    '',
    pc.bold(cut('   hits  on  probe')),
  ];
  const hits = session.hits();
  for (const [i, probe] of program.probes.entries()) {
    if (i >= most && i !== marked) continue;
    const mark = i === marked ? pc.cyan('>') : ' ';
    const on = session.isArmed(probe) ? pc.green('on ') : pc.red('off');
    lines.push(`${mark}${String(hits.get(probe.index) ?? 0).padStart(6)}  ${on} ${cut(probe.point)}`);
  }
  if (program.probes.length > most) lines.push(pc.dim(`  … ${program.probes.length - most} more`));
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

/** Shows the view until the result is closed. */
export function watch(session: Session, seconds: number, output: Output): { close(): void } {
  const { stderr, stdin } = process;
  if (!stderr.isTTY) {
    output.message('--monitor needs a terminal; the run goes on without the view.');
    return { close: () => {} };
  }
  let marked = 0;
  let drawn = 0;
  const release = session.runtime.environment.hold(false);
  const draw = (): void => {
    // What the script has printed goes where the view was, and the view below it.
    if (drawn > 0) stderr.write(`\x1b[${drawn}A\x1b[J`);
    output.flush();
    const lines = view(session, marked, stderr.columns || 80);
    stderr.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const key = (bytes: Buffer): void => {
    const text = bytes.toString();
    const { probes } = session.program;
    if (text === 'q' || text === '\x03') session.stop();
    else if (text === 'r') {
      for (const global of session.globals()) {
        if (global.kind === 'scalar') global.set(typeof global.get() === 'string' ? '' : 0);
        else if (global.kind === 'stats') global.stats.clear();
        else global.map.clear();
      }
    } else if (text === '\x1b[A') marked = Math.max(0, marked - 1);
    else if (text === '\x1b[B') marked = Math.min(probes.length - 1, marked + 1);
    else if (text === ' ' && probes[marked] !== undefined) {
      session.setArmed(probes[marked], !session.isArmed(probes[marked]));
    }
    draw();
  };
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', key);
  }
  const timer = setInterval(draw, seconds * 1000);
  return {
    close: () => {
      clearInterval(timer);
      release();
      draw();
      if (!stdin.isTTY) return;
      stdin.off('data', key);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
