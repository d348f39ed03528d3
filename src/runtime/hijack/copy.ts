// Writes the text of a function's copy: the function as it was built, without its prologue and its name, with
// calls of handlers inserted. The text evaluates, in the module's scope, to a function that takes the hooks
// and gives the copy. Only the shape of the hooks goes into the text, the hooks themselves are passed in.
// Lines are kept: line n of the copy is line n of the function.
// Read beside it: instrument/format.ts (positions), hijack.ts (who evaluates it).
import type { ContextValue, WriteBack } from '../../dsl/abi.js';
import type { FunctionDetail } from '../../instrument/format.js';

/** What the text depends on; hijack.ts has the rest of a hook. */
export interface HookShape {
  readonly when: 'entry' | 'return' | 'statement';
  /** For `statement`: the line, counted from the function's own first line (0). */
  readonly line: number;
  readonly values: readonly ContextValue[];
  readonly writes: readonly WriteBack[];
  readonly entry?: { readonly values: readonly ContextValue[] };
  /** The hook fires only if Hook.admits() says so. */
  readonly guarded: boolean;
  /** Instances of the function that a return hook follows at once; 0 for any number. */
  readonly maxactive: number;
}

interface Edit {
  readonly at: number;
  readonly text: string;
}

/** The text's start that must be in front of a function's body for its positions to hold. */
const PROLOGUE = /^if \(\$F\[(\d+)\]\) return (?:yield\* )?\$h\w+\(\1[^;]*\);/;

/**
 * @param text the function as Function.prototype.toString gives it
 * @param firstLine line of the source on which the function begins
 * @throws Error if `text` is not the function that `detail` describes
 */
export function copyText(
  name: string,
  text: string,
  detail: FunctionDetail,
  firstLine: number,
  hooks: readonly HookShape[],
): string {
  const [open, close] = detail.body;
  const prologue = PROLOGUE.exec(text.slice(open, open + 2000))?.[0];
  const original = prologue === undefined ? text : text.slice(0, open) + text.slice(open + prologue.length);
  if (prologue === undefined || original[open - 1] !== '{' || original[close] !== '}') {
    throw new Error(`the debuginfo of ${name} is not that of the code: build again`);
  }
  const edits: Edit[] = [];
  const returns = hooks.some((hook) => hook.when === 'return');
  const changesReturn = hooks.some((hook) => hook.writes.some((w) => w.kind === 'return'));
  edits.push({ at: open, text: entry(detail, hooks, returns, changesReturn) });
  if (returns) {
    for (const [, , from, to] of detail.exits) {
      if (to === 0) continue;
      edits.push({ at: from, text: '$return = (' }, { at: to, text: ')' });
    }
    edits.push({ at: close, text: exit(hooks, changesReturn) });
  }
  statements(detail, hooks, firstLine, edits);
  let body = apply(original, edits);
  if (hooks.some((hook) => hook.writes.some((w) => w.kind === 'local'))) body = writable(body);
  const anonymous = body.replace(/^((?:async\s+)?function\s*\*?\s*)[\w$]+/, (_, head: string) => head);
  const hold = hooks.map((_, i) => `$p${i} = $p[${i}], $f${i} = $p${i}.handler, $g${i} = $p${i}.entryHandler`);
  const head = hold.length > 0 ? `const ${hold.join(', ')}; ` : '';
  const key = JSON.stringify(name);
  // Under its name the copy would hide the module's own function: recursion would then escape the prologue.
  return `(function ($p) { ${head}return ({ ${key}: ${anonymous} })[${key}]; })`;
}

/** Calls at the start: handlers of entry hooks, and what return hooks must keep until the end. */
function entry(detail: FunctionDetail, hooks: readonly HookShape[], returns: boolean, changesReturn: boolean): string {
  let text = '';
  const captured = new Set<string>();
  hooks.forEach((hook, i) => {
    if (hook.when === 'entry') {
      text += call(hook, i, (value) => plain(value, detail, detail.body[0]), `$p${i}.on !== 0`);
    } else if (hook.when === 'return') {
      text += keep(hook, i, detail);
      for (const value of hook.values) if (value.kind === 'param') captured.add(value.expr);
    }
  });
  for (const name of captured) text += `const $c_${name} = ${parameter(name, detail)}; `;
  return returns ? `let $return${changesReturn ? ', $threw = false' : ''}; ${text}try { ` : text;
}

