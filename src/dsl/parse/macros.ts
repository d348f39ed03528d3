// The first half of the preprocessor: takes `@define`s out of the token stream and puts a macro's body in
// place of each `@name`. Read beside it: stap(1), "PREPROCESSING", "PREPROCESSOR MACROS"; conditions.ts, the
// second half. Macros are unhygienic; an argument is expanded where the call stands.
import { refusals } from '../diagnostics/parse-errors.js';
import type { Token } from '../syntax/token.js';
import type { Lexer } from './lexer.js';
import { ParseError } from './parse-error.js';

export interface Macro {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: readonly Token[];
  /** From a .stpm file: its body sees no macros of the script. */
  readonly library: boolean;
}

/** A body that is being read: a macro's, or an argument's inside one. */
interface Activation {
  readonly macro: Macro | null;
  /** The `@name` that started it. */
  readonly tok: Token;
  readonly body: readonly Token[];
  next: number;
  /** Arguments by name: tokens, and the activation in which the call stood. */
  readonly args: ReadonlyMap<string, { readonly body: readonly Token[]; readonly scope: Activation | null }>;
  /** Where names in the body are looked up: itself for a macro, the caller's for an argument. */
  readonly scope: Activation | null;
  /** The activation in whose body the call stands. */
  readonly caller: Activation | null;
}

const noArgs: Activation['args'] = new Map();

/** Expansions of one file may yield this many tokens; more is a macro bomb. */
const maxTokens = 500_000;

export class MacroExpander {
  private readonly lexer: Lexer;
  private readonly library: ReadonlyMap<string, Macro>;
  private readonly isLibrary: boolean;
  private readonly active: Activation[] = [];
  private expanded = 0;
  /** The macros that this file defines. */
  readonly macros = new Map<string, Macro>();

  constructor(lexer: Lexer, library: ReadonlyMap<string, Macro>, isLibrary: boolean) {
    this.lexer = lexer;
    this.library = library;
    this.isLibrary = isLibrary;
  }

  /** The next token of the text or of the macro body that is being read. */
  private raw(): Token | null {
    for (;;) {
      const top = this.active.at(-1);
      if (!top) return this.lexer.next();
      if (top.next < top.body.length) {
        if (++this.expanded > maxTokens) {
          this.active.length = 0;
          throw new ParseError(refusals.macroSize(), top.tok);
        }
        const t = top.body[top.next++];
        return top.macro ? { ...t, via: top.tok } : t;
      }
      this.active.pop();
    }
  }

  /** The next token with macros expanded; with `disabled`, in text that a condition left out, unexpanded. */
  next(disabled = false): Token | null {
    for (;;) {
      const t = this.raw();
      if (!t || t.type !== 'operator' || disabled || t.content.charCodeAt(0) !== 64) return t;
      if (t.content === '@define') {
        this.define(t);
        continue;
      }
      if (!this.invoke(t)) return t;
    }
  }

  private define(at: Token): void {
    if (this.active.length) throw new ParseError(refusals.defineInMacro(), at);
    const name = this.raw();
    if (name?.type !== 'identifier') throw new ParseError(refusals.macroName(), name);
    if (this.macros.has(name.content)) throw new ParseError(refusals.macroTwice(name.content), name);
    const parameters: string[] = [];
    let t = this.raw();
    if (t?.type === 'operator' && t.content === '(') {
      for (;;) {
        const p = this.raw();
        if (p?.type !== 'identifier') throw new ParseError(refusals.macroParameter(), p);
        parameters.push(p.content);
        t = this.raw();
        if (t?.content === ',') continue;
        if (t?.content === ')') break;
        throw new ParseError(refusals.macroParameters(), t);
      }
      t = this.raw();
    }
    if (t?.content !== '%(' || t.type !== 'operator') throw new ParseError(refusals.macroBody(), t);
    const body: Token[] = [];
    for (let level = 1; ;) {
      t = this.raw();
      if (!t) throw new ParseError(refusals.macroOpen(), at);
      if (t.type === 'operator' && t.content === '%(') level++;
      else if (t.type === 'operator' && t.content === '%)' && --level === 0) break;
      body.push(t);
    }
    this.macros.set(name.content, { name: name.content, parameters, body, library: this.isLibrary });
  }

  /** Starts reading the body that `@name` stands for; false if there is no such macro. */
  private invoke(t: Token): boolean {
    const name = t.content.slice(1);
    const here = this.active.at(-1) ?? null;
    const scope = here ? here.scope : null;
    const arg = scope?.args.get(name);
    if (arg) {
      this.active.push({ macro: null, tok: t, body: arg.body, next: 0, args: noArgs, scope: arg.scope, caller: here });
      return true;
    }
    const macro = (scope?.macro?.library ? undefined : this.macros.get(name)) ?? this.library.get(name);
    if (!macro) return false;
    for (let s: Activation | null = scope; s; s = s.caller ? s.caller.scope : null) {
      if (s.macro === macro) throw new ParseError(refusals.macroRecursion(name), t);
    }
    const args = macro.parameters.length ? this.arguments(macro, scope) : noArgs;
    const activation: Activation = { macro, tok: t, body: macro.body, next: 0, args, scope: null, caller: here };
    this.active.push(Object.assign(activation, { scope: activation }));
    return true;
  }

  private arguments(macro: Macro, scope: Activation | null): Activation['args'] {
    const { name, parameters } = macro;
    const open = this.raw();
    if (open?.type !== 'operator' || open.content !== '(') {
      throw new ParseError(refusals.macroCall(name, parameters.length), open);
    }
    const args = new Map<string, { readonly body: readonly Token[]; readonly scope: Activation | null }>();
    for (let i = 0; ; i++) {
      const body: Token[] = [];
      let t: Token | null;
      for (let level = 0; ;) {
        t = this.raw();
        if (!t) throw new ParseError(refusals.macroCallOpen(), open);
        if (t.type === 'operator') {
          if (level === 0 && (t.content === ',' || t.content === ')')) break;
          if (t.content === '(') level++;
          else if (t.content === ')') level--;
        }
        body.push(t);
      }
      args.set(parameters[i], { body, scope });
      const last = i === parameters.length - 1;
      if (t.content === ')') {
        if (!last) throw new ParseError(refusals.macroFew(name, parameters.length), t);
        return args;
      }
      if (last) throw new ParseError(refusals.macroMany(name, parameters.length), t);
    }
  }
}
