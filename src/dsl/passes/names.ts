/** Small rules about names that lowering applies. Read beside it: lower.ts. */
import type { Builtin } from '../builtins/builtin.js';
import { diagnostic } from '../diagnostics/diagnostic.js';
import { RegexError, parseRegex } from '../regex/parse.js';
import { SourceFile } from '../source/source.js';
import type * as ast from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import type { Variable } from '../types/tree.js';
import { refuse } from './compilation.js';
import { walkSyntax } from './walk-syntax.js';

/** Sorts like SystemTap's mangled names, and keeps overloads apart. */
export function functionKey(f: ast.FunctionDecl): string {
  return `${f.name} ${f.tok.source.name} ${String(f.tok.start).padStart(9, '0')}`;
}

export function mentionsDefined(e: ast.Expr): boolean {
  let found = false;
  walkSyntax(e, (n) => {
    if (n.kind === 'defined' || n.kind === 'probewrite') found = true;
    return !found;
  });
  return found;
}

/** A place to point at for a function that no text declares. */
export function builtinToken(b: Builtin): Token {
  const parameters = b.parameters.map((p) => (p.type === 'any' ? p.name : `${p.name}:${p.type}`)).join(', ');
  const result = b.returns === 'unknown' ? '' : `:${b.returns}`;
  const source = new SourceFile(`tapset/${b.group}.stp`, `function ${b.name}${result} (${parameters})`, true);
  return { type: 'identifier', content: b.name, source, start: 9, end: 9 + b.name.length, via: null, fault: '' };
}

/** Fixes how many keys a variable has; a different number later is an error at both places. */
export function setArity(variable: Variable, arity: number, tok: Token): void {
  if (arity < 0) return;
  if (variable.arity < 0) {
    const { declaration } = variable;
    if (arity === 0 && declaration?.isArray)
      refuse(`inconsistent arity (array vs 0)`, tok, {
        key: 'inconsistent arity',
        because: diagnostic('semantic', 'declared as an array here', declaration.tok),
      });
    variable.arity = arity;
    variable.arityTok = tok;
    return;
  }
  if (variable.arity === arity) return;
  refuse(`inconsistent arity (${variable.arity} vs ${arity})`, tok, {
    key: 'inconsistent arity',
    because: diagnostic('semantic', `arity ${variable.arity} first inferred here`, variable.arityTok ?? variable.tok),
  });
}

export function checkRegex(pattern: ast.StringLit): void {
  try {
    parseRegex(pattern.value);
  } catch (e) {
    if (!(e instanceof RegexError)) throw e;
    refuse(e.report, pattern.tok, { key: 'regex compilation error' });
  }
}
