/** Records of the string functions. Read beside it: SystemTap Tapset Reference, "String and data retrieving", "String and data writing"; runtime/builtins/strings.ts. */
import { builtinGroup } from './builtin.js';

const b = builtinGroup('strings');

export const strings = [
  b('strlen', 's:string', 'long', 'Returns the length of a string in bytes.', { emit: ([s]) => `(${s}).length` }),
  b('substr', 'str:string, start:long, length:long', 'string', 'Returns a substring; empty when the range is bad.'),
  b('stringat', 'str:string, pos:long', 'long', 'Returns the signed byte at a position of a string.', { fails: true }),
  b('isinstr', 's1:string, s2:string', 'long', 'Returns 1 if the second string occurs in the first, else 0.', {
    emit: ([s, t]) => `((${s}).includes(${t}) ? 1 : 0)`,
  }),
  b('strpos', 's1:string, s2:string', 'long', 'Returns the position of the second string in the first, or -1.', {
    emit: ([s, t]) => `(${s}).indexOf(${t})`,
  }),
  b('isdigit', 'str:string', 'long', 'Returns 1 if the first character is a digit, else 0.'),
  b(
    'str_replace',
    'prnt_str:string, srch_str:string, rplc_str:string',
    'string',
    'Replaces all occurrences of a substring.',
  ),
  b(
    'strtol',
    'str:string, base:long',
    'long',
    'Converts the leading number of a string; base 0 takes 0x and 0 prefixes.',
  ),
  b(
    'tokenize',
    'input:string, delim:string',
    'string',
    'Returns the next token of a string; an empty input goes on with the last one.',
    {
      pure: false,
    },
  ),
  b('text_str', 'input:string', 'string', 'Escapes the unprintable characters of a string.'),
  b(
    'text_strn',
    'input:string, len:long, quoted:long',
    'string',
    'Escapes at most len characters, in quotes if asked to.',
  ),
  b('string_quoted', 'str:string', 'string', 'Escapes the unprintable characters of a string and puts it in quotes.'),
  b('matched', 'n:long', 'string', 'Returns a subexpression of the last regular expression that matched.', {
    fails: true,
    pure: false,
  }),
  b('ngroups', '', 'long', 'Returns the number of subexpressions of the last match.', { fails: true, pure: false }),
];
