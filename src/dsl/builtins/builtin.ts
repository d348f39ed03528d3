/**
 * A built-in function is one record: the type checker, the code generator, --dump-functions, the
 * generated reference page and editor help all read it. The record says what the function is;
 * runtime/builtins/<group>.ts says what it does, under the same name.
 *
 * Read beside it: SystemTap Tapset Reference Manual. The records are in <group>.ts beside this file,
 * the list of groups in registry.ts.
 */

/** Script types of parameters and results. `unknown` results are those of procedures. */
export type BuiltinType = 'long' | 'string' | 'unknown';

export interface BuiltinParameter {
  readonly name: string;
  /** `any`: long or string, whatever is given (kept as it is). */
  readonly type: 'long' | 'string' | 'any';
}

export interface Builtin {
  readonly name: string;
  readonly parameters: readonly BuiltinParameter[];
  readonly returns: BuiltinType;
  /** One line for --dump-functions. */
  readonly doc: string;
  /** Chapter of the reference: `strings`, `context`, … */
  readonly group: string;
  /** No effect beyond its value: a statement of it alone is elided with a warning. */
  readonly pure: boolean;
  /** Can raise a script error, so the place of the call is noted before it. */
  readonly fails?: boolean;
  /** Only with -g. */
  readonly guru?: boolean;
  /**
   * Overloads of one name with different numbers of parameters are separate records. The
   * implementation is `implementation ?? name` in the runtime's table.
   */
  readonly implementation?: string;
  /**
   * JS text for a call, inlined, from the JS texts of the arguments (each evaluated exactly once, in
   * order). `$s` is the State and `$rt` the Runtime of abi.ts.
   */
  readonly emit?: (args: readonly string[]) => string;
}

/** Makes records of one group: `b('strlen', 's:string', 'long', '…')`. */
export function builtinGroup(group: string) {
  return (
    name: string,
    parameters: string,
    returns: BuiltinType,
    doc: string,
    rest: Partial<Builtin> = {},
  ): Builtin => ({
    name,
    parameters: parseParameters(parameters),
    returns,
    doc,
    group,
    pure: returns !== 'unknown',
    ...rest,
  });
}

/** `'s:string, n:long'` → parameters; a parameter without type is `any`. */
function parseParameters(text: string): readonly BuiltinParameter[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', type] = part.split(':').map((s) => s.trim());
      return { name, type: type === 'long' || type === 'string' ? type : 'any' };
    });
}
