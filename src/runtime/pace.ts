// Ties virtual time to real time while something of the real world is awaited: a script that reads what is
// typed expects its timers to tick as the clock on the wall does. Read beside it: environment.ts, hold().

/** Longest sleep, in ms: how soon a stop from outside is noticed. */
const NAP = 50;

export class Pace {
  private holds = 0;
  private awaiting = 0;
  private wake: (() => void) | null = null;
  /** Real ms at which virtual time was `virtual` ns. */
  private real = 0;
  private virtual = 0;

  get held(): boolean {
    return this.holds > 0;
  }

  /** Is something awaited that is no event? */
  get awaits(): boolean {
    return this.awaiting > 0;
  }

  /** Begins to hold; the result ends it. */
  hold(awaits: boolean): () => void {
    let open = 1;
    const step = awaits ? 1 : 0;
    this.holds++;
    this.awaiting += step;
    this.real = 0;
    return () => {
      this.holds -= open;
      this.awaiting -= open * step;
      open = 0;
      this.wake?.();
    };
  }

  /** Waits until it is real time for an event at `at` ns (null: none), or a short while. */
  async until(at: number | null, now: number): Promise<void> {
    if (this.real === 0) {
      this.real = performance.now();
      this.virtual = now;
    }
    const wait = at === null ? NAP : Math.min(NAP, this.left(at));
    await new Promise<void>((resume) => {
      const timer = setTimeout(resume, Math.max(0, wait));
      this.wake = () => {
        clearTimeout(timer);
        resume();
      };
    });
    this.wake = null;
  }

  /** Is it too early for an event at `at` ns? */
  early(at: number): boolean {
    return this.held && this.left(at) > 0;
  }

  /** Real ms until virtual time `at`. */
  private left(at: number): number {
    return (at - this.virtual) / 1e6 - (performance.now() - this.real);
  }
}
