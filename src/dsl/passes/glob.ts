/**
 * Shell patterns of probe points: `*`, `?`, `[abc]`, `{a,b}` is multiplied out by the parser. `**`
 * stands for any number of components and is handled in derive.ts.
 */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/** Does `text` match the shell pattern `pattern` as a whole? */
export function globMatch(pattern: string, text: string): boolean {
  return globMatcher(pattern)(text);
}

/** A test for one pattern, for use on many texts. */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (!isGlob(pattern)) return (text) => text === pattern;
  const re = compileGlob(pattern);
  return (text) => re.test(text);
}

function compileGlob(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '*') source += '.*';
    else if (c === '?') source += '.';
    else if (c === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) source += '\\[';
      else {
        const set = pattern
          .slice(i + 1, end)
          .replace(/\\/g, '\\\\')
          .replace(/^!/, '^');
        source += `[${set}]`;
        i = end;
      }
    } else source += c.replace(/[\\^$.|+(){}\]]/, '\\$&');
  }
  try {
    return new RegExp(`^(?:${source})$`, 's');
  } catch {
    return /^(?!)$/;
  }
}
