// -t: how often each probe fired and how long its handler took, in nanoseconds of the host.
// Read beside it: stap(1), -t.
import type { Handler, Program } from '../dsl/abi.js';

interface Timing {
  hits: number;
  total: number;
  /** Sum of squares of the distances from the mean so far (Welford's method). */
  squares: number;
  min: number;
  max: number;
}

export class ProbeTimings {
  private readonly program: Program;
  private readonly timings = new Map<number, Timing>();

  constructor(program: Program) {
    this.program = program;
  }

  /** Handlers that keep the time. */
  wrap(handlers: readonly Handler[]): Handler[] {
    return handlers.map((handler) => (probe: number, ...values: unknown[]) => {
      const before = process.hrtime.bigint();
      const result = handler(probe, ...values);
      this.note(probe, Number(process.hrtime.bigint() - before));
      return result;
    });
  }

  private note(probe: number, ns: number): void {
    const timing = this.timings.get(probe);
    if (timing === undefined) {
      this.timings.set(probe, { hits: 1, total: ns, squares: 0, min: ns, max: ns });
      return;
    }
    const before = ns - timing.total / timing.hits;
    timing.hits++;
    timing.total += ns;
    timing.squares += before * (ns - timing.total / timing.hits);
    if (ns < timing.min) timing.min = ns;
    if (ns > timing.max) timing.max = ns;
  }

  hits(): ReadonlyMap<number, number> {
    return new Map([...this.timings].map(([probe, timing]) => [probe, timing.hits]));
  }

  /** One line per probe that fired, in script order. */
  report(): string[] {
    const lines = ['----- probe hit report: '];
    for (const probe of this.program.probes) {
      const t = this.timings.get(probe.index);
      if (t === undefined) continue;
      const avg = Math.trunc(t.total / t.hits);
      const variance = t.hits > 1 ? Math.trunc(t.squares / (t.hits - 1)) : 0;
      lines.push(
        `${probe.point}, (${probe.location}), hits: ${t.hits}, nsecs: ${t.min}min/${avg}avg/${t.max}max, ` +
          `variance: ${variance}, from: ${probe.name}, index: ${probe.index}`,
      );
    }
    return lines;
  }
}
