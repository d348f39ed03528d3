/**
 * What type inference has learnt, and what it has to complain about. Complaints are only said in the last round,
 * and of them only the most telling kind. Read beside it: infer.ts.
 */
import { diagnostic } from '../diagnostics/diagnostic.js';
import type { Token } from '../syntax/token.js';
import type { CType } from '../target.js';
import type { AssignExpr, BinaryExpr, Declaration, Expr, InferredType, Variable } from '../types/tree.js';
import type { Compilation } from './compilation.js';

/** Index of a declaration's part: -1 for itself, else the number of a key. */
type Part = number;

export class TypeFacts {
  protected readonly compilation: Compilation;
  protected resolvedCount = 0;
  protected unresolvedCount = 0;
  protected final = false;
  /** The most telling kind of complaint met: 0 unresolved … 3 a declaration used in two ways. */
  protected complexity = 0;
  /** The token that first gave a declaration, or a key of it, its type. */
  private readonly origins = new Map<Declaration, Map<Part, Token>>();

  constructor(compilation: Compilation) {
    this.compilation = compilation;
  }

  protected resolved(tok: Token, of?: Declaration, part: Part = -1): void {
    this.resolvedCount++;
    if (!of) return;
    let parts = this.origins.get(of);
    if (!parts) this.origins.set(of, (parts = new Map()));
    if (!parts.has(part)) parts.set(part, tok);
  }

  /** Counts a complaint; true if this is the round and the kind to be said. */
  protected complain(kind: number): boolean {
    this.unresolvedCount++;
    if (this.final && this.complexity <= kind) return true;
    if (this.complexity < kind) this.complexity = kind;
    return false;
  }

  protected unresolved(tok: Token): void {
    if (this.complain(0)) this.compilation.error('unresolved type ', tok);
  }

  protected invalid(tok: Token, type: InferredType): void {
    this.unresolvedCount++;
    if (!this.final) return;
    this.compilation.error(tok.type === 'operator' ? 'invalid operator' : `invalid type ${type}`, tok, {
      key: 'invalid type',
    });
  }

  protected sidesDiffer(e: BinaryExpr | AssignExpr): void {
    if (!this.complain(1)) return;
    this.compilation.error(
      `type mismatch: left and right sides don't agree (${e.left.type} vs ${e.right.type})`,
      e.tok,
      { key: 'type mismatch of sides' },
    );
  }

  protected mismatch(tok: Token, expected: InferredType, found: InferredType, kind = 2): void {
    if (!this.complain(kind)) return;
    this.compilation.error(`type mismatch: expected ${expected} but found ${found}`, tok, { key: 'type mismatch' });
  }

  /** `tok` uses a declaration (or a key of it) as `type`, which it is not. */
  protected conflict(tok: Token, type: InferredType, of: Declaration, part: Part = -1): void {
    if (!this.complain(3)) return;
    const declared = part >= 0 && 'keys' in of ? (of as Variable).keys[part] : of.type;
    const origin = this.origins.get(of)?.get(part);
    if (!origin) {
      this.compilation.error(`type mismatch: expected ${type} but found ${declared}`, tok, {
        key: 'type mismatch of declaration',
      });
      return;
    }
    this.compilation.error(`type mismatch (${type})`, tok, {
      key: 'type conflict',
      because: diagnostic('semantic', `type was first inferred here (${declared})`, origin),
    });
  }

  protected checkLocal(v: Variable): void {
    if (v.type !== 'stats') return;
    this.unresolvedCount++;
    if (this.final) this.compilation.error('stat locals not supported, missing global declaration? ', v.tok);
  }

  /** Brings an expression, what it refers to, and the type wanted of it together. */
  protected agree(e: Expr, of: Declaration, wanted: InferredType, acceptUnknown = false): void {
    if (wanted !== 'unknown' && e.type === wanted && e.type === of.type) return;
    if (wanted === 'unknown' && e.type !== 'unknown' && e.type === of.type) return;
    if (e.type !== 'unknown' && of.type !== 'unknown' && e.type !== of.type) return this.conflict(e.tok, e.type, of);
    if (e.type !== 'unknown' && wanted !== 'unknown' && e.type !== wanted) return this.conflict(e.tok, wanted, of);
    if (of.type !== 'unknown' && wanted !== 'unknown' && of.type !== wanted) return this.conflict(e.tok, wanted, of);
    if (e.type === 'unknown' && wanted !== 'unknown') return this.become(e, wanted);
    if (e.type === 'unknown' && of.type !== 'unknown') return this.become(e, of.type);
    if (e.type !== 'unknown' && of.type === 'unknown') {
      of.type = e.type;
      return this.resolved(e.tok, of);
    }
    if (!acceptUnknown) this.unresolved(e.tok);
  }

  protected become(e: Expr, type: InferredType): void {
    if (e.type !== 'unknown') return;
    e.type = type;
    this.resolved(e.tok);
  }

  protected learnDetail(of: { detail: CType | null }, detail: CType | null): void {
    if (of.detail || detail?.kind !== 'pointer') return;
    of.detail = detail;
    this.resolvedCount++;
  }
}
