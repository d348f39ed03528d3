// From a word of the script to the words that a command gets: variables, commands, arithmetic, fields (POSIX.1-2017,
// 2.6). Names of files (`*`, `?`) and `~` are left as they stand.

import type { Task } from '../../../stack/include/linux/sched.js';
import { arithmetic } from './arithmetic.js';
import type { List, Part, Word } from './syntax.js';

/** What expansions need of the shell that runs. */
export interface Expander {
  /** null: not set. */
  variable(name: string): string | null;
  assign(name: string, value: string): void;
  /** Runs the commands. @returns what they wrote to standard output */
  output(body: List): Task<string>;
}

function* valueOf(part: Part, shell: Expander): Task<string> {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'command':
      return (yield* shell.output(part.body)).replace(/\n+$/, '');
    case 'arithmetic': {
      const text = yield* expandText(part.word, shell);
      return String(arithmetic(text, (name) => shell.variable(name) ?? '0'));
    }
    case 'variable': {
      const value = shell.variable(part.name);
      const { operator } = part;
      if (operator === '#') return String((value ?? '').length);
      if (operator === '') return value ?? '';
      const unset = value === null || (operator.startsWith(':') && value === '');
      if (operator.endsWith('+')) return unset ? '' : yield* expandText(part.word, shell);
      if (!unset) return value ?? '';
      const other = yield* expandText(part.word, shell);
      if (operator.endsWith('=')) shell.assign(part.name, other);
      return other;
    }
  }
}

/** A word as one text, unsplit: an assignment's value, a redirection's target. */
export function* expandText(word: Word, shell: Expander): Task<string> {
  let text = '';
  for (const part of word) text += yield* valueOf(part, shell);
  return text;
}

/** A word as the arguments that it stands for: none, one, or several. */
export function* expandWord(word: Word, shell: Expander): Task<string[]> {
  const fields: string[] = [];
  let field: string | null = null;
  for (const part of word) {
    const value = yield* valueOf(part, shell);
    if (part.quoted || part.kind === 'text') {
      field = (field ?? '') + value;
      continue;
    }
    const pieces = value.split(/[ \t\n]+/);
    pieces.forEach((piece, i) => {
      if (i > 0 && field !== null) {
        fields.push(field);
        field = null;
      }
      if (piece !== '') field = (field ?? '') + piece;
    });
  }
  if (field !== null) fields.push(field);
  return fields;
}
