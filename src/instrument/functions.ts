// Which functions of a module can be probed: the top-level function declarations, generators and async
// functions included. Methods, closures and functions tagged @notrace are left alone, and so are those
// that use `this`, `arguments` or `new.target`, which a copy called in their place would not see.
// Read beside it: prologue.ts (what is written into them), extract.ts (what is recorded about them).
import ts from 'typescript';

/** A function declaration that gets a prologue. */
export interface ProbedFunction {
  readonly node: ts.FunctionDeclaration & { readonly name: ts.Identifier; readonly body: ts.Block };
  readonly name: string;
  /** Offset, in UTF-16 units, of the `async` or `function` keyword: where the function's own text begins. */
  readonly start: number;
  readonly exported: boolean;
  readonly generator: boolean;
  readonly async: boolean;
}

/** The functions of `file` that can be probed, in the order of their text. */
export function probedFunctions(file: ts.SourceFile): ProbedFunction[] {
  const found: ProbedFunction[] = [];
  for (const node of file.statements) {
    if (!ts.isFunctionDeclaration(node) || !node.name || !node.body) continue;
    if (hasTag(node, 'notrace') || usesCaller(node)) continue;
    const has = (kind: ts.SyntaxKind) => node.modifiers?.some((m) => m.kind === kind) ?? false;
    found.push({
      node: node as ProbedFunction['node'],
      name: node.name.text,
      start: functionStart(node, file),
      exported: has(ts.SyntaxKind.ExportKeyword),
      generator: node.asteriskToken !== undefined,
      async: has(ts.SyntaxKind.AsyncKeyword),
    });
  }
  return found;
}

/** The texts behind each tag `@name` in the doc comments of `node`, up to the end of the line. */
export function tagTexts(node: ts.Node, name: string): string[] {
  const pattern = new RegExp(`@${name}\\b([^\\n@*]*)`, 'g');
  return ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .flatMap((doc) => [...doc.getText().matchAll(pattern)])
    .map((match) => match[1].trim());
}

/** Whether a doc comment of `node` has the tag `@name`, on a line of its own or behind other text. */
export function hasTag(node: ts.Node, name: string): boolean {
  return tagTexts(node, name).length > 0;
}

function functionStart(node: ts.FunctionDeclaration, file: ts.SourceFile): number {
  const async = node.modifiers?.find((m) => m.kind === ts.SyntaxKind.AsyncKeyword);
  if (async) return async.getStart(file);
  const keyword = node.getChildren(file).find((child) => child.kind === ts.SyntaxKind.FunctionKeyword);
  return (keyword ?? node).getStart(file);
}

function usesCaller(node: ts.FunctionDeclaration): boolean {
  const visit = (at: ts.Node): boolean => {
    if (at.kind === ts.SyntaxKind.ThisKeyword || ts.isMetaProperty(at)) return true;
    if (ts.isIdentifier(at) && at.text === 'arguments') return true;
    if (ts.isParameter(at) && ts.isIdentifier(at.name) && at.name.text === 'this') return true;
    const own =
      ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at) || ts.isClassLike(at) || ts.isMethodDeclaration(at);
    if (own && at !== node) return false;
    return ts.forEachChild(at, visit) ?? false;
  };
  return visit(node);
}
