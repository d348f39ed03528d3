// -v: a line for each pass with what it made and how long it took. Read beside it: stap(1), -v.
import type { Output } from '../runtime/output.js';

export class PassTimes {
  private readonly verbose: number;
  private readonly output: Output;
  private last: NodeJS.CpuUsage;
  private clock: number;

  constructor(verbose: number, output: Output) {
    this.verbose = verbose;
    this.output = output;
    // The first pass bears the start of the process.
    this.last = { user: 0, system: 0 };
    this.clock = 0;
  }

  private say(text: string): void {
    if (this.verbose === 0) return;
    const cpu = process.cpuUsage();
    const now = performance.now();
    const ms = (us: number): number => Math.round(us / 1000);
    const user = ms(cpu.user - this.last.user);
    const system = ms(cpu.system - this.last.system);
    const kb = Math.round(process.memoryUsage.rss() / 1024);
    this.output.message(
      `${text} using ${kb}res kb, in ${user}usr/${system}sys/${Math.round(now - this.clock)}real ms.`,
    );
    this.last = cpu;
    this.clock = now;
  }

  /** A pass of the compiler is done. */
  readonly passed = (pass: 1 | 2 | 3, made: string): void => this.say(`Pass ${pass}: ${made}`);

  /** The program is loaded, its place is ready. */
  starting(): void {
    this.say('Pass 4: loaded the program and its surroundings');
    if (this.verbose > 0) this.output.message('Pass 5: starting run.');
  }

  attached(): void {
    this.say('Pass 5: hooks attached');
  }

  ran(): void {
    this.say('Pass 5: run completed');
  }
}
