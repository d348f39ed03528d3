// What a text of the language can go on with: words of the language, functions, probe points and the names
// in them, $variables of the probed function. Asked by the interactive session and the language server.
import type { Builtin } from '../dsl/builtins/builtin.js';
import { allBuiltins } from '../dsl/builtins/registry.js';
import { pointProviders } from '../dsl/probepoints/registry.js';
import { SourceFile } from '../dsl/source/source.js';
import type { CType, FunctionSymbol, Target } from '../dsl/target.js';
import { declarationsOf, tokensOf, type Declaration } from './declarations.js';

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
  private readonly librarySources: readonly SourceFile[];
  private language: Candidate[] | null = null;
  private libraryScan: readonly Declaration[] | null = null;

  /** @param library the tapset's files, whose functions, macros and aliases are offered, too */
  constructor(target: Target, library: readonly SourceFile[] = []) {
    this.target = target;
    this.librarySources = library;
  }

  /** What the tapset declares. */
  library(): readonly Declaration[] {
    this.libraryScan ??= this.librarySources.flatMap(declarationsOf);
    return this.libraryScan;
  }

  /**
   * What can follow `text`, and how many of its last characters the candidates replace.
   * @param rest what stands behind the cursor: its declarations count, too
   */
  complete(text: string, rest = ''): { readonly candidates: readonly Candidate[]; readonly replaces: number } {
    const none = { candidates: [], replaces: 0 };
    const quoted = /\.?(\w+)\("([^"\n]*)$/.exec(text);
    if (quoted !== null && isPoint(text.slice(0, quoted.index))) return this.starting(this.names(quoted[1]), quoted[2]);
    const struct = /@cast\((?:[^"]*,)?\s*"(?:struct\s+|union\s+)?(\w*)$/.exec(text);
    if (struct !== null) return this.starting([...this.target.structs.keys()].map(plain('name')), struct[1]);
    if (insideText(text)) return none;
    const member = chain.exec(text);
    if (member !== null) {
      const type = this.typeOf(text, member[1], member[2]);
      return this.starting(this.fields(type), member[3]);
    }
    const variable = /\$(\w*)$/.exec(text);
    if (variable !== null) return this.starting(this.variables(text), variable[0]);
    const point = /\bprobe\s+(?:[^{}]*[,=]\s*)?([^{}\s,=]*)$/.exec(text);
    if (point !== null) return this.points(text + rest, point[1]);
    const word = /[@\w.]*$/.exec(text)?.[0] ?? '';
    return this.starting([...this.own(text, rest), ...this.words()], word);
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
      ...this.library().filter(isPublic).map(candidate),
    ];
    return this.language;
  }

  /** What the text itself declares, and the names used in the probe or function in which the cursor stands. */
  private own(text: string, rest: string): readonly Candidate[] {
    const source = new SourceFile('', text + rest);
    const declared = declarationsOf(source);
    const around = declared.find((d) => d.from <= text.length && text.length <= d.to && d.kind !== 'global');
    const names = new Set(around?.parameters);
    // The word that is being typed is no name yet.
    const typed = text.length - (/\w*$/.exec(text)?.[0].length ?? 0);
    if (around !== undefined) {
      const tokens = tokensOf(source);
      for (const [i, token] of tokens.entries()) {
        if (token.type !== 'identifier' || token.start < around.end || token.start >= typed) continue;
        if (/^\w/.test(token.content) && tokens[i + 1]?.content !== '(') names.add(token.content);
      }
    }
    const known = declared.filter((d) => d.kind === 'function' || d.kind === 'global' || d.kind === 'macro');
    for (const { name } of known) names.delete(name);
    return [...known.map(candidate), ...[...names].map(plain('variable'))];
  }

  /** Probe points: whole ones at first, then, behind an argument, component by component. */
  private points(text: string, typed: string) {
    const patterns = pointProviders.filter((provider) => !provider.doc.startsWith('refused'));
    if (!typed.includes('(')) {
      const aliases = [...declarationsOf(new SourceFile('', text)), ...this.library()].filter(
        (d) => d.kind === 'alias',
      );
      const all = [
        ...patterns.flatMap((provider) =>
          provider.patterns.map((pattern): Candidate => {
            const argument = /\((string|number)\)/.exec(pattern);
            const opened =
              argument === null
                ? pattern
                : pattern.slice(0, argument.index + 1) + (argument[1] === 'string' ? '"' : '');
            return { text: opened, kind: 'point', detail: pattern, doc: provider.doc };
          }),
        ),
        ...aliases.flatMap((alias) =>
          alias.name
            .split(/\s*=\s*/)
            .filter((name) => !name.startsWith('_'))
            .map((text): Candidate => ({ text, kind: 'point', detail: alias.head, doc: alias.doc })),
        ),
      ];
      return this.starting(
        all.filter((one, i) => all.findIndex((other) => other.text === one.text) === i),
        typed,
      );
    }
    const dot = typed.lastIndexOf('.');
    const before = typed
      .slice(0, dot + 1)
      .replaceAll(/\("[^"]*"\)/g, '(string)')
      .replaceAll(/\(-?\d\w*\)/g, '(number)');
    const following = new Map<string, Candidate>();
    for (const { patterns: texts, doc } of patterns) {
      for (const pattern of texts.filter((text) => text.startsWith(before))) {
        const next = /^\w+(\((string|number)\)?)?/.exec(pattern.slice(before.length));
        if (next === null) continue;
        const text = next[0].replace('(string)', '("').replace('(number)', '(');
        following.set(text, { text, kind: 'point', detail: pattern, doc });
      }
    }
    return this.starting([...following.values()], typed.slice(dot + 1));
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

  /** Fields of a structure, or of what a pointer leads to. */
  private fields(type: CType | undefined): readonly Candidate[] {
    const to = type?.kind === 'pointer' ? type.to : type;
    if (to?.kind !== 'struct') return [];
    return (this.target.structs.get(to.name)?.fields ?? []).map((f) => plain('variable', typeName(f.type))(f.name));
  }

  /**
   * The type of a chain of accesses.
   * @param root `$skb`, or `@cast(…, "sk_buff")`
   * @param accesses `->dev->name`, `->frags[0]`; may be empty
   */
  typeOf(text: string, root: string, accesses: string): CType | undefined {
    let type: CType | undefined;
    const cast = /^@cast\(.*,\s*"(?:struct\s+|union\s+)?(\w+)"[^"]*\)$/s.exec(root);
    if (cast !== null) type = { kind: 'struct', name: cast[1] };
    else {
      const symbol = this.probed(text);
      const variable = [...(symbol?.parameters ?? []), ...(symbol?.locals ?? [])].find((v) => `$${v.name}` === root);
      type = root === '$return' ? symbol?.returnType : variable?.type;
    }
    for (const [, field, index] of accesses.matchAll(/->(\w+)|(\[)/g)) {
      if (index !== undefined) {
        type = type?.kind === 'array' ? type.of : type?.kind === 'pointer' ? type.to : undefined;
        continue;
      }
      const to = type?.kind === 'pointer' ? type.to : type;
      const fields = to?.kind === 'struct' ? this.target.structs.get(to.name)?.fields : undefined;
      type = fields?.find((f) => f.name === field)?.type;
    }
    return type;
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

/** A chain of accesses and the field that is being typed. */
export const chain = /(\$\w+|@cast\((?:[^()]|\([^()]*\))*\))((?:->\w+|\[[^\]]*\])*)->(\w*)$/;

/** Does a text end within a probe's points? */
const isPoint = (text: string): boolean => /\bprobe\s[^{}]*$/.test(text);

/** Does a text end within a string or a comment? */
function insideText(text: string): boolean {
  for (const [piece, close] of text.matchAll(/"(?:[^"\\\n]|\\[^])*("?)|\/\*[^]*?(?:\*\/|$)|\/\/.*|[$@]#|#.*/g)) {
    if (piece.startsWith('"') && close === '' && text.endsWith(piece)) return true;
    if (/^(\/|#)/.test(piece) && !piece.endsWith('*/') && text.endsWith(piece)) return true;
  }
  return false;
}

const isPublic = (d: Declaration): boolean =>
  !d.name.startsWith('_') && !d.head.startsWith('private') && (d.kind === 'function' || d.kind === 'macro');

/** A declared name as a candidate. */
function candidate({ kind, name, head, doc }: Declaration): Candidate {
  if (kind === 'macro') return { text: `@${name}`, kind: 'keyword', detail: head, doc };
  return { text: name, kind: kind === 'function' ? 'function' : 'variable', detail: head, doc };
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
