/**
 * kernel.function, kernel.statement, module(…) and process(…) of both, in all their variants: the points
 * that debuginfo gives. Read beside it: stapprobes(3stap), "DWARF DEBUGINFO"; function-pattern.ts.
 */
import { globMatcher } from '../passes/glob.js';
import { nearest } from '../passes/similar.js';
import type { FunctionSymbol } from '../target.js';
import { linesTouch, matchFunctions, parseFunctionPattern, selectLines } from './function-pattern.js';
import type { FunctionPattern, MatchedFunction } from './function-pattern.js';
import type { PointProvider, PointRequest } from './provider.js';

const suffixes = [
  '',
  '.call',
  '.return',
  '.return.maxactive(number)',
  '.exported',
  '.inline',
  '.callee',
  '.callee(string)',
  '.callee.return',
  '.callee(string).return',
  '.callees',
  '.callees(number)',
  '.label(string)',
];

/** The kernel module that a function is part of, or may be elsewhere; '' for the rest of the kernel. */
function moduleOf({ target }: PointRequest, { module, file }: FunctionSymbol): string {
  if (target.modules.includes(module)) return module;
  return target.programs.includes(module) ? '' : (target.loadable?.(file) ?? '');
}

/** `kernel`, `module("nf_nat")` or `process("ping")`: how the resolved point begins. */
function prefix(request: PointRequest, symbol: FunctionSymbol): string {
  if (request.has('process')) return `process("${command(request) || symbol.module}")`;
  if (request.has('module')) return `module("${moduleOf(request, symbol)}")`;
  return request.has('kprobe') ? 'kprobe' : 'kernel';
}

/** The name that a program runs under, if that is what `process("…")` gives: `curl`, which is in http.c. */
function command(request: PointRequest): string {
  const wanted = request.string('process');
  const name = wanted.slice(wanted.lastIndexOf('/') + 1);
  return request.target.commands?.includes(name) ? name : '';
}

/** Is a function of the kernel, or of the modules or programs named? */
function belongs(request: PointRequest): (symbol: FunctionSymbol) => boolean {
  const modules = new Set(request.target.modules);
  const programs = new Set(request.target.programs);
  if (request.has('process')) {
    const wanted = request.string('process');
    const matches = globMatcher(wanted.slice(wanted.lastIndexOf('/') + 1));
    // A program's first function bears its name; all of that file is the program's.
    const main = command(request).replace(/-/g, '_');
    const first =
      main === '' ? undefined : request.target.functions.find((f) => f.name === main && programs.has(f.module));
    if (first) return ({ module }) => module === first.module;
    return ({ module }) => programs.has(module) && (wanted === '' || matches(module));
  }
  if (request.has('module')) {
    const matches = globMatcher(request.string('module'));
    return (symbol) => {
      const name = moduleOf(request, symbol);
      return name !== '' && matches(name);
    };
  }
  return ({ module }) => !programs.has(module) && !modules.has(module);
}

function readPattern(request: PointRequest, text: string): FunctionPattern {
  const pattern = parseFunctionPattern(text);
  return typeof pattern === 'string' ? request.fail(`${pattern} in '${text}'`) : pattern;
}

/** Ends the point with the functions that have similar names. */
function noMatch(request: PointRequest, name: string): never {
  if (request.optional) request.fail('no match');
  const names = request.target.functions
    .filter(belongs(request))
    .flatMap((f) => [f.name, ...f.formerNames.map((o) => o.name)]);
  const near = nearest(name, names, 5);
  request.fail(near.length > 0 ? `no match (similar functions: ${near.join(', ')})` : 'no match');
}

function emit(
  request: PointRequest,
  { symbol, called }: MatchedFunction,
  text: string,
  options: { when: 'entry' | 'return' | 'statement'; line?: number; caller?: string; maxactive?: number },
): void {
  const line = options.line ?? symbol.line;
  request.emit({
    text,
    detail: {
      provider: 'function',
      symbol,
      called,
      when: options.when,
      line,
      caller: options.caller ?? '',
      program: request.has('process') ? command(request) : '',
      maxactive: options.maxactive ?? 0,
    },
    scope: { symbol, when: options.when, line, values: [], blind: request.has('kprobe') },
    interruptible: false,
  });
}

const place = (called: string, symbol: FunctionSymbol, line: number) => `${called}@${symbol.file}:${line}`;

/** `kernel.function("ip_rcv@net/ipv4/ip_input.c:1")`; without debuginfo nobody knows the file. */
function pointHead(request: PointRequest, { symbol, called }: MatchedFunction): string {
  const name = request.has('kprobe') ? called : place(called, symbol, symbol.line);
  return `${prefix(request, symbol)}.function("${name}")`;
}

/** Functions called from `from`, within `depth` levels, with the function that calls each. */
function callees(
  request: PointRequest,
  from: FunctionSymbol,
  depth: number,
): readonly { readonly symbol: FunctionSymbol; readonly caller: FunctionSymbol }[] {
  const byName = new Map<string, FunctionSymbol>();
  for (const f of request.target.functions) if (!byName.has(f.name)) byName.set(f.name, f);
  const seen = new Set<FunctionSymbol>([from]);
  const found: { symbol: FunctionSymbol; caller: FunctionSymbol }[] = [];
  let level = [from];
  for (let i = 0; i < depth && level.length > 0; i++) {
    const next: FunctionSymbol[] = [];
    for (const caller of level)
      for (const name of caller.callees) {
        const symbol = byName.get(name);
        if (!symbol || seen.has(symbol)) continue;
        seen.add(symbol);
        found.push({ symbol, caller });
        next.push(symbol);
      }
    level = next;
  }
  return found;
}

