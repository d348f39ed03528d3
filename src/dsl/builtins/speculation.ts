/** Records of speculative output and floating point. Read beside it: Tapset Reference, "Speculation", "Floating point"; runtime/builtins/speculation.ts, float.ts. */
import { builtinGroup } from './builtin.js';

const b = builtinGroup('speculation');

export const speculation = [
  b('speculation', '', 'long', 'Makes a new id for speculative output.', { pure: false }),
  b('speculate', 'id:long', 'unknown', "Stores the rest of the handler's output under an id.", { fails: true }),
  b('commit', 'id:long', 'unknown', 'Prints all output stored under an id.'),
  b('discard', 'id:long', 'unknown', 'Forgets all output stored under an id.'),
];

const f = builtinGroup('floating point');

export const float = [
  f('fp_to_string', 'fp:long, precision:long', 'string', 'Returns a 64-bit floating point number as text.'),
  f('fp_to_string', 'fp:long', 'string', 'Returns a 64-bit floating point number as text.', {
    implementation: 'fp_to_string1',
  }),
  f('fp_to_long', 'fp:long, roundingmode:long, exact:long', 'long', 'Rounds a floating point number to an integer.'),
  f('long_to_fp', 'n:long', 'long', 'Makes a floating point number of an integer.'),
  f('string_to_fp', 'str:string', 'long', 'Makes a floating point number of a text.'),
  f('fp32_to_fp64', 'fp:long', 'long', 'Makes a 64-bit floating point number of a 32-bit one.'),
  f('fp_add', 'a:long, b:long', 'long', 'Adds two floating point numbers.'),
  f('fp_sub', 'a:long, b:long', 'long', 'Subtracts two floating point numbers.'),
  f('fp_mul', 'a:long, b:long', 'long', 'Multiplies two floating point numbers.'),
  f('fp_div', 'a:long, b:long', 'long', 'Divides two floating point numbers.'),
  f('fp_rem', 'a:long, b:long', 'long', 'The IEEE remainder of two floating point numbers.'),
  f('fp_sqrt', 'a:long', 'long', 'The square root of a floating point number.'),
  f('fp_eq', 'a:long, b:long', 'long', 'Are two floating point numbers equal?'),
  f('fp_le', 'a:long, b:long', 'long', 'Is the first floating point number less than or equal to the second?'),
  f('fp_lt', 'a:long, b:long', 'long', 'Is the first floating point number less than the second?'),
];
