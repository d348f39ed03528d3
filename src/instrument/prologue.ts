// Makes a module patchable: one `if` in front of each function body, on the line where the body opens, so
// that no line moves; an evaluator at the module's end, by which a copy of a function is later compiled in
// the module's own scope. The text worked on is the JavaScript left when the types are blanked out of the
// TypeScript in place: offsets of the syntax tree hold in it.
// Read beside it: patch.ts (what the inserted code calls), DESIGN "Plain functions, patchable prologue".
import MagicString from 'magic-string';
import ts from 'typescript';
import { probedFunctions, type ProbedFunction } from './functions.js';

/** How a module is made patchable. */
export interface PrologueOptions {
  /** The module's name, under which it is registered: its path below the source root without extension. */
  readonly module: string;
  /** The id of its first function; the others follow. Ids are indices into patch.ts's flags. */
  readonly firstId: number;
  /** Import specifier of the built patch.ts, as seen from the module. */
  readonly patch: string;
  /** Other changes of the text, made before the prologues are inserted. */
  readonly edit?: (out: MagicString) => void;
}

/** Parameters beyond this number are passed as one array. */
const DIRECT_PARAMETERS = 12;

/**
 * Inserts prologues and evaluator.
 * @param file the module's syntax tree
 * @param js its text with the types blanked in place
 * @returns the patchable text and the functions in it, whose ids count up from options.firstId
 */
export function insertPrologues(
  file: ts.SourceFile,
  js: string,
  options: PrologueOptions,
): { readonly code: string; readonly functions: readonly ProbedFunction[] } {
  const functions = probedFunctions(file);
  // Without functions, too, an evaluator makes views on bytes (`@cast(address, "iphdr")`) and finds variables (`@var`).
  if (functions.length === 0 && !file.statements.some(definesObjects)) return { code: js, functions };
  const out = new MagicString(js);
  options.edit?.(out);
  const used = new Set<string>();
  functions.forEach((fn, index) => {
    const call = dispatch(fn, options.firstId + index);
    used.add(call.name);
    out.appendLeft(fn.node.body.getStart(file) + 1, call.text);
  });
  const names = [...used].sort();
  const imports = ['$flags', '$module', ...names.map((name) => `${name} as $$${name.slice(1)}`)].join(', ');
  // Constants of the module's own, not the imports themselves, let the optimiser treat both as constants.
  const own = ['$F = $flags', ...names.map((name) => `${name} = $$${name.slice(1)}`)].join(', ');
  const from = JSON.stringify(options.patch);
  const head =
    functions.length > 0 ? `import { ${imports} } from ${from}; const ${own}; ` : `import { $module } from ${from}; `;
  const shebang = /^#![^\n]*\n/.exec(js)?.[0].length ?? 0;
  out.appendLeft(shebang, head);
  const ids = `${options.firstId}, ${functions.length}`;
  out.append(`\n$module(${JSON.stringify(options.module)}, ${ids}, ($text) => eval($text));\n`);
  return { code: out.toString(), functions };
}

/** A class, or a variable that holds an object: not the numbers and texts that most headers are made of. */
function definesObjects(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return ts.isClassDeclaration(statement);
  return statement.declarationList.declarations.some(({ initializer }) => {
    if (!initializer) return false;
    return (
      ts.isObjectLiteralExpression(initializer) ||
      ts.isArrayLiteralExpression(initializer) ||
      ts.isNewExpression(initializer)
    );
  });
}

function dispatch(fn: ProbedFunction, id: number): { name: string; text: string } {
  const give = fn.generator ? 'return yield*' : 'return';
  const parameters = fn.node.parameters;
  const direct =
    parameters.length <= DIRECT_PARAMETERS && parameters.every((p) => ts.isIdentifier(p.name) && !p.dotDotDotToken);
  const name = direct ? `$h${parameters.length}` : '$ha';
  let passed: string;
  if (direct) {
    passed = ['', ...parameters.map((p) => (p.name as ts.Identifier).text)].join(', ');
  } else {
    passed = ', arguments';
  }
  return { name, text: `if ($F[${id}]) ${give} ${name}(${id}${passed});` };
}
