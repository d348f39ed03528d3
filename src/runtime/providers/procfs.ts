// procfs("path").read and .write: files of the script under /proc/systemtap/MODULE on every host. Where the
// files appear is the surroundings' business (ProcFiles). Read beside it: stapprobes(3stap), "PROCFS".
import type { DerivedProbe } from '../../dsl/abi.js';
import type { AttachContext, Provider } from '../environment.js';
import { callWith } from './values.js';

export interface ProcFile {
  /** Text of the file at this moment, bytes as chars. */
  readonly read?: () => string;
  /** What one write(2) brought. */
  readonly write?: (text: string) => void;
  /** Permission bits. */
  readonly mode: number;
}

/** Makes a file of the script appear on the hosts; gives what takes it away. */
export type ProcFiles = (path: string, file: ProcFile) => () => void;

export class ProcfsProvider implements Provider {
  readonly handles = ['procfs'] as const;
  private readonly files: ProcFiles;
  private readonly shown: (() => void)[] = [];
  private readonly armed = new Set<DerivedProbe>();

  /** Without surroundings that have a /proc nobody reads or writes the files. */
  constructor(files: ProcFiles = () => () => {}) {
    this.files = files;
  }

  attach(probes: readonly DerivedProbe[], context: AttachContext): void {
    const paths = new Map<string, DerivedProbe[]>();
    for (const probe of probes) {
      this.armed.add(probe);
      if (probe.detail.provider !== 'procfs') continue;
      const mine = paths.get(probe.detail.path);
      if (mine === undefined) paths.set(probe.detail.path, [probe]);
      else mine.push(probe);
    }
    for (const [path, mine] of paths) {
      const of = (direction: 'read' | 'write') =>
        mine.filter((p) => p.detail.provider === 'procfs' && p.detail.direction === direction);
      const readers = of('read');
      const writers = of('write');
      const mode = mine.reduce((bits, p) => bits | (p.detail.provider === 'procfs' ? p.detail.umask : 0), 0);
      this.shown.push(
        this.files(path, {
          mode,
          read: readers.length === 0 ? undefined : () => readers.map((probe) => this.read(probe, context)).join(''),
          write:
            writers.length === 0 ? undefined : (text) => writers.forEach((probe) => this.write(probe, context, text)),
        }),
      );
    }
  }

  private read(probe: DerivedProbe, { handlers, runtime }: AttachContext): string {
    if (!this.armed.has(probe)) return '';
    return String(callWith(probe, handlers[probe.handler], { value: '' }, runtime.writes).value);
  }

  private write(probe: DerivedProbe, { handlers, runtime }: AttachContext, text: string): void {
    if (!this.armed.has(probe)) return;
    callWith(probe, handlers[probe.handler], { value: text.slice(0, runtime.limits.string) }, runtime.writes);
  }

  detach(probes: readonly DerivedProbe[]): void {
    for (const probe of probes) this.armed.delete(probe);
    if (this.armed.size > 0) return;
    for (const hide of this.shown.splice(0)) hide();
  }
}
