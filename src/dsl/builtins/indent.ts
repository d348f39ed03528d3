/** Records of indentation for call traces. Read beside it: Tapset Reference, "indent tapset"; runtime/builtins/indent.ts. */
import { builtinGroup } from './builtin.js';

const b = builtinGroup('indent');
const effect = { pure: false };

export const indent = [
  b(
    'thread_indent',
    'delta:long',
    'string',
    'Returns indentation with time, task and thread id; delta opens or closes levels.',
    effect,
  ),
  b('thread_indent_depth', 'delta:long', 'long', 'Returns the nesting depth of the current thread.', effect),
  b('indent', 'delta:long', 'string', 'Returns indentation with time, for all threads together.', effect),
  b('indent_depth', 'delta:long', 'long', 'Returns the global nesting depth.', effect),
];
