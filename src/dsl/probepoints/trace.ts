/** kernel.trace("[system:]name"): tracepoints. Read beside it: stapprobes(3stap), "KERNEL TRACEPOINTS". */
import { globMatcher } from '../passes/glob.js';
import { nearest } from '../passes/similar.js';
import type { PointProvider, PointRequest } from './provider.js';

function build(request: PointRequest): void {
  const text = request.string('trace');
  const colon = text.indexOf(':');
  const system = globMatcher(colon < 0 ? '*' : text.slice(0, colon));
  const name = globMatcher(text.slice(colon + 1));
  const matched = request.target.tracepoints.filter((t) => name(t.name) && system(t.system));
  if (matched.length === 0) {
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
