/**
 * `%{ … %}` bears JavaScript here. Simple C, as short embedded functions of scripts are written in, is put into
 * JavaScript first: declarations lose their types, casts go, string functions give their destination a new value.
 * Integers are JavaScript's numbers; there are no pointers, no structures and no kernel headers. Read beside it:
 * stap(1), "EMBEDDED C".
 */

/** Words of C's types, as they stand before a name. */
const typeWord =
  '(?:(?:static|inline|const|volatile|register|extern|unsigned|signed|int|long|short|char|bool|_Bool|void|size_t|ssize_t|loff_t|pid_t|uid_t|gid_t|u?int(?:8|16|32|64)_t|u?intptr_t|(?:__)?[us](?:8|16|32|64))\\b)';
const types = `(?:${typeWord}[\\s*]*)+`;

/** Strings and character constants stand for themselves, comments for a blank; everything else may be rewritten. */
const literal = /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])+'|`(?:[^`\\]|\\[^])*`/g;

/** Applies `change` to what stands between literals; `char` to character constants. */
function outsideLiterals(code: string, change: (text: string) => string, char: (text: string) => string): string {
  // Literals are taken out whole, so that a pattern may reach across them.
  const literals: string[] = [];
  const bare = code.replace(literal, (text) => {
    if (text.startsWith('/')) return ' ';
    literals.push(text.startsWith("'") ? char(text) : text);
    return `\0${literals.length - 1}\0`;
  });
  return change(bare).replace(/\0(\d+)\0/g, (_all, n: string) => literals[Number(n)]);
}

const keep = (text: string): string => text;

/** `'a'` as C has it, a number. */
function charConstant(text: string): string {
  const simple: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, 0: 0, a: 7, b: 8, f: 12, v: 11 };
  const inner = text.slice(1, -1);
  if (!inner.startsWith('\\')) return inner.length === 1 ? String(inner.charCodeAt(0)) : text;
  return String(simple[inner[1]] ?? inner.charCodeAt(1));
}

