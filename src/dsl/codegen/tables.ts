/** What the generated functions of one program share: places, constants, helpers, names. */
import { tokenText } from '../diagnostics/diagnostic.js';
import { placeText } from '../source/source.js';
import { writtenAt } from '../syntax/token.js';
import type { Token } from '../syntax/token.js';
import type { CType, Target } from '../target.js';
import type { Builtin } from '../builtins/builtin.js';
import type { FunctionInstance, Variable } from '../types/tree.js';
import { refuse } from '../passes/compilation.js';
import type { Compilation } from '../passes/compilation.js';
import { embeddedRefusal } from './embedded.js';

export class Tables {
  readonly compilation: Compilation;
  readonly sites: string[] = [''];
  readonly helpers = new Set<string>();
  /** Declarations of constants, by their text. */
  readonly constants = new Map<string, string>();
  private readonly siteNumbers = new Map<string, number>();
  private readonly functionNames = new Map<FunctionInstance, string>();
  private readonly globalNames = new Map<Variable, string>();
  /** Functions that may end in `next`. */
  readonly dispatchable = new Set<FunctionInstance>();
  /** Dispatchers of overloads, by name: their text. */
  readonly dispatchers = new Map<string, string>();

  constructor(compilation: Compilation) {
    this.compilation = compilation;
  }

  get target(): Target {
    return this.compilation.target;
  }

  /** The number of the place that an error at `tok` is reported with. */
  site(tok: Token): number {
    const text = `${tokenText(tok)} at ${placeText(writtenAt(tok))}`;
    let n = this.siteNumbers.get(text);
    if (n === undefined) {
      n = this.sites.push(text) - 1;
      this.siteNumbers.set(text, n);
    }
    return n;
  }

  /** Does the program bear embedded code? */
  hasEmbedded = false;

  /** Takes the text of embedded code, or refuses it. */
  embedded(text: string | null, tok: Token): string {
    this.hasEmbedded = true;
    return text ?? refuse(embeddedRefusal, tok, { key: 'embedded code' });
  }

  helper(name: string): string {
    this.helpers.add(name);
    return name;
  }

  /** The name of a constant whose value is the JavaScript expression `text`. */
  constant(prefix: string, text: string): string {
    let name = this.constants.get(text);
    if (name === undefined) this.constants.set(text, (name = `${prefix}${this.constants.size}`));
    return name;
  }

  type(type: CType): string {
    return this.constant('$t', JSON.stringify(type));
  }

  builtin(b: Builtin): string {
    return this.constant(`$b_${b.name}_`, `$rt.builtins[${JSON.stringify(b.implementation ?? b.name)}]`);
  }

  /** Does the code made so far call a built-in function? */
  uses(builtin: string): boolean {
    return this.constants.has(`$rt.builtins[${JSON.stringify(builtin)}]`);
  }

  functionName(f: FunctionInstance): string {
    let name = this.functionNames.get(f);
    if (name === undefined) this.functionNames.set(f, (name = `f${this.functionNames.size}_${f.name}`));
    return name;
  }

  variable(v: Variable): string {
    if (v.kind === 'parameter') return `p_${v.name}`;
    if (v.kind === 'local') return `l_${v.name}`;
    let name = this.globalNames.get(v);
    if (name === undefined) {
      const taken = new Set(this.globalNames.values());
      name = `g_${v.name}`;
      for (let i = 2; taken.has(name); i++) name = `g_${v.name}_${i}`;
      this.globalNames.set(v, name);
    }
    return name;
  }
}
