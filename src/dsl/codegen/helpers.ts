/**
 * Helper functions that generated code may use, as JavaScript text; a program carries those that it needs. They
 * are small so that V8 inlines them. Numbers are JS numbers while safe integers and bigints beyond; see abi.ts.
 */

interface Helper {
  readonly needs?: readonly string[];
  readonly text: string;
}

const MAX = Number.MAX_SAFE_INTEGER;

/** `a OP b` in doubles while the result is safe, in bigints else. */
const arithmetic = (name: string, op: string): Helper => ({
  needs: ['$big'],
  text: `function ${name}(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    const r = a ${op} b;
    if (r <= ${MAX} && r >= -${MAX}) return r;
  }
  return $big(BigInt(a) ${op} BigInt(b));
}`,
});

const bitwise = (name: string, op: string): Helper => ({
  needs: ['$big'],
  text: `function ${name}(a, b) {
  if ((a | 0) === a && (b | 0) === b) return a ${op} b;
  return $big(BigInt(a) ${op} BigInt(b));
}`,
});

/** As bitwise, but the operands may be bigints, to which `|` must not be applied with a number. */
const guarded = (h: Helper): Helper => ({
  ...h,
  text: h.text.replace('if ((a', "if (typeof a === 'number' && typeof b === 'number' && (a"),
});

export const helpers: Readonly<Record<string, Helper>> = {
  $big: {
    text: `function $big(n) {
  n = BigInt.asIntN(64, n);
  return n <= ${MAX}n && n >= -${MAX}n ? Number(n) : n;
}`,
  },
  $add: arithmetic('$add', '+'),
  // Differences of two wall-clock times in ns are the usual case of bigints.
  $sub: {
    needs: ['$big'],
    text: arithmetic('$sub', '-').text.replace(
      '  return',
      `  if (typeof a === 'bigint' && typeof b === 'bigint') {
    const r = Number(a - b);
    if (r <= ${MAX} && r >= -${MAX}) return r;
  }
  return`,
    ),
  },
  $mul: arithmetic('$mul', '*'),
  $div: {
    needs: ['$big', '$fail'],
    text: `function $div(a, b, site) {
  if (b === 0) $fail('division by 0', site);
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b);
  return $big(BigInt(a) / BigInt(b));
}`,
  },
  $mod: {
    needs: ['$big', '$fail'],
    text: `function $mod(a, b, site) {
  if (b === 0) $fail('division by 0', site);
  if (typeof a === 'number' && typeof b === 'number') return a % b;
  return $big(BigInt(a) % BigInt(b));
}`,
  },
  $and: {
    needs: ['$big'],
    text: `function $and(a, b) {
  if (typeof a === 'number' && typeof b === 'number' && (((a | 0) === a && (b | 0) === b) || (b >= 0 && b <= 0x7fffffff)))
    return a & b;
  return $big(BigInt(a) & BigInt(b));
}`,
  },
  $or: guarded(bitwise('$or', '|')),
  $xor: guarded(bitwise('$xor', '^')),
  $shl: {
    needs: ['$big'],
    text: `function $shl(a, b) {
  const n = typeof b === 'number' ? ((b % 64) + 64) % 64 : Number(b & 63n);
  if (typeof a === 'number') {
    const r = a * 2 ** n;
    if (r <= ${MAX} && r >= -${MAX}) return r;
  }
  return $big(BigInt(a) << BigInt(n));
}`,
  },
  $shr: {
    needs: ['$big'],
    text: `function $shr(a, b) {
  const n = typeof b === 'number' ? ((b % 64) + 64) % 64 : Number(b & 63n);
  if (typeof a === 'number') return Math.floor(a / 2 ** n);
  return $big(a >> BigInt(n));
}`,
  },
  $neg: { needs: ['$big'], text: `function $neg(a) {\n  return typeof a === 'number' ? -a : $big(-a);\n}` },
  $not: {
    needs: ['$big'],
    text: `function $not(a) {\n  return typeof a === 'number' && a < ${MAX} ? -1 - a : $big(~BigInt(a));\n}`,
  },
  $uns: {
    text: `function $uns(a) {\n  return a >= 0 ? a : BigInt.asUintN(64, BigInt(a));\n}`,
  },
  $cap: {
    text: `const $limit = $rt.limits.string;
function $cap(s) {\n  return s.length <= $limit ? s : s.slice(0, $limit);\n}`,
  },
  $ccap: {
    needs: ['$cap'],
    text: `function $ccap(s) {\n  const n = s.indexOf('\\0');\n  return $cap(n < 0 ? s : s.slice(0, n));\n}`,
  },
  $fail: {
    text: `function $fail(message, site) {\n  $s.site = site;\n  throw new $rt.ScriptError(message, { placed: true });\n}`,
  },
  $over: {
    text: `function $over(site) {
  if (site) $s.site = site;
  throw new $rt.ScriptError('MAXACTION exceeded', { placed: true, fatal: true });
}`,
  },
  $deep: { needs: ['$fail'], text: `function $deep(site) {\n  $fail('MAXNESTING exceeded', site);\n}` },
  $nesting: { text: 'const $nesting = $rt.limits.nesting;' },
  $null: {
    text: `function $null(site, offset) {\n  $s.site = site;\n  return $rt.readFault(offset);\n}`,
  },
  $at: { text: `function $at(address, type, site) {\n  $s.site = site;\n  return $rt.at(address, type);\n}` },
  $elem: {
    text: `function $elem(array, index, type, site) {\n  $s.site = site;\n  return $rt.element(array, index, type);\n}`,
  },
  $num: { text: `function $num(v) {\n  return typeof v === 'number' ? v : $rt.toLong(v);\n}` },
  $none: { text: `const $none = $rt.newStats('', { kind: 'none' }, 0);` },
  $next: { text: `const $next = Symbol('next');` },
};

/** The texts of the helpers named and of those they need, each once. */
export function helperTexts(names: Iterable<string>): string[] {
  const done = new Set<string>();
  const texts: string[] = [];
  const add = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    const helper = helpers[name];
    for (const need of helper.needs ?? []) add(need);
    texts.push(helper.text);
  };
  for (const name of names) add(name);
  return texts;
}
