// What the compiler has to say, as data, and the text that SystemTap would print for it. Read beside it:
// error::pass1(7stap), error::pass2(7stap), warning(7stap). Rendering keeps SystemTap's two habits: similar
// messages are printed once, and the file name is left out where the message before was about the same file.
import { tokenPlace } from '../syntax/token.js';
import type { Token } from '../syntax/token.js';

export interface Diagnostic {
  /** `parse`: pass 1. `plain`: a bare line. `semantic`, `warning`: passes 2 and 3. */
  readonly kind: 'parse' | 'plain' | 'semantic' | 'warning';
  /** Messages with the same key are similar: all but the first are suppressed unless verbose. */
  readonly key: string;
  readonly message: string;
  /** Where; null for the end of a file (parse) or for no place. */
  readonly tok: Token | null;
  /** Parse errors: is `tok` the faulty token itself ("at:") or just the last one seen ("saw:")? */
  readonly role: 'at' | 'saw';
  /** Parse errors at the end of a file name it. */
  readonly file: string;
  /** A further message that explains this one, printed after it. */
  readonly because: Diagnostic | null;
  /** A second place that belongs to the same message, quoted below it. */
  readonly also?: Token | null;
}

/** Makes a semantic error or a warning; the key is the message unless a rule's name is given. */
export function diagnostic(
  kind: 'semantic' | 'warning',
  message: string,
  tok: Token | null,
  options: { readonly key?: string; readonly because?: Diagnostic | null; readonly also?: Token | null } = {},
): Diagnostic {
  const { key = message, because = null, also = null } = options;
  return { kind, key, message, tok, role: 'at', file: '', because, also };
}

/** `identifier 'x'`, `keyword`, `embedded-code`: a token as messages name it, without its place. */
export function tokenText(tok: Token): string {
  if (tok.type === 'keyword' || tok.type === 'embedded-code') return tok.type;
  return `${tok.type} '${tok.content.replace(/[^ -~]/g, '?')}'`;
}

/** The quoted source line and the caret below it; then, for macros, where they were called for. */
function sourceLines(tok: Token, indent: number): string {
  const { source, line, col } = tokenPlace(tok);
  const text = source.lineText(line);
  const pad = ' '.repeat(indent);
  const under = text
    .slice(0, col - 1)
    .replace(/\S/g, ' ')
    .padEnd(col - 1);
  let out = `${pad}source: ${text}\n${pad}        ${under}^\n`;
  if (tok.via) {
    const at = tokenPlace(tok.via);
    const place = `${at.source.name}:${at.line}:${at.col}`;
    out += `${pad}in expansion of macro: ${tokenText(tok.via)} at ${place}\n${sourceLines(tok.via, indent)}`;
  }
  return out;
}

export interface RenderOptions {
  /** Number of -v given: above 0 nothing is suppressed. */
  readonly verbose?: number;
  /** False for -w: no warnings. */
  readonly warnings?: boolean;
}

/** Renders all diagnostics of one compilation, in order; keeps what was said last between calls. */
export class DiagnosticPrinter {
  private readonly seen = new Set<string>();
  private readonly verbose: number;
  private readonly warnings: boolean;
  private lastFile: string | null = null;
  private suppressedErrors = 0;
  private suppressedWarnings = 0;

  constructor(options: RenderOptions = {}) {
    this.verbose = options.verbose ?? 0;
    this.warnings = options.warnings ?? true;
  }

  /** The text of one diagnostic, ending in a line end; '' if it is suppressed. */
  print(d: Diagnostic): string {
    if (d.kind === 'warning' && !this.warnings) return '';
    if (d.kind !== 'plain' && this.verbose === 0) {
      const key = `${d.kind} ${d.key}`;
      if (this.seen.has(key)) {
        if (d.kind === 'warning') this.suppressedWarnings++;
        else this.suppressedErrors++;
        return '';
      }
      this.seen.add(key);
    }
    switch (d.kind) {
      case 'plain':
        return `${d.message}\n`;
      case 'parse':
        return this.parseError(d);
      case 'semantic': {
        let out = '';
        for (let e: Diagnostic | null = d; e; e = e.because) {
          out += `semantic error: ${e.message}${this.place(e.tok)}\n${e.tok ? sourceLines(e.tok, 8) : ''}`;
          if (e.also) out += `${this.place(e.also).slice(2)}\n${sourceLines(e.also, 8)}`;
          out += '\n';
        }
        return out;
      }
      case 'warning':
        return `WARNING: ${d.message}${this.place(d.tok)}\n${d.tok ? sourceLines(d.tok, 1) : ''}`;
    }
  }

  private parseError(d: Diagnostic): string {
    let out = `parse error: ${d.message}\n`;
    if (!d.tok) return `${out}        saw: ${d.file} EOF\n\n`;
    const { source, line, col } = tokenPlace(d.tok);
    out += `${d.role === 'at' ? '         at: ' : '        saw: '}${tokenText(d.tok)} at ${source.name}:${line}:${col}\n`;
    return `${out}${sourceLines(d.tok, 5)}\n`;
  }

  /** `: identifier 'x' at FILE:1:2`, or ` at :1:2` in the file of the message before. */
  private place(tok: Token | null): string {
    if (!tok) return '';
    const { source, line, col } = tokenPlace(tok);
    const name = this.lastFile === source.name ? '' : source.name;
    this.lastFile = source.name;
    return `: ${tokenText(tok)} at ${name}:${line}:${col}`;
  }

  /** What is said at the end about messages that were suppressed. */
  summary(): string {
    const lines: string[] = [];
    if (this.suppressedErrors) lines.push(`Number of similar error messages suppressed: ${this.suppressedErrors}.`);
    if (this.suppressedWarnings)
      lines.push(`Number of similar warning messages suppressed: ${this.suppressedWarnings}.`);
    if (lines.length) lines.push('Rerun with -v to see them.');
    return lines.map((l) => `${l}\n`).join('');
  }
}
