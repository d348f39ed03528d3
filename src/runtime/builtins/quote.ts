// How bytes are shown as text: C escapes, three octal digits for what has no letter.
const letters: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** The text with every byte that is unprintable, a quote or a backslash escaped. */
export function quoteText(text: string): string {
  let out = '';
  for (const c of text) {
    const code = c.charCodeAt(0);
    if (letters[c]) out += letters[c];
    else if (code >= 32 && code < 127) out += c;
    else out += '\\' + code.toString(8).padStart(3, '0');
  }
  return out;
}
