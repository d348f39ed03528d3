// Which functions a function calls, for `.callee`: the names in its body that are called directly. What a helper
// that cannot be probed (@notrace) calls counts as called by its caller, as the helper does not exist in the
// kernel. Calls through pointers and of methods are not known here.
// Read beside it: extract.ts; SystemTap's stapprobes(3), ".callee".
import ts from 'typescript';
import { probedFunctions } from './functions.js';

type Calls = ReadonlySet<string>;

/** The names that `body` calls, in the order of its text. */
function calledIn(body: ts.Node): Calls {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) names.add(node.expression.text);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return names;
}

/** Helpers of all modules that cannot be probed, by name, with what they call. */
export class Callees {
  private readonly ofFile = new Map<ts.SourceFile, Map<string, Calls>>();
  /** Names that one file alone has; another file's helper of the same name is somebody else's. */
  private readonly unique = new Map<string, { readonly file: ts.SourceFile; readonly calls: Calls } | null>();

  constructor(files: readonly ts.SourceFile[]) {
    for (const file of files) {
      const probed = new Set(probedFunctions(file).map((f) => f.name));
      const helpers = new Map<string, Calls>();
      this.ofFile.set(file, helpers);
      for (const node of file.statements) {
        if (!ts.isFunctionDeclaration(node) || !node.name || !node.body) continue;
        const name = node.name.text;
        if (probed.has(name)) {
          this.unique.set(name, null);
          continue;
        }
        const calls = calledIn(node.body);
        helpers.set(name, calls);
        this.unique.set(name, this.unique.has(name) ? null : { file, calls });
      }
    }
  }

  /** What a function's body in `file` calls, helpers looked through. */
  of(body: ts.Node, file: ts.SourceFile): string[] {
    const found = new Set<string>();
    const seen = new Set<Calls>();
    const add = (calls: Calls, at: ts.SourceFile): void => {
      if (seen.has(calls)) return;
      seen.add(calls);
      for (const name of calls) {
        const own = this.ofFile.get(at)?.get(name);
        const other = own ? undefined : this.unique.get(name);
        if (own) add(own, at);
        else if (other) add(other.calls, other.file);
        else found.add(name);
      }
    };
    add(calledIn(body), file);
    return [...found];
  }
}
