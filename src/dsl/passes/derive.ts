/**
 * From probe points as written to derived points: aliases are expanded, wildcards multiplied out, and each
 * path is handed to its provider. Read beside it: stapprobes(3stap), "GENERAL PROBE POINT SYNTAX";
 * probepoints/registry.ts.
 */
import { diagnostic } from '../diagnostics/diagnostic.js';
import { absentPoint } from '../probepoints/absent.js';
import type { DerivedPoint, PointProvider, PointRequest, ResolvedPoint } from '../probepoints/provider.js';
import { pointProviders } from '../probepoints/registry.js';
import type { AliasDecl, Block, Expr, PointComponent, ProbeDecl, ProbePoint } from '../syntax/ast.js';
import { SemanticError, refuse } from './compilation.js';
import type { Compilation } from './compilation.js';
import { globMatch, isGlob } from './glob.js';
import { similar } from './similar.js';

type ArgumentKind = '' | 'number' | 'string';

interface Node {
  readonly functor: string;
  readonly argument: ArgumentKind;
  readonly children: Map<string, Node>;
  /** Patterns below this node that are not in `children` yet: most paths are never walked. */
  pending: { readonly pattern: string; readonly provider: PointProvider }[];
  provider: PointProvider | null;
  readonly aliases: AliasDecl[];
}

const node = (functor: string, argument: ArgumentKind): Node => ({
  functor,
  argument,
  children: new Map(),
  pending: [],
  provider: null,
  aliases: [],
});

/** The children of a node, patterns below it included. */
function childrenOf(of: Node): Map<string, Node> {
  const { pending } = of;
  of.pending = [];
  for (const { pattern, provider } of pending) {
    const dot = pattern.indexOf('.');
    const part = dot < 0 ? pattern : pattern.slice(0, dot);
    const open = part.indexOf('(');
    const argument = open < 0 ? '' : part.slice(open + 1, -1);
    const functor = open < 0 ? part : part.slice(0, open);
    const child = step(of, functor, argument === 'number' || argument === 'string' ? argument : '');
    if (dot < 0) child.provider = provider;
    else child.pending.push({ pattern: pattern.slice(dot + 1), provider });
  }
  return of.children;
}

/** The tree of all known paths: providers' patterns, and aliases as they become known. */
class PathTree {
  readonly root = node('', '');
  private known = 0;

  constructor() {
    for (const provider of pointProviders)
      for (const pattern of provider.patterns) this.root.pending.push({ pattern, provider });
  }

  /** @param aliases all that there are; the list only grows */
  addAliases(aliases: readonly AliasDecl[]): void {
    for (; this.known < aliases.length; this.known++) {
      const alias = aliases[this.known];
      for (const name of alias.names) {
        let at = this.root;
        for (const c of name.components) at = step(at, c.functor, argumentKind(c));
        at.aliases.push(alias);
      }
    }
  }
}

function step(from: Node, functor: string, argument: ArgumentKind): Node {
  const key = `${functor}(${argument}`;
  let next = from.children.get(key);
  if (!next) from.children.set(key, (next = node(functor, argument)));
  return next;
}

function argumentKind(c: PointComponent): ArgumentKind {
  return c.arg ? c.arg.kind : '';
}

/** The text of a point, as pp() and pn() print it. */
export function pointText(components: readonly PointComponent[]): string {
  return components
    .map(({ functor, arg }) => {
      if (!arg) return functor;
      return arg.kind === 'number' ? `${functor}(${arg.value})` : `${functor}("${arg.value}")`;
    })
    .join('.');
}

function writtenName(point: ProbePoint): string {
  return pointText(point.components) + (point.sufficient ? '!' : point.optional ? '?' : '');
}

/** What has been gathered on the way through aliases. */
interface Frame {
  readonly probe: ProbeDecl;
  readonly name: string;
  readonly before: readonly Block[];
  readonly after: readonly Block[];
  readonly conditions: readonly Expr[];
  readonly optional: boolean;
  readonly aliases: readonly AliasDecl[];
}

