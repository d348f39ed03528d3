// All implementations of built-in functions; the session makes one table of them. Read beside it:
// dsl/builtins/registry.ts, the records of the same groups.
import type { BuiltinGroup } from '../services.js';
import { ansi } from './ansi.js';
import { context } from './context.js';
import { errno } from './errno.js';
import { float } from './float.js';
import { indent } from './indent.js';
import { logging } from './logging.js';
import { memory } from './memory.js';
import { net, random } from './net.js';
import { speculation } from './speculation.js';
import { strings } from './strings.js';
import { symbols } from './symbols.js';
import { syscallNames } from './syscall-names.js';
import { time } from './time.js';

export const builtinGroups: readonly BuiltinGroup[] = [
  context,
  symbols,
  syscallNames,
  memory,
  time,
  strings,
  logging,
  ansi,
  indent,
  net,
  random,
  errno,
  speculation,
  float,
];
