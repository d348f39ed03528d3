// Source texts and places in them. A text is held as latin1: one JavaScript character per byte of the
// file, so that a column is a byte column and a string literal is the bytes that were written, as in
// SystemTap. Read beside it: ../syntax/token.ts (what stands at a place).

/** One script, tapset or macro-library text. */
export class SourceFile {
  /** The name that messages print: the path as given, or `<input>` for a text given with -e. */
  readonly name: string;
  /** The text, one character (0–255) per byte. */
  readonly text: string;
  /** Is this a file of the tapset (or another library), not the user's own script? */
  readonly library: boolean;
  private lineStarts: number[] | null = null;

  constructor(name: string, text: string, library = false) {
    this.name = name;
    this.text = text;
    this.library = library;
  }

  private starts(): number[] {
    if (this.lineStarts) return this.lineStarts;
    const starts = [0];
    for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1)) starts.push(i + 1);
    return (this.lineStarts = starts);
  }

  /** Line and column, both counted from 1, columns in bytes, of a byte offset. */
  lineCol(offset: number): { readonly line: number; readonly col: number } {
    const starts = this.starts();
    let lo = 0;
    let hi = starts.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (starts[mid] <= offset) lo = mid;
      else hi = mid - 1;
    }
    return { line: lo + 1, col: offset - starts[lo] + 1 };
  }

  /** The text of a line (counted from 1) without its line end; empty beyond the last. */
  lineText(line: number): string {
    const starts = this.starts();
    if (line < 1 || line > starts.length) return '';
    const end = line < starts.length ? starts[line] - 1 : this.text.length;
    return this.text.slice(starts[line - 1], end);
  }

  /** The byte offset of a line and column (both from 1), clamped to the text. */
  offset(line: number, col: number): number {
    const starts = this.starts();
    const start = starts[Math.min(Math.max(line, 1), starts.length) - 1];
    return Math.min(start + col - 1, this.text.length);
  }
}

/** A stretch of one source text: byte offsets, the end is exclusive. */
export interface Span {
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** `FILE:LINE:COL` of the span's start. */
export function placeText(span: Span): string {
  const { line, col } = span.source.lineCol(span.start);
  return `${span.source.name}:${line}:${col}`;
}
