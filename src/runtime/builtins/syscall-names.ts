// System calls by their x86-64 numbers. Read beside it: dsl/builtins/context.ts, syscall-numbers.ts.
import { syscallNumbers } from '../../dsl/builtins/syscall-numbers.js';
import type { BuiltinGroup } from '../services.js';

export const syscallNames: BuiltinGroup = () => ({
  syscall_name: (number) => syscallNumbers[Number(number)] ?? String(number),
  syscall_num: (name) => syscallNumbers.indexOf(name as string),
});
