// Strings of scripts: one char (0–255) per byte, cut silently at MAXSTRINGLEN - 1 bytes and at a NUL.
// Read beside it: stap(1), MAXSTRINGLEN.

/** Text of the outside world (names, paths) as the bytes that a script sees: UTF-8, one char per byte. */
export function fromText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}

/** A script's bytes as text, for messages shown to people. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Cuts at the first NUL and at `limit` - 1 bytes, as a C string buffer of `limit` bytes would. */
export function cut(text: string, limit: number): string {
  const nul = text.indexOf('\0');
  const end = nul < 0 ? text.length : nul;
  const most = limit - 1;
  return end <= most && nul < 0 ? text : text.slice(0, Math.min(end, most));
}
