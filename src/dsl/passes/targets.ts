/**
 * Target expressions: `$var`, `->`, `[]`, `&`, `$$vars` and friends, `$x$`, @cast, @var. What cannot be found
 * becomes an `unresolved` expression, which is an error only if it is still there when types are inferred.
 * Read beside it: SystemTap Language Reference 3.3, "Target variables"; stapprobes(3stap).
 */
import { builtin } from '../builtins/registry.js';
import { diagnostic } from '../diagnostics/diagnostic.js';
import type { ProbeScope } from '../probepoints/provider.js';
import type * as ast from '../syntax/ast.js';
import { tokenAt } from '../syntax/token.js';
import type { Token } from '../syntax/token.js';
import type { CType, Target, Variable } from '../target.js';
import { elementOf, namedType, structOf, typeText } from '../types/ctypes.js';
import type {
  ContextRef,
  Expr,
  NumberExpr,
  PrintExpr,
  TargetExpr,
  TargetRoot,
  TargetStep,
  UnresolvedExpr,
} from '../types/tree.js';

/** What resolving needs of the lowering around it. */
export interface TargetContext {
  readonly target: Target;
  readonly scope: ProbeScope;
  /** True while an expression is evaluated at entry for a return probe. */
  readonly atEntry: boolean;
  lower(e: ast.Expr): Expr;
  /** Notes that the handler needs this value. */
  use(ref: ContextRef): void;
  /** The value that an expression has at the function's entry. */
  capture(make: () => Expr, text: string, tok: Token): Expr;
}

export function unresolved(tok: Token, message: string | null): UnresolvedExpr {
  const error = message === null ? null : diagnostic('semantic', message, tok, { key: message.split("'")[0] });
  return { kind: 'unresolved', tok, type: 'unknown', detail: null, error };
}

const isContextName = (name: string) =>
  name === '$$vars' || name === '$$parms' || name === '$$locals' || name === '$$return';

export function resolveTarget(e: ast.TargetExpr, context: TargetContext): Expr {
  const { root } = e;
  switch (root.kind) {
    case 'var': {
      if (isContextName(root.name)) return contextString(e, root.name, context);
      return contextVariable(e, root.name.slice(1), context);
    }
    case 'atvar': {
      const file = root.cu;
      const found = context.target.variables.find(
        (v) => v.name === root.name && (file === '' || v.file === file || v.file.endsWith(`/${file}`)),
      );
      if (!found)
        return unresolved(
          e.tok,
          `unable to find global '${root.name}'${file ? ` in '${file}'` : ''} [man error::dwarf]`,
        );
      const made: TargetRoot = {
        kind: 'global',
        name: found.name,
        file: found.file,
        module: found.module,
        type: found.type,
      };
      return follow(e, made, found.type, context);
    }
    case 'cast': {
      const type = namedType(context.target, root.type);
      // Without a module the type is looked for where the probe is; a literal there is no address of a kernel's.
      const nowhere = root.module === '' && context.scope.when === 'none' && root.operand.kind === 'number';
      if (!type || nowhere || !knowsModule(context.target, root.module))
        return unresolved(e.tok, `type definition '${root.type}' not found in '${root.module}'`);
      const operand = context.lower(root.operand);
      const pointed: CType = type.kind === 'pointer' ? type.to : type;
      // A cast to a pointer or to a struct takes the number for the address of what it names.
      return follow(e, { kind: 'address', operand, type: pointed }, { kind: 'pointer', to: pointed }, context);
    }
    case 'autocast': {
      const operand = context.lower(root.operand);
      const resolve = (detail: CType): Expr => {
        if (operand.kind === 'target' && !operand.addressOf && operand.pretty === 0 && operand.leaf.kind === 'pointer')
          return follow(e, operand.root, operand.leaf, context, operand.steps);
        const pointed = detail.kind === 'pointer' ? detail.to : detail;
        return follow(e, { kind: 'address', operand, type: pointed }, { kind: 'pointer', to: pointed }, context);
      };
      if (operand.detail) return resolve(operand.detail);
      return { kind: 'autocast', tok: e.tok, type: 'unknown', detail: null, operand, resolve };
    }
  }
}

