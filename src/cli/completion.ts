// What a text of the language can go on with: words of the language, functions, probe points and the names
// in them, $variables of the probed function. Asked by the interactive session and the language server.
import type { Builtin } from '../dsl/builtins/builtin.js';
import { allBuiltins } from '../dsl/builtins/registry.js';
import { pointProviders } from '../dsl/probepoints/registry.js';
import type { FunctionSymbol, Target } from '../dsl/target.js';

const statements =
  'break catch continue delete else for foreach function global if in limit next private probe return try while';
const printers = 'print printd printdln printf println sprint sprintd sprintdln sprintf sprintln';
const operators = '@avg @cast @count @defined @entry @hist_linear @hist_log @max @min @sum @var @variance';

export interface Candidate {
  readonly text: string;
  readonly kind: 'keyword' | 'function' | 'point' | 'name' | 'variable';
  /** Signature or type. */
  readonly detail: string;
  readonly doc: string;
}

const plain =
  (kind: Candidate['kind'], detail = '') =>
  (text: string): Candidate => ({ text, kind, detail, doc: '' });

/** `ntohs:long (n:long)` */
export function signature(builtin: Builtin): string {
  const parameters = builtin.parameters.map((p) => (p.type === 'any' ? p.name : `${p.name}:${p.type}`));
  return `${builtin.name}${builtin.returns === 'unknown' ? '' : `:${builtin.returns}`} (${parameters.join(', ')})`;
}

export class Completer {
  private readonly target: Target;
  private language: Candidate[] | null = null;

  constructor(target: Target) {
    this.target = target;
  }

  /** What can follow `text`, and how many of its last characters the candidates replace. */
  complete(text: string): { readonly candidates: readonly Candidate[]; readonly replaces: number } {
    const quoted = /(\w+)\("([^"]*)$/.exec(text);
    if (quoted !== null) return this.starting(this.names(quoted[1]), quoted[2]);
    const variable = /\$(\w*)$/.exec(text);
    if (variable !== null) return this.starting(this.variables(text), variable[0]);
    const word = /[@\w.]*$/.exec(text)?.[0] ?? '';
    const before = text.slice(0, text.length - word.length);
    return this.starting(/\bprobe\s+([^{}]*,\s*)?$/.test(before) ? this.points() : this.words(), word);
  }

  private starting(all: readonly Candidate[], word: string) {
    return { candidates: all.filter((candidate) => candidate.text.startsWith(word)), replaces: word.length };
  }

  /** Words, operators and functions of the language. */
  words(): readonly Candidate[] {
    this.language ??= [
      ...statements.split(' ').map(plain('keyword')),
      ...printers.split(' ').map(plain('function')),
      ...operators.split(' ').map(plain('keyword')),
      ...allBuiltins().map((b): Candidate => ({ text: b.name, kind: 'function', detail: signature(b), doc: b.doc })),
    ];
    return this.language;
  }

  /** How probe points begin: `kernel.function("`, `timer.ms(`. */
  private points(): readonly Candidate[] {
    return pointProviders
      .filter((provider) => !provider.doc.startsWith('refused'))
      .flatMap((provider) =>
        provider.patterns.map((pattern) => {
          const argument = /\((string|number)\)/.exec(pattern);
          const text =
            argument === null ? pattern : pattern.slice(0, argument.index + 1) + (argument[1] === 'string' ? '"' : '');
          return { text, kind: 'point', detail: pattern, doc: provider.doc } as const;
        }),
      )
      .filter((candidate, i, all) => all.findIndex((other) => other.text === candidate.text) === i);
  }

  /** What may stand in the quotes of a point's component. */
  private names(functor: string): readonly Candidate[] {
    const { target } = this;
    switch (functor) {
      case 'function':
      case 'statement':
        return target.functions.map((f) => ({ text: f.name, kind: 'name', detail: `${f.file}:${f.line}`, doc: '' }));
      case 'trace':
        return target.tracepoints.map((t) => plain('name', t.system)(t.name));
      case 'module':
        return target.modules.map(plain('name'));
      case 'process':
        return target.programs.map(plain('name'));
      default:
        return [];
    }
  }

  /** Target variables of the probe in which the text ends. */
  private variables(text: string): readonly Candidate[] {
    const all = ['$$vars', '$$parms', '$$locals', '$$return'].map(plain('variable', 'string'));
    const symbol = this.probed(text);
    if (symbol === undefined) return all;
    const own = [...symbol.parameters, ...symbol.locals].map((v) => plain('variable', typeName(v.type))(`$${v.name}`));
    return [...own, plain('variable', typeName(symbol.returnType))('$return'), ...all];
  }

  /** The function that the last probe of a text is on. */
  probed(text: string): FunctionSymbol | undefined {
    const points = [...text.matchAll(/\.(function|statement|trace)\("([^"@]+)/g)];
    const last = points.at(-1);
    if (last === undefined) return undefined;
    return last[1] === 'trace'
      ? this.target.tracepoints.find((t) => t.name === last[2])?.symbol
      : this.target.functions.find((f) => f.name === last[2]);
  }
}

/** A type as listings spell it. */
export function typeName(type: FunctionSymbol['returnType']): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'int':
      return type.name;
    case 'pointer':
      return `${typeName(type.to)}*`;
    case 'struct':
      return `${type.union === true ? 'union' : 'struct'} ${type.name}`;
    case 'array':
      return `${typeName(type.of)}[${type.length === 0 ? '' : type.length}]`;
    case 'chars':
      return `char[${type.length === 0 ? '' : type.length}]`;
    case 'function':
      return '(function)*';
  }
}
