// The two streams of a run: the script's output (stdout) and messages (stderr). Text is one char per byte
// and is written as latin1. Output is gathered and written in large pieces; a message first flushes what
// was printed before it, so that both streams keep their order on one terminal.
import { writeSync } from 'node:fs';

export interface Output {
  /** The script's own output. */
  print(text: string): void;
  /** A line (without its newline) for people: errors, warnings, timings. */
  message(line: string): void;
  /** Text for people that has its line ends already. */
  messages(text: string): void;
  flush(): void;
}

const PIECE = 1 << 16;

/** Writes all of the bytes although the other end may be slow; the error's code if that cannot be, else ''. */
function writeAll(fd: number, bytes: Uint8Array): string {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code = 'EIO' } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN') return code;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return '';
}

/** Output to file descriptors, 1 and 2 as a rule; `-o FILE` hands in another for the first. */
export class DescriptorOutput implements Output {
  private readonly out: number;
  private readonly err: number;
  private pending = '';
  /** Called with the error's code when the script's output can no more be written: EPIPE when nobody reads it. */
  onClosed: ((code: string) => void) | null = null;
  /** What becomes of messages on their way, for colours. */
  dress: ((text: string) => string) | null = null;
  /** Called before anything is written, to make way on the terminal. */
  makeWay: (() => void) | null = null;
  private open = true;

  constructor(out = 1, err = 2) {
    this.out = out;
    this.err = err;
  }

  print(text: string): void {
    this.pending += text;
    if (this.pending.length >= PIECE) this.flush();
  }

  message(line: string): void {
    this.messages(line + '\n');
  }

  messages(text: string): void {
    this.flush();
    if (text === '') return;
    this.makeWay?.();
    writeAll(this.err, Buffer.from(this.dress?.(text) ?? text, 'latin1'));
  }

  flush(): void {
    if (this.pending === '') return;
    const text = this.pending;
    this.pending = '';
    if (!this.open) return;
    this.makeWay?.();
    const code = writeAll(this.out, Buffer.from(text, 'latin1'));
    if (code === '') return;
    this.open = false;
    this.onClosed?.(code);
  }
}

/** Output kept in memory, for the library and for tests. */
export class MemoryOutput implements Output {
  out = '';
  err = '';

  print(text: string): void {
    this.out += text;
  }

  message(line: string): void {
    this.err += line + '\n';
  }

  messages(text: string): void {
    this.err += text;
  }

  flush(): void {}
}
