// What is said of a call that fits no function: another number of arguments, a function that this kernel cannot
// have, or a name nobody knows. Read beside it: lower.ts.
import { builtinsNamed } from '../builtins/registry.js';
import { absentFunction } from '../probepoints/absent.js';
import type * as ast from '../syntax/ast.js';
import { refuse } from './compilation.js';
import type { Compilation } from './compilation.js';
import { builtinToken } from './names.js';
import { similar } from './similar.js';

/** @param other a declared function of that name, if there is one */
export function refuseCall(compilation: Compilation, e: ast.FunctionCall, other: ast.FunctionDecl | undefined): never {
  const others = builtinsNamed(e.name);
  if (other)
    refuse(`arity mismatch found (function '${e.name}' takes ${other.params.length} args)`, e.tok, {
      key: 'function arity',
      also: other.tok,
    });
  if (others.length > 0)
    refuse(`arity mismatch found (function '${e.name}' takes ${others[0].parameters.length} args)`, e.tok, {
      key: 'function arity',
      also: builtinToken(others[0]),
    });
  const absent = absentFunction(e.name);
  if (absent !== undefined) refuse(`function ${e.name}: ${absent}`, e.tok, { key: `absent ${e.name}` });
  const near = similar(e.name, compilation.functionNames());
  return refuse(`unresolved function ${e.name}${near}`, e.tok, { key: 'unresolved function' });
}
