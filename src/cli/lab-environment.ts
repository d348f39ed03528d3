// A lab as the surroundings of a session: its event queue is the clock, the task that runs is the context.
// Read beside it: runtime/environment.ts, lab/lab.ts, stack/kernel/current.ts.
import type { ProbeContext } from '../dsl/target.js';
import type { Lab } from '../lab/lab.js';
import type { Environment, Timer } from '../runtime/environment.js';
import { Pace } from '../runtime/pace.js';
import { current, running_kernel } from '../stack/kernel/current.js';
import { DEFAULT_EPOCH_NS } from '../stack/kernel/kernel.js';
import { printk } from '../stack/kernel/printk.js';

/** How many events pass before the host's event loop (Ctrl-C, input, Node's own sockets) gets a turn. */
const TURN = 2048;

/** Lets the host's event loop do what is ready: callbacks, promises, and what these make ready in turn. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resume) => setImmediate(resume));
}

export class LabEnvironment implements Environment {
  readonly context: ProbeContext;
  private readonly lab: Lab;
  /** Timers of ours that wait in the lab's queue. */
  private waiting = 0;
  private readonly pace = new Pace();
  /** What was done so far (setting the lab up) took no time. */
  readonly startClock: () => void = () => {};
  private driver: (() => void) | null = null;

  /** @param clock `host`: real time that passes within an event counts, too; `virtual`: none does */
  constructor(lab: Lab, clock: 'host' | 'virtual') {
    this.lab = lab;
    const { events } = lab;
    const epoch = lab.options.epoch_ns ?? DEFAULT_EPOCH_NS;
    let now = (): number => events.now;
    if (clock === 'host') {
      // A number of ms with ns behind the point: counting in bigints takes longer than reading the clock.
      // Until the first event (begin probes, attaching) only virtual time counts. Events may follow each other
      // faster than they take: each then begins where the one before it ended, so that every span is a real one.
      let began = -1;
      let base = 0;
      const time = (): number =>
        began < 0 ? Math.max(events.now, base) : base + Math.round((performance.now() - began) * 1e6);
      events.onEvent = () => {
        base = Math.max(events.now, time());
        began = performance.now();
      };
      now = time;
      this.startClock = () => {
        began = -1;
        base = events.now;
      };
    }
    const task = () => (running_kernel() === null ? null : current());
    this.context = {
      hostname: () => running_kernel()?.name ?? 'localhost',
      execname: () => task()?.comm ?? 'swapper/0',
      pid: () => task()?.tgid ?? 0,
      tid: () => task()?.pid ?? 0,
      ppid: () => task()?.parent?.tgid ?? 0,
      uid: () => task()?.uid ?? 0,
      gid: () => task()?.gid ?? 0,
      task,
      taskOf: (pid) => (pid === 0 ? running_kernel()?.idle : running_kernel()?.tasks.get(pid)) ?? null,
      argv: () => task()?.argv ?? [],
      cpu: () => 0,
      inInterrupt: () => {
        const softirq = running_kernel()?.softirq;
        return softirq !== undefined && (softirq.hardirq > 0 || softirq.serving);
      },
      now_ns: () => BigInt(now()),
      now,
      realtime_ns: () => epoch + BigInt(now()),
      boot_ns: epoch,
    };
  }

  after(ns: number, action: () => void): Timer {
    const { events } = this.lab;
    this.waiting++;
    const event = events.schedule(events.now + Math.max(0, ns), () => {
      this.waiting--;
      action();
    });
    return {
      cancel: () => {
        if (events.cancel(event)) this.waiting--;
      },
    };
  }

  printk(level: number, text: string): void {
    const kernel = running_kernel();
    if (kernel !== null) printk(kernel, level, text);
  }

  hold(awaits: boolean): () => void {
    return this.pace.hold(awaits);
  }

  /** Hands the events over to something that runs them itself, from beginning to end. */
  drivenBy(driver: () => void): this {
    this.driver = driver;
    return this;
  }

  /** Whether the scenario has ended, also for a Node program that was just told how its last connection ended. */
  private async over(): Promise<boolean> {
    if (this.lab.realPrograms > 0) await settle();
    return this.lab.finished;
  }

  async run(stopped: () => boolean): Promise<void> {
    const { lab, pace } = this;
    if (this.driver !== null) {
      this.driver();
      return;
    }
    const { events } = lab;
    for (let turn = 1; !stopped() && (pace.awaits || !lab.finished || !(await this.over())); turn++) {
      if (pace.held && (pace.awaits || events.size > this.waiting)) {
        await pace.until(events.size > 0 ? events.nextTime() : null, events.now);
        if (events.size === 0 || pace.early(events.nextTime())) continue;
        events.runNext();
        continue;
      }
      if (lab.realPrograms > 0 && !(events.nextTime() <= events.now)) {
        await settle();
        if (events.nextTime() <= events.now) continue;
      }
      // Nothing but our own timers is left: the programs wait for what will never come.
      if (events.size <= this.waiting || !events.runNext()) return;
      if (turn % TURN === 0) await new Promise((resume) => setImmediate(resume));
    }
    const end = events.now + lab.linger;
    while (!stopped() && events.size > this.waiting && events.nextTime() <= end) events.runNext();
  }
}
