// $((…)): integer arithmetic of the shell, with C's operators. Assignments are left out.

import { ShellSyntaxError } from './syntax.js';

const LEVELS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0) },
  { '|': (a, b) => Number(BigInt(a) | BigInt(b)) },
  { '^': (a, b) => Number(BigInt(a) ^ BigInt(b)) },
  { '&': (a, b) => Number(BigInt(a) & BigInt(b)) },
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b) },
  {
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  },
  { '<<': (a, b) => a * 2 ** b, '>>': (a, b) => Math.floor(a / 2 ** b) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => divide(a, b), '%': (a, b) => a - divide(a, b) * b },
];

function divide(a: number, b: number): number {
  if (b === 0) throw new ShellSyntaxError('division by 0');
  return Math.trunc(a / b);
}

/**
 * @param variable value of a name that stands without `$`
 * @throws ShellSyntaxError
 */
export function arithmetic(text: string, variable: (name: string) => string): number {
  const tokens =
    text.match(/0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%()<>&|^~!?:]|[^\s]/g) ?? [];
  let at = 0;
  const primary = (): number => {
    const token = tokens[at++];
    if (token === '-') return -primary();
    if (token === '+') return primary();
    if (token === '!') return Number(primary() === 0);
    if (token === '~') return ~primary();
    if (token === '(') {
      const value = conditional();
      if (tokens[at++] !== ')') throw new ShellSyntaxError(`${text}: missing \`)'`);
      return value;
    }
    if (token !== undefined && /^0[0-7]+$/.test(token)) return parseInt(token, 8);
    if (token !== undefined && /^\d/.test(token)) return Number(token);
    if (token !== undefined && /^\w/.test(token)) return Number(variable(token)) || 0;
    throw new ShellSyntaxError(`${text}: syntax error: operand expected`);
  };
  const binary = (level: number): number => {
    if (level === LEVELS.length) return primary();
    let left = binary(level + 1);
    while (at < tokens.length && Object.hasOwn(LEVELS[level], tokens[at])) {
      const operator = tokens[at++];
      left = LEVELS[level][operator](left, binary(level + 1));
    }
    return left;
  };
  const conditional = (): number => {
    const value = binary(0);
    if (tokens[at] !== '?') return value;
    at++;
    const yes = conditional();
    if (tokens[at++] !== ':') throw new ShellSyntaxError(`${text}: \`:' expected`);
    const no = conditional();
    return value !== 0 ? yes : no;
  };
  if (tokens.length === 0) return 0;
  const value = conditional();
  if (at < tokens.length) throw new ShellSyntaxError(`${text}: syntax error in expression`);
  return value;
}