function buildFunction(request: PointRequest): void {
  const text = request.string('function');
  const pattern = readPattern(request, text);
  const all = matchFunctions(request.target.functions, belongs(request), pattern).filter((m) =>
    linesTouch(m.symbol, pattern.lines),
  );
  const matched = all.filter(({ symbol }) => {
    if (request.has('exported')) return symbol.exported;
    if (request.has('inline')) return symbol.inline;
    if (request.has('call') || request.has('return')) return !symbol.inline;
    return true;
  });
  if (all.length === 0) noMatch(request, pattern.name);
  for (const match of matched) {
    const { symbol } = match;
    const head = pointHead(request, match);
    if (request.has('callee') || request.has('callees')) {
      const depth = request.has('callees') ? Number(request.number('callees')) || 1 : 1;
      const wanted = globMatcher(request.has('callee') ? request.string('callee') || '*' : '*');
      for (const { symbol: callee, caller } of callees(request, symbol, depth)) {
        if (!wanted(callee.name)) continue;
        const returns = request.has('return');
        const path = `${head}.callee("${place(callee.name, callee, callee.line)}")${returns ? '.return' : ''}`;
        emit(request, { symbol: callee, called: callee.name }, path, {
          when: returns ? 'return' : 'entry',
          caller: caller.name,
        });
      }
    } else if (request.has('label')) {
      const wanted = globMatcher(request.string('label'));
      for (const label of symbol.labels)
        if (wanted(label.name))
          emit(request, match, `${head}.label("${label.name}")`, { when: 'statement', line: label.line });
    } else if (request.has('return')) {
      const maxactive = request.has('maxactive') ? Number(request.number('maxactive')) : 0;
      if (maxactive < 0 || maxactive > 65535) request.fail('maxactive value out of range [0,65535]');
      const tail = request.has('maxactive') ? `.maxactive(${maxactive})` : '';
      emit(request, match, `${head}.return${tail}`, { when: 'return', maxactive });
    } else {
      const tail = ['call', 'exported', 'inline'].find((s) => request.has(s));
      emit(request, match, tail ? `${head}.${tail}` : head, { when: 'entry' });
    }
  }
}

function buildStatement(request: PointRequest): void {
  const pattern = readPattern(request, request.string('statement'));
  const functions = matchFunctions(request.target.functions, belongs(request), pattern);
  if (functions.length === 0) noMatch(request, pattern.name);
  let any = false;
  for (const match of functions) {
    const { symbol, called } = match;
    for (const line of selectLines(symbol, pattern.lines, request.has('nearest'))) {
      any = true;
      const tail = request.has('nearest') ? '.nearest' : '';
      const text = `${prefix(request, symbol)}.statement("${place(called, symbol, line)}")${tail}`;
      if (line === symbol.line) emit(request, match, text, { when: 'entry' });
      else emit(request, match, text, { when: 'statement', line });
    }
  }
  if (!any && pattern.lines.kind === 'absolute' && functions.length > 0) {
    const wanted = pattern.lines.ranges[0][0];
    const { symbol } = functions[0];
    const around = symbol.statementLines;
    const before = around.filter((l) => l < wanted).at(-1);
    const after = around.find((l) => l > wanted);
    const tries = [before, after].filter((l) => l !== undefined);
    if (tries.length > 0)
      request.fail(`no line records for ${symbol.file}:${wanted} (try ${tries.map((l) => `:${l}`).join(' or ')})`);
  }
}

function byAddress(request: PointRequest): never {
  request.fail(
    'a probe at a bare address needs machine code; functions of this kernel have none (use the function by its name)',
  );
}

export const functions: PointProvider = {
  patterns: [
    ...['kernel', 'module(string)', 'process(string)'].flatMap((base) =>
      suffixes.map((suffix) => `${base}.function(string)${suffix}`),
    ),
    'process.function(string)',
    'process.function(string).call',
    'process.function(string).return',
    'kprobe.function(string)',
    'kprobe.function(string).call',
    'kprobe.function(string).return',
    'kprobe.module(string).function(string)',
    'kprobe.module(string).function(string).return',
  ],
  doc: 'entry (or return) of functions: NAME, NAME@FILE, wildcards',
  build: buildFunction,
};

export const statements: PointProvider = {
  patterns: ['kernel', 'module(string)', 'process(string)'].flatMap((base) => [
    `${base}.statement(string)`,
    `${base}.statement(string).nearest`,
  ]),
  doc: 'a statement by function, file and line',
  build: buildStatement,
};

export const addresses: PointProvider = {
  patterns: [
    'kernel.function(number)',
    'kernel.function(number).call',
    'kernel.function(number).return',
    'kernel.function(number).inline',
    'kernel.statement(number)',
    'kernel.statement(number).absolute',
    'module(string).function(number)',
    'module(string).function(number).call',
    'module(string).function(number).return',
    'module(string).statement(number)',
    'kprobe.statement(number).absolute',
    'process.statement(number).absolute',
    'process(number).statement(number).absolute',
  ],
  doc: 'a bare address: refused',
  build: byAddress,
};
