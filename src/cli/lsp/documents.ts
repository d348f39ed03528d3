// A text that an editor shows: places in it as the protocol counts them (lines and UTF-16 units, from 0) and as the
// compiler does (bytes). Read beside it: dsl/source/source.ts, server.ts.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SourceFile } from '../../dsl/source/source.js';
import { fromText, toText } from '../../runtime/strings.js';
import { declarationsOf, type Declaration } from '../declarations.js';

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A stretch of the text: offsets in bytes. */
export interface Stretch {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export class Document {
  readonly uri: string;
  readonly source: SourceFile;
  private known: readonly Declaration[] | null = null;

  constructor(uri: string, text: string) {
    this.uri = uri;
    this.source = new SourceFile(uri.startsWith('file:') ? fileURLToPath(uri) : uri, fromText(text));
  }

  /** A file of the tapset. */
  static of(source: SourceFile): Document {
    return new Document(pathToFileURL(source.name).href, toText(source.text));
  }

  get declarations(): readonly Declaration[] {
    this.known ??= declarationsOf(this.source);
    return this.known;
  }

  private position(offset: number): Position {
    const { line, col } = this.source.lineCol(Math.min(offset, this.source.text.length));
    return { line: line - 1, character: toText(this.source.lineText(line).slice(0, col - 1)).length };
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(end) };
  }

  private offset({ line, character }: Position): number {
    const text = toText(this.source.lineText(line + 1));
    return this.source.offset(line + 1, fromText(text.slice(0, character)).length + 1);
  }

  /** The text before and behind a place. */
  around(position: Position): { readonly before: string; readonly after: string } {
    const offset = this.offset(position);
    return { before: this.source.text.slice(0, offset), after: this.source.text.slice(offset) };
  }

  private stretchAt(position: Position, pattern: RegExp): Stretch | undefined {
    const offset = this.offset(position);
    const line = this.source.lineText(position.line + 1);
    const start = this.source.offset(position.line + 1, 1);
    for (const match of line.matchAll(pattern)) {
      const from = start + match.index;
      const end = from + match[0].length;
      if (from <= offset && offset <= end) return { text: match[0], start: from, end };
    }
    return undefined;
  }

  /** The word at a place, `$` and `@` included. */
  wordAt(position: Position): Stretch | undefined {
    return this.stretchAt(position, /[$@]{0,2}\w+/g);
  }

  /** The probe point at a place, if it has no arguments: an alias's name. */
  pointAt(position: Position): Stretch | undefined {
    return this.stretchAt(position, /\w+(?:\.\w+)+/g);
  }

  /** The call in whose parentheses a place stands, and which argument it is in, from 0. */
  callAround(position: Position): { readonly name: string; readonly argument: number } | null {
    const before = this.around(position).before.slice(-4000);
    const open: { name: string; argument: number }[] = [];
    for (const [piece, name] of before.matchAll(/"(?:[^"\\\n]|\\[^])*"?|(@?\w*)\s*\(|[[\])},;{]/g)) {
      if (piece.startsWith('"')) continue;
      const last = open.at(-1);
      if (name !== undefined) open.push({ name, argument: 0 });
      else if (piece === '[') open.push({ name: '', argument: 0 });
      else if (piece === ')' || piece === ']') open.pop();
      else if (piece === ',' && last !== undefined) last.argument++;
      else if (piece !== ',') open.length = 0;
    }
    const call = open.at(-1);
    return call === undefined || call.name === '' ? null : call;
  }
}