/** `$kN` is the number under which hook N was armed when the function began; 0 if it was not. */
function keep(hook: HookShape, i: number, detail: FunctionDetail): string {
  const conditions = [...(hook.guarded ? [`$p${i}.admits()`] : []), ...(hook.maxactive > 0 ? [`$p${i}.begin()`] : [])];
  const armed = conditions.length > 0 ? `$p${i}.on !== 0 && ${conditions.join(' && ')} ? $p${i}.on : 0` : `$p${i}.on`;
  let text = `const $k${i} = ${armed}; `;
  if (hook.entry) {
    const values = hook.entry.values.map((value) => plain(value, detail, detail.body[0]));
    text += `const $e${i} = $k${i} !== 0 ? $g${i}(${[`$p${i}.probe`, ...values].join(', ')}) : undefined; `;
  }
  return text;
}

/** What follows the body: handlers of return hooks, run however the function is left. */
function exit(hooks: readonly HookShape[], changesReturn: boolean): string {
  let text = '';
  hooks.forEach((hook, i) => {
    if (hook.when !== 'return') return;
    const value = (v: ContextValue) => {
      if (v.kind === 'return') return '$return';
      if (v.kind === 'entry') return `$e${i}`;
      return v.kind === 'param' ? `$c_${v.expr}` : 'undefined';
    };
    text += call({ ...hook, guarded: false }, i, value, `$k${i} !== 0 && $p${i}.on === $k${i}`);
    if (hook.maxactive > 0) text += `if ($k${i} !== 0) $p${i}.end(); `;
  });
  if (!changesReturn) return `} finally { ${text}}`;
  // The return in `finally` would swallow an exception.
  return `} catch ($error) { $threw = true; throw $error; } finally { ${text}if (!$threw) return $return; }`;
}

function statements(detail: FunctionDetail, hooks: readonly HookShape[], firstLine: number, edits: Edit[]): void {
  hooks.forEach((hook, i) => {
    if (hook.when !== 'statement') return;
    const statement = detail.statements.find(([, , line]) => line === firstLine + hook.line);
    if (!statement) return;
    const [start, end, , wrap] = statement;
    const text = call(hook, i, (value) => plain(value, detail, start), `$p${i}.on !== 0`);
    edits.push({ at: start, text: wrap ? `{ ${text}` : text });
    if (wrap) edits.push({ at: end, text: ' }' });
  });
}

/** One call of a handler, with what it writes back. */
function call(hook: HookShape, i: number, value: (v: ContextValue) => string, condition: string): string {
  const guard = hook.guarded ? ` && $p${i}.admits()` : '';
  const values = [`$p${i}.probe`, ...hook.values.map(value)].join(', ');
  if (hook.writes.length === 0) return `if (${condition}${guard}) $f${i}(${values}); `;
  const at = (w: WriteBack) => `$p${i}.slots[${w.slot}]`;
  const targets = hook.writes.map((w) => [value({ expr: w.expr, kind: w.kind }), at(w)] as const);
  const known = targets.filter(([target]) => target !== 'undefined');
  // A handler that is skipped writes nothing: the slots must hold the present values.
  const before = known.map(([target, slot]) => `${slot} = ${target}; `).join('');
  const after = known.map(([target, slot]) => ` ${target} = ${slot};`).join('');
  return `if (${condition}${guard}) { ${before}$f${i}(${values});${after} } `;
}

/** The text of a value at offset `at`; `undefined` where the name has no value yet or no meaning. */
function plain(value: ContextValue, detail: FunctionDetail, at: number): string {
  if (value.kind !== 'param' && value.kind !== 'local') return 'undefined';
  const inScope = detail.locals.filter(([name, , scope, , to]) => name === value.expr && at >= scope && at < to);
  if (inScope.length > 0) {
    const inner = inScope.reduce((a, b) => (b[2] >= a[2] ? b : a));
    return at >= inner[3] ? value.expr : 'undefined';
  }
  return parameter(value.expr, detail);
}

function parameter(name: string, detail: FunctionDetail): string {
  const row = detail.parameters.find(([p]) => p === name);
  if (row) return row[2] ?? name;
  return detail.locals.some((l) => l[0] === name && l[3] <= detail.body[0]) ? name : 'undefined';
}

function apply(text: string, edits: readonly Edit[]): string {
  const sorted = edits.map((edit, order) => ({ ...edit, order })).sort((a, b) => a.at - b.at || a.order - b.order);
  let result = '';
  let from = 0;
  for (const edit of sorted) {
    result += text.slice(from, edit.at) + edit.text;
    from = edit.at;
  }
  return result + text.slice(from);
}

/** Constants become variables, so that a script may change them. */
function writable(text: string): string {
  return text.replace(/(^|[;{}(\s])const(\s+[\w$[{])/g, '$1let  $2');
}
