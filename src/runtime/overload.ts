// -DSTP_OVERLOAD_THRESHOLD=NS: a run is given up when its probes take more than so much of an interval of
// the host's time (STP_OVERLOAD_INTERVAL, 1 s unless set). SystemTap counts cycles, this counts nanoseconds;
// and it is off unless asked for, since nobody's kernel is slowed down. Read beside it: stap(1), STP_OVERLOAD.
import type { Handler } from '../dsl/abi.js';
import type { RunLimits } from './limits.js';

/** Handlers that keep account; the same ones where no threshold is set. */
export function watchOverload(
  handlers: readonly Handler[],
  limits: RunLimits,
  exceeded: () => void,
): readonly Handler[] {
  const { overloadThreshold, overloadInterval } = limits;
  if (overloadThreshold <= 0) return handlers;
  const interval = BigInt(overloadInterval);
  let began = process.hrtime.bigint();
  let spent = 0n;
  return handlers.map((handler) => (probe: number, ...values: unknown[]) => {
    const before = process.hrtime.bigint();
    if (before - began > interval) {
      began = before;
      spent = 0n;
    }
    const result = handler(probe, ...values);
    spent += process.hrtime.bigint() - before;
    if (spent > BigInt(overloadThreshold)) exceeded();
    return result;
  });
}