export class Deriver {
  private readonly compilation: Compilation;
  private readonly tree = new PathTree();

  constructor(compilation: Compilation) {
    this.compilation = compilation;
  }

  /** All derived points of a probe; what cannot be resolved is reported. */
  derive(probe: ProbeDecl): DerivedPoint[] {
    const results: DerivedPoint[] = [];
    this.points(
      probe.points,
      (point) => ({
        probe,
        name: writtenName(point),
        before: [],
        after: [],
        conditions: [],
        optional: false,
        aliases: [],
      }),
      results,
    );
    return results;
  }

  private points(points: readonly ProbePoint[], frameFor: (p: ProbePoint) => Frame, results: DerivedPoint[]): void {
    for (const point of points) {
      const before = results.length;
      const frame = frameFor(point);
      const optional = frame.optional || point.optional || point.sufficient;
      try {
        const conditions = point.condition ? [...frame.conditions, point.condition] : frame.conditions;
        this.find(point, 0, this.tree.root, { ...frame, conditions, optional }, results);
        if (results.length === before && !optional) refuse('no match', null, { key: 'derive no match' });
      } catch (e) {
        if (!(e instanceof SemanticError)) throw e;
        if (optional) continue;
        const key = `resolving ${e.diagnostic.key}`;
        this.compilation.error('while resolving probe point', point.components[0].tok, {
          key,
          because: e.diagnostic,
        });
      }
      if (point.sufficient && results.length > before) break;
    }
  }

  private find(point: ProbePoint, at: number, from: Node, frame: Frame, results: DerivedPoint[]): void {
    const component = point.components[at] as PointComponent | undefined;
    if (!component) return this.end(point, from, frame, results);
    if (at === 0) {
      this.compilation.pullAliases(component.functor.replace(/\*\*.*/, '*'));
      this.tree.addAliases(this.compilation.aliases);
    }
    const { functor } = component;
    if (functor.includes('**')) return this.doubleGlob(point, at, from, frame, results);
    if (isGlob(functor)) {
      const before = results.length;
      for (const child of sortedChildren(from)) {
        if (child.argument !== argumentKind(component) || !wildcardMatch(functor, child.functor)) continue;
        const components = [...point.components];
        components[at] = { ...component, functor: child.functor };
        try {
          this.find({ ...point, components }, at + 1, child, frame, results);
        } catch (e) {
          if (!(e instanceof SemanticError)) throw e;
        }
      }
      if (results.length === before) this.mismatch(point, component, from);
      return;
    }
    const child = childrenOf(from).get(`${functor}(${argumentKind(component)}`);
    if (child) {
      const suffixed = at + 1 < point.components.length && child.aliases.length > 0 && !this.fits(point, at + 1, child);
      if (!suffixed) return this.find(point, at + 1, child, frame, results);
      const before = results.length;
      this.aliases(point, point.components.slice(at + 1), child, frame, results);
      if (results.length === before && !frame.optional) this.mismatch(point, point.components[at + 1], child);
      return;
    }
    this.mismatch(point, component, from);
  }

  /** Can the rest of the path be followed in the tree, at least one step? */
  private fits(point: ProbePoint, at: number, from: Node): boolean {
    const component = point.components[at];
    if (isGlob(component.functor)) return sortedChildren(from).some((c) => wildcardMatch(component.functor, c.functor));
    return childrenOf(from).has(`${component.functor}(${argumentKind(component)}`);
  }

  private mismatch(point: ProbePoint, component: PointComponent, from: Node): never {
    const text = pointText(point.components);
    const reason = absentPoint(text);
    if (reason !== undefined) refuse(`probe point ${text}: ${reason}`, component.tok, { key: `absent ${text}` });
    const names = new Set([...childrenOf(from).values()].map((c) => c.functor).filter((n) => !n.startsWith('__')));
    refuse(`probe point mismatch${similar(component.functor, names)}`, component.tok, { key: 'probe point mismatch' });
  }

