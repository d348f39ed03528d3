// A virtual clock and event queue of the runtime's own, for scripts that need no lab: begin, end, timer and
// error probes. Time jumps from event to event. Left out: hosts and tasks; the context's answers are those
// of a lone idle machine.
import type { ProbeContext } from '../dsl/target.js';
import type { Environment, Timer } from './environment.js';
import { Pace } from './pace.js';

interface Event extends Timer {
  readonly at: bigint;
  readonly order: number;
  action: (() => void) | null;
}

const earlier = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** 2026-01-01T00:00:00Z */
export const defaultEpoch = 1_767_225_600_000_000_000n;

/** How many events pass before the host's event loop (Ctrl-C, input) gets a turn. */
const TURN = 512;

export interface VirtualEnvironmentOptions {
  readonly epoch?: bigint;
  readonly clock?: 'host' | 'virtual';
  readonly uptime?: bigint;
}

export class VirtualEnvironment implements Environment {
  readonly context: ProbeContext;
  private now = 0n;
  private order = 0;
  private readonly heap: Event[] = [];
  private readonly pace = new Pace();
  /** When the event was first asked for the time, ms of the host; negative: not yet. */
  private began = -1;
  /** Time at that moment, ns. */
  private base = 0;

  /**
   * @param epoch wall clock at virtual time 0, ns since 1970
   * @param clock `host`: real time that passes within an event counts, too; `virtual`: none does
   * @param uptime how long the machine has been up at virtual time 0, ns
   */
  constructor({ epoch = defaultEpoch, clock = 'virtual', uptime = 0n }: VirtualEnvironmentOptions = {}) {
    const since = Number(uptime);
    const now = clock === 'virtual' ? () => Number(this.now) : () => this.hostTime();
    this.context = {
      hostname: () => 'localhost',
      execname: () => 'stapio',
      pid: () => 1,
      tid: () => 1,
      ppid: () => 0,
      uid: () => 0,
      gid: () => 0,
      cpu: () => 0,
      task: () => null,
      taskOf: () => null,
      argv: () => [],
      inInterrupt: () => false,
      now_ns: () => BigInt(now()) + uptime,
      now: () => now() + since,
      boot_ns: epoch - uptime,
      realtime_ns: () => epoch + BigInt(now()),
    };
  }

  after(ns: number, action: () => void): Timer {
    const event: Event = {
      at: this.now + BigInt(Math.max(0, Math.trunc(ns))),
      order: this.order++,
      action,
      cancel: () => {
        event.action = null;
      },
    };
    this.push(event);
    return event;
  }

  /** Virtual time and what the host has taken since the event began; an event begins where the one before it ended. */
  private hostTime(): number {
    if (this.began < 0) {
      this.base = Math.max(Number(this.now), this.base);
      this.began = performance.now();
    }
    return this.base + Math.round((performance.now() - this.began) * 1e6);
  }

  printk(): void {
    // There is no kernel whose log anyone could read.
  }

  hold(awaits: boolean): () => void {
    return this.pace.hold(awaits);
  }

  async run(stopped: () => boolean): Promise<void> {
    for (let turn = 1; !stopped(); turn++) {
      if (this.pace.held && (this.heap.length > 0 || this.pace.awaits)) {
        await this.pace.until(this.heap.length > 0 ? Number(this.heap[0].at) : null, Number(this.now));
        if (stopped()) return;
        if (this.heap.length === 0 || this.pace.early(Number(this.heap[0].at))) continue;
      }
      const event = this.pop();
      if (event === undefined) return;
      if (this.began >= 0) {
        this.base = this.hostTime();
        this.began = -1;
      }
      this.now = event.at;
      event.action?.();
      if (turn % TURN === 0) await new Promise((resume) => setImmediate(resume));
    }
  }

  private push(event: Event): void {
    const { heap } = this;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!earlier(event, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = event;
  }

  private pop(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1], heap[child])) child++;
      if (!earlier(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}
