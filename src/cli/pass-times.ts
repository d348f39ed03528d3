// -v: a line for each pass with what it made and how long it took. Read beside it: stap(1), -v.
import { readFileSync } from 'node:fs';
import type { Output } from '../runtime/output.js';

export class PassTimes {
  private readonly verbose: (pass: number) => boolean;
  private readonly output: Output;
  private last: NodeJS.CpuUsage;
  private clock: number;

  /** @param verbose does a pass, 1 to 5, say what it did? */
  constructor(verbose: (pass: number) => boolean, output: Output) {
    this.verbose = verbose;
    this.output = output;
    // The first pass bears the start of the process.
    this.last = { user: 0, system: 0 };
    this.clock = 0;
  }

  private say(pass: number, text: string, memory = true): void {
    const cpu = process.cpuUsage();
    const now = performance.now();
    if (this.verbose(pass)) {
      const ms = (us: number): number => Math.round(us / 1000);
      const user = ms(cpu.user - this.last.user);
      const system = ms(cpu.system - this.last.system);
      const real = Math.round(now - this.clock);
      this.output.message(
        `Pass ${pass}: ${text}${memory ? ` using ${memoryText()},` : ''} in ${user}usr/${system}sys/${real}real ms.`,
      );
    }
    this.last = cpu;
    this.clock = now;
  }

  /** A pass of the compiler is done. */
  readonly passed = (pass: 1 | 2 | 3, made: string): void => this.say(pass, made);

  /** The program is loaded, its place is ready. */
  starting(): void {
    this.say(4, 'loaded the program and its surroundings');
    if (this.verbose(5)) this.output.message('Pass 5: starting run.');
  }

  attached(): void {
    this.say(5, 'hooks attached', false);
  }

  ran(): void {
    this.say(5, 'run completed', false);
  }
}

/** Memory of this process as stap words it: virtual, resident, shared, data. */
function memoryText(): string {
  try {
    // Seven numbers of pages; a page is what the resident ones have in bytes.
    const [virtual, resident, shared, , , data] = readFileSync('/proc/self/statm', 'utf8').split(' ').map(Number);
    const page = Math.round(process.memoryUsage.rss() / resident / 4096) * 4;
    return `${virtual * page}virt/${resident * page}res/${shared * page}shr/${data * page}data kb`;
  } catch {
    return `${Math.round(process.memoryUsage.rss() / 1024)}res kb`;
  }
}