  /** `a.**`: any number of components. */
  private doubleGlob(point: ProbePoint, at: number, from: Node, frame: Frame, results: DerivedPoint[]): void {
    const component = point.components[at];
    const before = results.length;
    const rest = point.components.slice(at + 1);
    const pattern = component.functor.replace(/\*\*/g, '*');
    const visit = (here: Node, path: readonly PointComponent[]): void => {
      for (const child of sortedChildren(here)) {
        if (child.argument !== '') continue;
        const components = [...path, { ...component, functor: child.functor }];
        const text = components.map((c) => c.functor).join('.');
        if (wildcardMatch(pattern, text)) {
          try {
            const whole = { ...point, components: [...point.components.slice(0, at), ...components, ...rest] };
            this.find(whole, at + components.length, child, frame, results);
          } catch (e) {
            if (!(e instanceof SemanticError)) throw e;
          }
        }
        visit(child, components);
      }
    };
    visit(from, []);
    if (results.length === before) this.mismatch(point, component, from);
  }

  private end(point: ProbePoint, from: Node, frame: Frame, results: DerivedPoint[]): void {
    if (from.aliases.length > 0) return this.aliases(point, [], from, frame, results);
    if (!from.provider) {
      const last = point.components.at(-1);
      const names = [...childrenOf(from).values()].map((c) => (c.argument ? `${c.functor}(${c.argument})` : c.functor));
      refuse(`probe point truncated (follow: ${[...new Set(names)].sort().join(', ')})`, last?.tok ?? point.tok, {
        key: 'probe point truncated',
      });
    }
    from.provider.build(this.request(point, frame, results));
  }

  private aliases(
    point: ProbePoint,
    suffix: readonly PointComponent[],
    from: Node,
    frame: Frame,
    results: DerivedPoint[],
  ): void {
    for (const alias of from.aliases) {
      if (frame.aliases.includes(alias))
        refuse(`recursive loop in alias expansion of ${pointText(point.components)}`, point.components[0].tok, {
          key: 'alias loop',
        });
      const inner: Frame = {
        ...frame,
        // A wildcard over aliases gives each its own name.
        name: frame.aliases.length > 0 ? frame.name : writtenName(point),
        before: alias.epilogue ? frame.before : [alias.body, ...frame.before],
        after: [...frame.after, ...(alias.epilogue ? [alias.body] : alias.after ? [alias.after] : [])],
        aliases: [...frame.aliases, alias],
      };
      if (suffix.length === 0) this.points(alias.points, () => inner, results);
      else {
        // What the suffix does not fit is no error of the alias, but of the point that names it so.
        const points = alias.points.map((p) => ({ ...p, optional: true, components: [...p.components, ...suffix] }));
        this.points(points, () => inner, results);
      }
    }
  }

  private request(point: ProbePoint, frame: Frame, results: DerivedPoint[]): PointRequest {
    const byName = new Map(point.components.map((c) => [c.functor, c.arg]));
    const { target } = this.compilation;
    return {
      target,
      point,
      optional: frame.optional,
      text: pointText(point.components),
      has: (functor) => byName.has(functor),
      number: (functor) => {
        const arg = byName.get(functor);
        return arg?.kind === 'number' ? arg.value : 0n;
      },
      string: (functor) => {
        const arg = byName.get(functor);
        return arg?.kind === 'string' ? arg.value : '';
      },
      emit: (resolved: ResolvedPoint) => {
        results.push({
          ...resolved,
          name: frame.name,
          probe: frame.probe,
          blocks: [...frame.before, frame.probe.body, ...frame.after],
          conditions: frame.conditions,
        });
      },
      fail: (message: string): never => {
        throw new SemanticError(diagnostic('semantic', message, null, { key: message.replace(/ ?[('].*/s, '') }));
      },
    };
  }
}

function sortedChildren(from: Node): readonly Node[] {
  return [...childrenOf(from).values()].sort((a, b) => (a.functor < b.functor ? -1 : a.functor > b.functor ? 1 : 0));
}

/** Names that begin with `__` are only found when asked for so. */
function wildcardMatch(pattern: string, name: string): boolean {
  return (!name.startsWith('__') || pattern.startsWith('__')) && globMatch(pattern, name);
}
