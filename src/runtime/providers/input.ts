// input.char and input.line: what arrives on standard input while the script runs. At a terminal, input.char
// sees each key as it is pressed. Read beside it: stapprobes(3stap), "INPUT".
import type { Readable } from 'node:stream';
import type { DerivedProbe } from '../../dsl/abi.js';
import type { AttachContext, Provider } from '../environment.js';
import { valuesFor } from './values.js';

export class InputProvider implements Provider {
  readonly handles = ['input'] as const;
  private readonly from: Readable;
  private readonly probes = new Set<DerivedProbe>();
  private context: AttachContext | null = null;
  private release: (() => void) | null = null;
  private pending = '';

  constructor(from: Readable = process.stdin) {
    this.from = from;
  }

  attach(probes: readonly DerivedProbe[], context: AttachContext): void {
    for (const probe of probes) this.probes.add(probe);
    if (this.context !== null) return;
    this.context = context;
    this.release = context.environment.hold(true);
    this.raw(probes.some((probe) => probe.detail.provider === 'input' && probe.detail.event === 'char'));
    this.from.on('data', this.arrived);
    this.from.on('end', this.ended);
  }

  detach(probes: readonly DerivedProbe[]): void {
    for (const probe of probes) this.probes.delete(probe);
    if (this.probes.size > 0) return;
    this.from.off('data', this.arrived);
    this.from.off('end', this.ended);
    this.raw(false);
    this.from.pause();
    this.release?.();
    this.context = null;
  }

  private readonly arrived = (chunk: Buffer | string): void => {
    const text = typeof chunk === 'string' ? chunk : chunk.toString('latin1');
    for (const char of text) {
      // Raw mode hands Ctrl-C over as a character.
      if (char === '\x03') process.kill(process.pid, 'SIGINT');
      else this.fire('char', char);
    }
    const lines = (this.pending + text).split('\n');
    this.pending = lines.pop() ?? '';
    for (const line of lines) this.fire('line', line + '\n');
  };

  private readonly ended = (): void => {
    if (this.pending !== '') this.fire('line', this.pending);
    this.pending = '';
    this.release?.();
  };

  private fire(event: 'char' | 'line', text: string): void {
    const { context } = this;
    if (context === null) return;
    for (const probe of [...this.probes]) {
      if (probe.detail.provider !== 'input' || probe.detail.event !== event) continue;
      context.handlers[probe.handler](probe.index, ...valuesFor(probe, { [event]: text }));
    }
  }

  private raw(on: boolean): void {
    if (this.from === process.stdin && process.stdin.isTTY) process.stdin.setRawMode(on);
  }
}
