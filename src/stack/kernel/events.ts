// The event queue that all hosts of a lab share: virtual time in nanoseconds, and what is to happen when.
// Time moves only from one event to the next. Events of the same instant run in the order they were
// scheduled, which makes a run repeatable.

import { skbuff_cache } from '../net/core/skbuff/cache.js';

/** Something that is to happen at a time. Handles are never reused, so a late cancel does no harm. */
export class ScheduledEvent {
  /** ns of virtual time */
  readonly time: number;
  readonly sequence: number;
  run: () => void;
  /** Position in the heap; -1 when not queued. */
  index = -1;

  constructor(time: number, sequence: number, run: () => void) {
    this.time = time;
    this.sequence = sequence;
    this.run = run;
  }
}

/** @notrace */
function earlier(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}

export class EventQueue {
  /** ns of virtual time since the lab was started */
  now = 0;
  /** Called before each event: the host's clock is read there when probes want real durations. */
  onEvent: (() => void) | null = null;
  /** Freed packet buffers of all hosts. */
  readonly skbuff_cache = new skbuff_cache();
  private heap: ScheduledEvent[] = [];
  private sequence = 0;

  /**
   * @param time ns of virtual time; a time that is past means now
   * @param run what to do then
   */
  schedule(time: number, run: () => void): ScheduledEvent {
    const event = new ScheduledEvent(time > this.now ? time : this.now, this.sequence++, run);
    event.index = this.heap.length;
    this.heap.push(event);
    this.up(event.index);
    return event;
  }

  /** @returns whether the event was still to come */
  cancel(event: ScheduledEvent): boolean {
    if (event.index < 0) return false;
    this.removeAt(event.index);
    return true;
  }

  /** Time of the next event in ns, or Infinity. */
  nextTime(): number {
    return this.heap.length > 0 ? this.heap[0].time : Infinity;
  }

  /** Runs the next event, if there is one. */
  runNext(): boolean {
    const event = this.heap[0];
    if (event === undefined) return false;
    this.removeAt(0);
    this.now = event.time;
    if (this.onEvent !== null) this.onEvent();
    event.run();
    return true;
  }

  /** Runs all events up to and including `time` (ns), and leaves the clock there. */
  runUntil(time: number): void {
    while (this.nextTime() <= time) this.runNext();
    if (time > this.now) this.now = time;
  }

  get size(): number {
    return this.heap.length;
  }

  private removeAt(index: number): void {
    const heap = this.heap;
    const last = heap.pop() as ScheduledEvent;
    const removed = index < heap.length ? heap[index] : last;
    if (index < heap.length) {
      heap[index] = last;
      last.index = index;
      this.up(index);
      this.down(last.index);
    }
    removed.index = -1;
  }

  private up(index: number): void {
    const heap = this.heap;
    const event = heap[index];
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!earlier(event, heap[parent])) break;
      heap[index] = heap[parent];
      heap[index].index = index;
      index = parent;
    }
    heap[index] = event;
    event.index = index;
  }

  private down(index: number): void {
    const heap = this.heap;
    const event = heap[index];
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1], heap[child])) child++;
      if (!earlier(heap[child], event)) break;
      heap[index] = heap[child];
      heap[index].index = index;
      index = child;
    }
    heap[index] = event;
    event.index = index;
  }
}