/** Does one of the modules of a @cast (`kernel<linux/skbuff.h>:nf_nat`) exist? */
function knowsModule(target: Target, modules: string): boolean {
  return modules.split(':').some((m) => {
    const name = m.replace(/<.*/, '');
    if (name === '' || name === 'kernel' || target.modules.includes(name) || target.programs.includes(name))
      return true;
    return target.functions.some((f) => target.loadable?.(f.file) === name);
  });
}

/** The parameters, locals, return value or provider's values that can be read in a scope. */
export function visibleVariables(scope: ProbeScope): readonly Variable[] {
  const { symbol } = scope;
  if (!symbol) return scope.values;
  const locals = symbol.locals.filter((l) => scope.line >= l.firstLine && scope.line <= l.lastLine);
  return scope.when === 'statement' ? [...symbol.parameters, ...locals] : symbol.parameters;
}

/** What `$name` is in a scope, or null. */
export function findContextValue(scope: ProbeScope, name: string): ContextRef | null {
  if (name === 'return') {
    const type = scope.symbol?.returnType;
    if (scope.when === 'return' && type && type.kind !== 'void') return { kind: 'return', name, type };
    const given = scope.values.find((v) => v.name === name);
    return given ? { kind: 'value', name, type: given.type } : null;
  }
  const { symbol } = scope;
  if (!symbol) {
    const value = scope.values.find((v) => v.name === name);
    if (!value) return null;
    return { kind: 'value', name, type: value.type, ...(value.script ? { script: value.script } : {}) };
  }
  if (scope.when === 'statement') {
    const local = symbol.locals.findLast(
      (l) => l.name === name && scope.line >= l.firstLine && scope.line <= l.lastLine,
    );
    if (local) return { kind: 'local', name, type: local.type };
  }
  const parameter = symbol.parameters.find((p) => p.name === name);
  return parameter ? { kind: 'param', name, type: parameter.type } : null;
}

function contextVariable(e: ast.TargetExpr, name: string, context: TargetContext): Expr {
  const { scope } = context;
  if (scope.blind && !e.tok.source.library) return unresolved(e.tok, null);
  const ref = findContextValue(scope, name) ?? numberedArgument(scope, name);
  if (!ref) {
    const { symbol } = scope;
    if (scope.missing !== undefined) return unresolved(e.tok, scope.missing);
    if (!symbol && scope.values.length > 0)
      return unresolved(e.tok, `unable to find '$${name}' (alternatives: ${names(scope.values)})`);
    if (!symbol) return unresolved(e.tok, null);
    if (name === 'return')
      return unresolved(
        e.tok,
        scope.when === 'return'
          ? `function ${symbol.name} (${symbol.file}) has no return value`
          : "unable to find local '$return' outside a .return probe",
      );
    const visible = visibleVariables(scope);
    const alternatives = visible.length > 0 ? ` (alternatives: ${names(visible)})` : '';
    return unresolved(
      e.tok,
      `unable to find local '${name}', [man error::dwarf] in ${symbol.name} ${symbol.file}:${scope.line}${alternatives}`,
    );
  }
  // The stack's tracepoints have no return address to hand over: who called is looked up when it is asked for.
  if (name === 'location' && scope.symbol?.name.startsWith('trace_') && ref.type.kind === 'int') {
    const record = builtin('__location', 0) ?? null;
    return { kind: 'call', tok: e.tok, type: 'long', detail: null, name, targets: [], builtin: record, args: [] };
  }
  const make = (): Expr => {
    context.use(ref);
    return follow(e, { kind: 'context', ref }, ref.type, context);
  };
  // In a return probe a parameter is the one that the function was entered with.
  if (scope.when === 'return' && ref.kind === 'param' && !context.atEntry) return context.capture(make, text(e), e.tok);
  return make();
}

