/**
 * Visits every node below a node of the syntax tree, in text order, by the shape of the nodes alone (every
 * node is an object with a `kind`), so that a new kind needs no case here.
 */
import type { Expr, Item, ProbePoint, Stmt } from '../syntax/ast.js';

export type SyntaxNode = Expr | Stmt | Item | ProbePoint;

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}

/** Calls `f` on `node` and then on all below it; `f` returns false to leave out what is below. */
export function walkSyntax(node: SyntaxNode, f: (node: SyntaxNode) => boolean | void): void {
  if (f(node) === false) return;
  for (const name in node) {
    if (name === 'tok' || name === 'span') continue;
    const value: unknown = node[name as keyof typeof node];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) walkSyntax(item, f);
    } else if (isNode(value)) walkSyntax(value, f);
  }
}
