/** kernel.trace("[system:]name"): tracepoints. Read beside it: stapprobes(3stap), "KERNEL TRACEPOINTS". */
import { globMatcher } from '../passes/glob.js';
import { nearest } from '../passes/similar.js';
import { absentTracepoint } from './absent.js';
import type { CType } from '../target.js';
import type { PointProvider, PointRequest } from './provider.js';

const long: CType = { kind: 'int', name: 'long int', size: 8, signed: true };

/**
 * The tracepoints of all system calls. The model's programs enter the kernel by its functions: these are where any of
 * them begins and returns, and there are no registers at $regs.
 */
const calls = [
  { name: 'sys_enter', event: 'syscall', values: ['regs', 'id'] },
  { name: 'sys_exit', event: 'syscall.return', values: ['regs', 'ret', 'id'] },
] as const;

function build(request: PointRequest): void {
  const text = request.string('trace');
  const colon = text.indexOf(':');
  const system = globMatcher(colon < 0 ? '*' : text.slice(0, colon));
  const name = globMatcher(text.slice(colon + 1));
  const matched = request.target.tracepoints.filter((t) => name(t.name) && system(t.system));
  const entering =
    request.target.syscalls.length === 0 ? [] : calls.filter((c) => name(c.name) && system('raw_syscalls'));
  for (const { name, event, values } of entering)
    request.emit({
      text: `kernel.trace("raw_syscalls:${name}")`,
      detail: { provider: 'process', program: '', pid: 0, event },
      scope: { symbol: null, when: 'entry', line: 0, values: values.map((v) => ({ name: v, type: long })) },
      interruptible: false,
    });
  if (matched.length === 0 && entering.length === 0) {
    const reason = absentTracepoint(text);
    if (reason !== undefined) request.fail(`tracepoint ${text}: ${reason}`);
    const near = nearest(
      text.slice(colon + 1),
      request.target.tracepoints.map((t) => t.name),
      5,
    );
    if (near.length > 0) request.fail(`no match (similar tracepoints: ${near.join(', ')})`);
  }
  for (const tracepoint of matched)
    request.emit({
      text: `kernel.trace("${tracepoint.system}:${tracepoint.name}")`,
      detail: { provider: 'tracepoint', symbol: tracepoint.symbol, tracepoint: tracepoint.name },
      scope: { symbol: tracepoint.symbol, when: 'entry', line: tracepoint.symbol.line, values: [] },
      interruptible: false,
    });
}

export const trace: PointProvider = {
  patterns: ['kernel.trace(string)'],
  doc: 'a tracepoint by name, with or without its system',
  build,
};