/** `$arg1`, `$arg2` …: the parameters by number, for the tapset's int_arg() and its kin. */
function numberedArgument(scope: TargetContext['scope'], name: string): ReturnType<typeof findContextValue> {
  const number = /^arg([1-9]\d?)$/.exec(name);
  const parameter = number ? scope.symbol?.parameters[Number(number[1]) - 1] : undefined;
  return parameter ? findContextValue(scope, parameter.name) : null;
}

const names = (variables: readonly Variable[]) => variables.map((v) => `$${v.name}`).join(', ');

const text = (e: ast.Expr) => e.span.source.text.slice(e.span.start, e.span.end);

/** Walks the components from a root; the result is a value, an address or a text. */
function follow(
  e: ast.TargetExpr,
  root: TargetRoot,
  rootType: CType,
  context: TargetContext,
  before: readonly TargetStep[] = [],
): Expr {
  const steps: TargetStep[] = [...before];
  let type = rootType;
  let pretty: 0 | 1 | 2 = 0;
  for (const c of e.components) {
    if (c.kind === 'pretty') {
      pretty = c.depth >= 2 ? 2 : 1;
    } else if (c.kind === 'field') {
      const counter = counterOf(type, c.name);
      if (counter) {
        type = counter;
        // Of an address alone the number that lies there is meant, not the address.
        if (steps.length === 0 && root.kind === 'address')
          steps.push({ kind: 'index', index: zero(c.tok), type, tok: c.tok });
        continue;
      }
      const struct = structOf(type, context.target);
      if (!struct) {
        const inner = type.kind === 'pointer' ? type.to : type;
        return unresolved(
          c.tok,
          inner.kind === 'struct'
            ? `unresolved type ${typeText(inner)}`
            : `invalid access '->${c.name}' vs '${typeText(type)}'`,
        );
      }
      const field = struct.fields.find((f) => f.name === c.name);
      if (!field) {
        const alternatives = struct.fields.map((f) => f.name).join(', ');
        const kind = struct.union ? 'union' : 'struct';
        return unresolved(
          c.tok,
          `unable to find member '${c.name}' for ${kind} ${struct.name} [man error::dwarf] (alternatives: ${alternatives})`,
        );
      }
      steps.push({ kind: 'member', name: field.property ?? c.name, struct: struct.name, type: field.type, tok: c.tok });
      type = field.type;
    } else {
      const element = elementOf(type);
      if (!element) return unresolved(c.tok, `invalid access '[]' vs '${typeText(type)}'`);
      const index: Expr = c.kind === 'index' ? context.lower(c.index) : { ...zero(c.tok), value: c.index };
      steps.push({ kind: 'index', index, type: element, tok: c.tok });
      type = element;
    }
  }
  if (root.kind === 'address' && steps.length === 0 && !e.addressOf && !pretty) {
    // `@cast(p, "t")` alone is p with a type.
    const { operand } = root;
    return { ...operand, detail: { kind: 'pointer', to: root.type } };
  }
  if (!pretty && !e.addressOf && type.kind === 'struct')
    return unresolved(e.tok, `struct/union '${type.name}' is being accessed instead of a member`);
  if (e.addressOf && steps.length === 0 && root.kind !== 'global')
    return unresolved(e.tok, `cannot take the address of '${text(e)}': it is not in memory`);
  const isText = pretty > 0 || (root.kind === 'context' && root.ref.script === 'string' && steps.length === 0);
  const made: TargetExpr = {
    kind: 'target',
    tok: e.tok,
    type: isText ? 'string' : 'long',
    detail: isText ? null : e.addressOf ? { kind: 'pointer', to: type } : type,
    root,
    steps,
    leaf: type,
    addressOf: e.addressOf,
    pretty,
  };
  return made;
}

const zero = (tok: Token): NumberExpr => ({ kind: 'number', tok, type: 'long', detail: null, value: 0n });

