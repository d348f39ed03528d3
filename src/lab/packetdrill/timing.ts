// When events are due, and whether what happened came in time.

import { PacketdrillFailure } from './failure.js';
import type { EventTime } from './syntax.js';

/** Span in which an event may come, in µs from the script's start; null: at any time. */
export interface Due {
  readonly from: number;
  readonly to: number;
}

/** @param base µs that a relative time counts from */
export function due(time: EventTime, base: number): Due | null {
  switch (time.kind) {
    case 'absolute':
      return { from: time.us, to: time.us };
    case 'relative':
      return { from: base + time.us, to: base + time.us };
    case 'absolute-range':
      return { from: time.us, to: time.end };
    case 'relative-range':
      return { from: base + time.us, to: base + time.end };
    case 'any':
      return null;
  }
}

/** The tolerance of a time that lies `gap` µs after the event before it. @param percent of the gap, where none is fixed */
export function toleranceOf(fixed: number | null, gap: number, percent: number): number {
  return fixed ?? Math.max(4000, Math.floor((gap * percent) / 100));
}

const seconds = (us: number): string => (us / 1e6).toFixed(6);

/** @param what `outbound packet`, `system call return` */
export function checkTime(what: string, span: Due, actual: number, tolerance: number): void {
  if (actual >= span.from - tolerance && actual <= span.to + tolerance) return;
  const when =
    span.from === span.to ? `at ${seconds(span.from)} sec` : `in [${seconds(span.from)}, ${seconds(span.to)}] sec`;
  const off = actual < span.from ? actual - span.from : actual - span.to;
  throw new PacketdrillFailure(
    `timing error: expected ${what} ${when} but happened at ${seconds(actual)} sec; tolerance ${seconds(tolerance)} sec, off by ${seconds(off)} sec`,
  );
}
