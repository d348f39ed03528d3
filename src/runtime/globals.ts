// -G NAME=VALUE: sets globals before the first probe. Read beside it: stap(1), -G.
import type { GlobalVariable, LoadedGlobal } from '../dsl/abi.js';
import { StartError } from './errors.js';
import type { SessionRuntime } from './runtime.js';
import { fromText } from './strings.js';
import { fromBigInt } from './values.js';

/** Names that the program has not, and arrays, are ignored as SystemTap ignores them. */
export function setGlobals(
  globals: readonly GlobalVariable[],
  loaded: readonly LoadedGlobal[],
  settings: ReadonlyMap<string, string>,
  runtime: SessionRuntime,
): void {
  for (const { name, index, type } of globals) {
    const text = settings.get(name);
    const global = loaded[index];
    if (text === undefined || global?.kind !== 'scalar') continue;
    if (type === 'string') {
      global.set(runtime.cut(fromText(text)));
      continue;
    }
    const number = /^([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text.trim());
    if (number === null) throw new StartError(`invalid value '${text}' for global variable '${name}'`);
    const digits = /^0[0-7]+$/.test(number[2]) ? `0o${number[2].slice(1)}` : number[2];
    global.set(fromBigInt(number[1] === '-' ? -BigInt(digits) : BigInt(digits)));
  }
}
