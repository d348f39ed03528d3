// The closed list of what pass 1 refuses, one function each. `key` groups what SystemTap calls similar
// messages: those that come from one place of its parser, whatever they say.

/** A refusal: the key of its kind, and the text. */
export interface Refusal {
  readonly key: string;
  readonly message: string;
}

const make = (key: string, message: string): Refusal => ({ key, message });

/** Faults that the lexer leaves in junk tokens. */
export const lexFaults = {
  openString: () => 'Could not find matching closing quote',
  openEmbedded: () => "Could not find matching '%}' to close embedded function block",
  argumentRange: (count: number) => `command line argument out of range [1-${count}]`,
  argumentsInLibrary: () => 'command line arguments are not available here',
};

export const refusals = {
  // declarations
  declaration: () => make('declaration', "expected 'probe', 'global', 'private', 'function', or '%{'"),
  privateWhat: () => make('private', "expected 'function' or identifier"),
  embedded: () => make('embedded', 'embedded code in unprivileged script; need stap -g'),
  embeddedExpression: () => make('embedded-expr', 'embedded expression code in unprivileged script; need stap -g'),
  duplicateGlobal: () => make('duplicate-global', 'duplicate global name'),
  arraySize: () => make('array-size', 'array size out of range'),
  scalarInit: () => make('scalar-init', 'only scalar globals can be initialized'),
  typeName: () => make('type-name', "expected 'string' or 'long'"),
  priority: () => make('priority', 'specified priority must be > 0'),
  duplicateParam: () => make('duplicate-param', 'duplicate parameter names'),
  commaOrParen: () => make('comma-paren', "expected ',' or ')'"),
  pointName: () => make('point-name', "expected identifier or '*'"),
  pointEnd: () => make('point-end', "expected one of ', { } = +='"),
  aliasName: () => make('alias-name', 'probe point alias name cannot be optional nor sufficient'),
  tooManyPoints: () => make('too-many-points', 'probe point expands to too many alternatives'),

  // statements
  statement: () => make('statement', 'expected statement'),
  returnContext: () => make('return', "found 'return' not in function context"),
  sortTwice: () => make('sort', 'multiple sort directives'),
  sortAggregate: () => make('sort-aggregate', 'expected sort directive'),
  commaOrBracket: () => make('comma-bracket', "expected ',' or ']'"),

  // expressions
  value: () => make('value', 'expected value'),
  literal: () => make('literal', 'expected literal string or number'),
  literalString: () => make('literal-string', 'expected literal string'),
  number: () => make('number', 'number invalid or out of range'),
  expressionList: () => make('expression-list', 'unexpected comma-separated expression list'),
  unknownOperator: (name: string) => make('unknown-operator', `unknown operator ${name}`),
  constOperator: () => make('const', 'using @const operator not permitted; need stap -g'),
  bareHistogram: () => make('bare-hist', 'base histogram operator where expression expected'),
  prettySuffix: () => make('pretty', '-> and [ ] not accepted for a pretty-printing variable'),
  conversion: () => make('conversion', 'invalid or missing conversion specifier'),
  nesting: () => make('nesting', 'nested too deeply'),

  // expectations
  endOfFile: () => make('eof', 'unexpected end-of-file'),
  operator: (op: string, site = 'known') => make(site, `expected '${op}'`),
  oneOf: (ops: readonly string[]) => make('one-of', `expected one of '${ops.join(' ')}'`),
  keyword: (word: string) => make('known', `expected '${word}'`),
  indexable: () => make('indexable', 'expected identifier or statistical operation'),
  identifier: () => make('identifier', 'expected identifier'),
  identifierOrKeyword: () => make('identifier-keyword', 'expected identifier or keyword'),
  expectedNumber: () => make('expected-number', 'expected number'),
  expectedString: () => make('expected-string', 'expected string'),

  // preprocessor
  defineInMacro: () => make('define-inside', "'@define' forbidden inside macro body"),
  macroName: () => make('macro-name', 'expected identifier'),
  macroTwice: (name: string) => make('macro-twice', `attempt to redefine macro '@${name}' in the same file`),
  macroParameter: () => make('macro-parameter', 'expected identifier'),
  macroParameters: () => make('macro-parameters', "expected ',' or ')'"),
  macroBody: () => make('macro-body', "expected '%('"),
  macroOpen: () => make('macro-open', "incomplete macro definition - missing '%)'"),
  macroCall: (name: string, count: number) =>
    make(
      'macro-call',
      `expected '(' in invocation of macro '@${name}' taking ${count} parameter${count === 1 ? '' : 's'}`,
    ),
  macroFew: (name: string, count: number) =>
    make('macro-few', `too few parameters for macro '@${name}' (expected ${count})`),
  macroMany: (name: string, count: number) =>
    make('macro-many', `too many parameters for macro '@${name}' (expected ${count})`),
  macroCallOpen: () => make('macro-call-open', 'could not find end of macro invocation'),
  macroRecursion: (name: string) => make('macro-recursion', `recursive invocation of macro '@${name}'`),
  macroSize: () => make('macro-size', 'macro expansion is too large'),
  libraryMacros: (file: string) =>
    make('library-macros', `library macro file '${file}' contains non-@define construct`),
  conditionOpen: () => make('cond-open', "incomplete conditional - missing '%('"),
  conditionElse: () => make('cond-else', "invalid conditional - duplicate '%:'"),
  conditionEnd: () => make('cond-end', 'incomplete conditional at end of file'),
  conditionIncomplete: () => make('cond-incomplete', "incomplete condition after '%('"),
  conditionMarker: () => make('cond-marker', "expected '%?' marker for conditional"),
  conditionOperator: () => make('cond-operator', 'expected comparison operator'),
  conditionEquality: () => make('cond-equality', "expected '==' or '!='"),
  conditionString: () => make('cond-string', 'expected string literal'),
  conditionStringRight: () => make('cond-string-right', 'expected string literal as right value'),
  conditionNumberRight: () => make('cond-number-right', 'expected number literal as right value'),
  conditionLeft: () =>
    make(
      'cond-left',
      "expected 'arch' or 'kernel_v' or 'kernel_vr' or 'CONFIG_...' or comparison between strings or integers",
    ),
};
