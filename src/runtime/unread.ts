// Globals that a program writes and never reads are printed at the end, by value or count descending.
// Read beside it: SystemTap Language Reference, "Variables" (automatic display).
import type { GlobalVariable, IterationOrder, LoadedGlobal, Stats, Value } from '../dsl/abi.js';

const descending: IterationOrder = { direction: -1, column: -1, by: 'count' };

const show = (value: Value): string => (typeof value === 'string' ? `"${value}"` : String(value));

function line(name: string, value: Value | Stats): string {
  if (typeof value !== 'object') return `${name}=${show(value)}\n`;
  // Of an empty one there is nothing but the count, which SystemTap writes so.
  if (value.count() === 0) return `${name} @count=0x0\n`;
  return `${name} @count=${value.count()} @min=${value.min()} @max=${value.max()} @sum=${value.sum()} @avg=${value.avg()}\n`;
}

/** The text that is printed for `unread`, a line for each scalar and each element. */
export function unreadText(unread: readonly GlobalVariable[], loaded: readonly LoadedGlobal[]): string {
  let text = '';
  for (const { name, index } of unread) {
    const global = loaded[index];
    if (global.kind === 'scalar') text += line(name, global.get());
    else if (global.kind === 'stats') text += line(name, global.stats);
    else {
      for (const cell of global.map.iterate(descending, undefined)) {
        text += line(`${name}[${cell.keys.map(show).join(',')}]`, cell.value);
      }
    }
  }
  return text;
}