/** What means the same in JavaScript and in C, and what only C's libraries have. */
const common = (text: string): string =>
  text
    .replace(/\bSTAP_RETURN\s*\(/g, 'return STAP_RESULT(')
    .replace(/\bSTAP_RETURN\s*;/g, 'return;')
    .replace(/\b(strn?cpy|strlcpy|strn?cat|strlcat|sn?printf|scnprintf)\s*\(\s*([A-Za-z_]\w*)\s*,/g, '$2 = STAP_$1($2,')
    .replace(/\bSTAP_RETVALUE\b/g, 'STAP_VALUE.result');

/** Simple C as JavaScript. */
const fromC = (text: string): string =>
  text
    .replace(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([^\n]+)$/gm, 'const $1 = $2;')
    .replace(/^[ \t]*#[^\n]*$/gm, '')
    .replace(/\bsizeof\s*\([^()]*\)/g, 'MAXSTRINGLEN')
    .replace(new RegExp(`\\(\\s*${types}\\)(?=\\s*[\\w(\\0~!-])`, 'g'), '')
    .replace(
      new RegExp(`(^\\s*|[;{}]\\s*)${types}(\\w+)\\s*\\(([^()]*)\\)\\s*\\{`, 'g'),
      (_all, before, name, list) => {
        const names = String(list).replace(new RegExp(types, 'g'), '');
        return `${before as string}function ${name as string}(${names.trim()}) {`;
      },
    )
    .replace(new RegExp(`(^\\s*|[;{}(]\\s*)${types}(?=\\w)`, 'g'), '$1let ')
    .replace(/\blet (\w+)\s*\[[^\]]*\]\s*=\s*\{([^{}]*)\}/g, 'let $1 = [$2]')
    .replace(/\blet (\w+)\s*\[[^\]]*\]/g, 'let $1')
    .replace(/\b(\d+|0[xX][\da-fA-F]+)[uUlL]+\b/g, '$1')
    .replace(/\bNULL\b/g, 'null');

/** Is a text the body of a function in JavaScript? Labels and `return` may stand in it. */
function isBody(text: string): boolean {
  try {
    new Function(`return () => { ${text}\n };`);
    return true;
  } catch {
    return false;
  }
}

/** Statements of an embedded text in JavaScript; null for what is neither that nor simple C. */
export function embeddedStatements(code: string): string | null {
  const script = outsideLiterals(code, common, keep);
  if (isBody(script)) return script;
  const c = outsideLiterals(code, (text) => common(fromC(text)), charConstant);
  return isBody(c) ? c : null;
}

/** An embedded expression in JavaScript; null for what is none. An empty one is 0. */
export function embeddedExpression(code: string): string | null {
  const body = embeddedStatements(`(${code.replace(/\/\*[^]*?\*\//g, '').trim() || '0'})`);
  return body === null ? null : body.trim();
}

/** What is said of other embedded texts. */
export const embeddedRefusal =
  'embedded code must be JavaScript or simple C for this runtime (STAP_ARG_x, STAP_RETURN, STAP_ERROR, STAP_PRINTF)';

/** What embedded texts may use, once in a program that has any. */
export const embeddedPrelude = `
const STAP_VALUE = { result: 0 };
const MAXSTRINGLEN = $rt.limits.string + 1;
const STAP_RESULT = (v) => { STAP_VALUE.result = v; };
const STAP_FORMAT = (format, ...args) => {
  let i = 0;
  const size = (text) => (text === '*' ? Number(args[i++]) : Number(text));
  return String(format).replace(/%([-+ #0]*)(\\d+|\\*)?(?:\\.(\\d+|\\*))?(?:hh|h|ll|l|z|j|t)?([a-zA-Z%])/g, (all, flags, w, p, kind) => {
    if (kind === '%') return '%';
    const width = w === undefined ? 0 : size(w);
    const precision = p === undefined ? -1 : size(p);
    const value = args[i++];
    let text;
    if (kind === 's') text = precision < 0 ? String(value) : String(value).slice(0, precision);
    else if (kind === 'c') text = typeof value === 'string' ? value : String.fromCharCode(Number(value) & 255);
    else {
      const n = BigInt.asIntN(64, BigInt(typeof value === 'number' ? Math.trunc(value) : (value ?? 0)));
      const bare = kind === 'd' || kind === 'i' ? n : BigInt.asUintN(64, n);
      text = bare.toString(kind === 'x' || kind === 'X' || kind === 'p' ? 16 : kind === 'o' ? 8 : 10);
      if (kind === 'X') text = text.toUpperCase();
      if (kind === 'p' || (flags.includes('#') && (kind === 'x' || kind === 'X'))) text = '0x' + text;
      if (flags.includes('+') && n >= 0n) text = '+' + text;
      if (flags.includes('0') && !flags.includes('-') && text.length < width) {
        const sign = /^[-+]?/.exec(text)[0];
        return sign + text.slice(sign.length).padStart(width - sign.length, '0');
      }
    }
    return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
  });
};
const STAP_ERROR = (...args) => { throw new $rt.ScriptError(STAP_FORMAT(...args), { placed: true }); };
const STAP_PRINTF = (...args) => $rt.print(STAP_FORMAT(...args));
const _stp_printf = STAP_PRINTF;
const _stp_print = (text) => $rt.print(String(text));
const STAP_strcpy = (to, from) => String(from);
const STAP_strlcpy = (to, from, size) => String(from).slice(0, Math.max(0, Number(size) - 1));
const STAP_strncpy = (to, from, size) => String(from).slice(0, Number(size));
const STAP_strcat = (to, from) => String(to ?? '') + String(from);
const STAP_strlcat = (to, from, size) => (String(to ?? '') + String(from)).slice(0, Math.max(0, Number(size) - 1));
const STAP_strncat = (to, from, size) => String(to ?? '') + String(from).slice(0, Number(size));
const STAP_sprintf = (to, ...args) => STAP_FORMAT(...args);
const STAP_snprintf = (to, size, ...args) => STAP_FORMAT(...args).slice(0, Math.max(0, Number(size) - 1));
const STAP_scnprintf = STAP_snprintf;
const strlen = (text) => String(text).length;
const strcmp = (a, b) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
const strncmp = (a, b, n) => strcmp(String(a).slice(0, Number(n)), String(b).slice(0, Number(n)));
const STAP_GUARD = (body) => {
  try {
    return body();
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
      throw new $rt.ScriptError('embedded code: ' + error.message, { placed: true });
    throw error;
  }
};`;
