// Options of the lab's programs in their own manner, as getopt(3) reads them: `-c 5 -s1400 -fq`, `--`.

import type { Process } from '../process.js';

export interface ParsedOptions {
  /** Option letters in order, each with its value ('' without one). */
  readonly options: readonly (readonly [letter: string, value: string])[];
  readonly operands: readonly string[];
}

/**
 * @param optstring as of getopt(3): letters, those with a value followed by a colon
 * @returns the options, or null after a message on standard error
 */
export function getopt(process: Process, optstring: string): ParsedOptions | null {
  const name = process.argv[0];
  const options: (readonly [string, string])[] = [];
  const operands: string[] = [];
  const args = process.argv.slice(1);
  while (args.length > 0) {
    const arg = args.shift() as string;
    if (arg === '--') {
      operands.push(...args.splice(0));
    } else if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg);
    } else {
      for (let letters = arg.slice(1); letters !== ''; letters = letters.slice(1)) {
        const letter = letters[0];
        const at = letter === ':' ? -1 : optstring.indexOf(letter);
        if (at < 0) {
          process.stderr(`${name}: invalid option -- '${letter}'\n`);
          return null;
        }
        if (optstring[at + 1] !== ':') {
          options.push([letter, '']);
          continue;
        }
        const value = letters.length > 1 ? letters.slice(1) : args.shift();
        if (value === undefined) {
          process.stderr(`${name}: option requires an argument -- '${letter}'\n`);
          return null;
        }
        options.push([letter, value]);
        break;
      }
    }
  }
  return { options, operands };
}

/** @returns the number, or null after a message, where the text is none or out of range */
export function integer(process: Process, text: string, min: number, max: number): number | null {
  const value = /^[+-]?(0[xX][0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) process.stderr(`${process.argv[0]}: invalid argument: '${text}'\n`);
  else if (value < min || value > max) {
    process.stderr(`${process.argv[0]}: invalid argument: '${text}': out of range: ${min} <= value <= ${max}\n`);
  } else return value;
  return null;
}

/** @returns ns, or null after a message; text is seconds with an optional fraction */
export function seconds(process: Process, text: string): number | null {
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text)) {
    process.stderr(`${process.argv[0]}: invalid argument: '${text}'\n`);
    return null;
  }
  return Math.round(Number(text) * 1e9);
}