/** `refcount_t` and `atomic_t` are structs of one number: the type of that member of them, if it is one. */
function counterOf(type: CType, member: string): CType | undefined {
  const inner = type.kind === 'pointer' ? type.to : type;
  if (inner.kind !== 'int') return undefined;
  if (member === 'refs' && inner.name === 'refcount_t') return { ...inner, name: 'atomic_t' };
  if (member !== 'counter') return undefined;
  if (inner.name === 'atomic_t') return { ...inner, name: 'int' };
  return inner.name === 'atomic_long_t' ? { ...inner, name: 'long int' } : undefined;
}

/** `$$vars`, `$$parms`, `$$locals`, `$$return`, and with `$`/`$$` behind: one sprintf of all of them. */
function contextString(e: ast.TargetExpr, name: string, context: TargetContext): Expr {
  const { scope } = context;
  const pretty = e.components.find((c) => c.kind === 'pretty');
  if (e.addressOf) return unresolved(e.tok, 'cannot take address of context variable');
  if (e.components.some((c) => c.kind !== 'pretty')) return unresolved(e.tok, `${name} cannot be dereferenced`);
  if (scope.when === 'none' || (scope.blind && !e.tok.source.library)) return unresolved(e.tok, null);
  const { symbol } = scope;
  let variables: readonly Variable[];
  if (name === '$$return') {
    const type = symbol?.returnType;
    variables = scope.when === 'return' && type && type.kind !== 'void' ? [{ name: 'return', type }] : [];
  } else if (!symbol) variables = name === '$$locals' ? [] : scope.values;
  else {
    const all = visibleVariables(scope);
    const parameters = new Set<Variable>(symbol.parameters);
    variables =
      name === '$$parms' ? symbol.parameters : name === '$$locals' ? all.filter((v) => !parameters.has(v)) : all;
  }
  const directives: ast.FormatDirective[] = [];
  const args: Expr[] = [];
  let literal = '';
  const flush = (next: ast.FormatDirective | null) => {
    if (literal !== '') directives.push({ ...plainDirective, kind: 'literal', text: literal });
    literal = '';
    if (next) directives.push(next);
  };
  for (const [i, variable] of variables.entries()) {
    literal += `${i > 0 ? ' ' : ''}${variable.name}=`;
    const tok = tokenAt(e.tok, 'identifier', `$${variable.name}`);
    const part: ast.TargetExpr = {
      kind: 'target',
      root: { kind: 'var', name: `$${variable.name}` },
      components:
        pretty || variable.type.kind === 'struct'
          ? [{ kind: 'pretty', depth: pretty?.kind === 'pretty' ? pretty.depth : 1, tok }]
          : [],
      addressOf: false,
      tok,
      span: { ...e.span, start: e.span.end, end: e.span.end },
    };
    const value = withCaptureName(part, variable.name, context);
    if (value.kind === 'unresolved') {
      literal += '?';
      continue;
    }
    if (value.type === 'string') flush({ ...plainDirective, kind: 'string' });
    else flush({ ...plainDirective, kind: 'number', base: 16, special: true });
    args.push(value);
  }
  flush(null);
  const made: PrintExpr = {
    kind: 'print',
    tok: e.tok,
    type: 'string',
    detail: null,
    toStream: false,
    formatted: true,
    newline: false,
    char: false,
    delimiter: null,
    directives,
    args,
    hist: null,
  };
  return made;
}

/** Synthetic parts have no text of their own, so captures are told apart by the variable's name. */
function withCaptureName(part: ast.TargetExpr, name: string, context: TargetContext): Expr {
  const depth = part.components.length
    ? JSON.stringify(part.components.map((c) => (c.kind === 'pretty' ? c.depth : 0)))
    : '';
  return contextVariable(part, name, {
    ...context,
    use: (ref) => context.use(ref),
    lower: (x) => context.lower(x),
    capture: (make, _text, tok) => context.capture(make, `$$ ${name} ${depth}`, tok),
  });
}

const plainDirective: ast.FormatDirective = {
  kind: 'literal',
  text: '',
  base: 10,
  signed: false,
  zeroPad: false,
  plus: false,
  space: false,
  special: false,
  left: false,
  uppercase: false,
  width: null,
  precision: null,
};
