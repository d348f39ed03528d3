// Debuginfo of a program: what can be probed in it and what scripts can read there. Functions with
// parameters, locals, statements and exits; structs, constants and variables are structs.ts's.
// Read beside it: format.ts (the result), functions.ts (which functions), types.ts (the types).
import ts from 'typescript';
import { Callees } from './callees.js';
import { hasTag, probedFunctions, tagTexts, type ProbedFunction } from './functions.js';
import {
  FLAG_ASYNC,
  FLAG_EXPORTED,
  FLAG_GENERATOR,
  FLAG_INLINE,
  FLAG_TRACEPOINT,
  type DebugIndex,
  type FunctionDetail,
  type FunctionRow,
  type LocalRow,
  type ModuleRow,
  type ParameterRow,
  type ReturnRow,
  type StatementRow,
} from './format.js';
import { extractConstants, extractStructs, extractVariables } from './structs.js';
import { TypeReader } from './types.js';

/** A module to describe. */
export interface ModuleSource {
  readonly file: ts.SourceFile;
  /** Name, as in PrologueOptions.module. */
  readonly source: string;
  readonly firstId: number;
  /** The path that scripts know it by: `net/ipv4/arp.c`. */
  readonly kernelFile: string;
  /** The program that it is part of; the kernel's modules have none. */
  readonly program?: string;
}

/**
 * Describes `modules` of `program`.
 * @returns the text of a debuginfo file
 */
export function extractDebuginfo(program: ts.Program, modules: readonly ModuleSource[]): string {
  const types = new TypeReader(program.getTypeChecker());
  const lines: string[] = [];
  let offset = 0;
  const chunk = (value: unknown): [number, number] => {
    const text = ascii(JSON.stringify(value));
    lines.push(text);
    offset += text.length + 1;
    return [offset - text.length - 1, text.length];
  };
  const callees = new Callees(modules.map((module) => module.file));
  const rows = modules.map((module): ModuleRow => {
    const functions = probedFunctions(module.file);
    return {
      source: module.source,
      file: module.kernelFile,
      module: module.program ?? moduleTag(module.file),
      ...(module.program === undefined ? {} : { program: true }),
      firstId: module.firstId,
      functions: functions.map((fn) => row(fn, module)),
      details: chunk(functions.map((fn) => detail(fn, module.file, types, callees))),
    };
  });
  const structs = Object.fromEntries(extractStructs(modules, types).map((row) => [row.name, chunk(row)]));
  const constants = chunk(extractConstants(modules));
  const variables = chunk(extractVariables(modules, types));
  const index: DebugIndex = { version: 1, modules: rows, structs, constants, variables, integers: types.integers };
  return `${ascii(JSON.stringify(index))}\n${lines.join('\n')}\n`;
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The kernel module that a file says it belongs to (`@module nf_nat` in its first comment). */
export function moduleTag(file: ts.SourceFile): string {
  const head = file.text.slice(0, file.statements[0]?.getStart(file) ?? file.text.length);
  return /@module\s+(\w+)/.exec(head)?.[1] ?? 'kernel';
}

function row(fn: ProbedFunction, module: ModuleSource): FunctionRow {
  const { file } = module;
  const line = (at: number) => file.getLineAndCharacterOfPosition(at).line + 1;
  const former = tagTexts(fn.node, 'formerly').map((text) => {
    const [name, ...kernels] = text.split(/\s+/);
    return [name, kernels.join(' ')] as const;
  });
  const traced = module.kernelFile.includes('include/trace/') && fn.name.startsWith('trace_');
  // An inline function that was none in an earlier kernel can be probed like any other.
  const flags =
    (fn.generator ? FLAG_GENERATOR : 0) |
    (fn.async ? FLAG_ASYNC : 0) |
    (hasTag(fn.node, 'EXPORT_SYMBOL') ? FLAG_EXPORTED : 0) |
    (traced ? FLAG_TRACEPOINT : 0) |
    (module.kernelFile.endsWith('.h') && !traced && former.length === 0 ? FLAG_INLINE : 0);
  const base = [fn.name, line(fn.start), line(fn.node.end), flags] as const;
  return former.length > 0 ? [...base, former] : base;
}

function detail(fn: ProbedFunction, file: ts.SourceFile, types: TypeReader, callees: Callees): FunctionDetail {
  const body = fn.node.body;
  const at = (position: number) => position - fn.start;
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const locals: LocalRow[] = [];
  const statements: StatementRow[] = [];
  const exits: ReturnRow[] = [];
  const labels: [string, number][] = [];

  const bind = (
    name: ts.BindingName,
    type: ts.TypeNode | undefined,
    init: ts.Expression | undefined,
    scope: ts.Node,
    from: number,
  ) => {
    if (ts.isIdentifier(name)) {
      const text = init || type ? types.ofNode(type, 'value', init) : types.ofExpression(name, 'value');
      locals.push([name.text, text, at(scope.getStart(file)), at(from), at(scope.end)]);
      return;
    }
    for (const element of name.elements) {
      if (ts.isBindingElement(element)) bind(element.name, undefined, undefined, scope, from);
    }
  };

  const declare = (list: ts.VariableDeclarationList, scope: ts.Node, from: number, of?: ts.Expression) => {
    for (const declaration of list.declarations) {
      const init = of ? undefined : declaration.initializer;
      bind(declaration.name, declaration.type, init, scope, from);
    }
  };

  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isStatement(node) && isProbed(node)) {
      const listed = ts.isBlock(node.parent) || ts.isCaseOrDefaultClause(node.parent);
      if (listed || !ts.isLabeledStatement(node.parent)) {
        const start = node.getStart(file);
        statements.push([at(start), at(node.end), lineOf(start), listed ? 0 : 1]);
      }
    }
    if (ts.isReturnStatement(node)) {
      const value = node.expression;
      exits.push([
        at(node.getStart(file)),
        at(node.end),
        value ? at(value.getStart(file)) : 0,
        value ? at(value.end) : 0,
      ]);
    }
    if (ts.isLabeledStatement(node)) labels.push([node.label.text, lineOf(node.getStart(file))]);
    if (ts.isVariableStatement(node)) declare(node.declarationList, scopeOf(node), node.end);
    if ((ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node)) && node.initializer) {
      if (ts.isVariableDeclarationList(node.initializer)) {
        const of = ts.isForStatement(node) ? undefined : node.expression;
        declare(node.initializer, node, node.statement.getStart(file), of);
      }
    }
    if (ts.isCatchClause(node) && node.variableDeclaration) {
      bind(node.variableDeclaration.name, undefined, undefined, node.block, node.block.getStart(file) + 1);
    }
    ts.forEachChild(node, visit);
  };
  for (const parameter of fn.node.parameters) {
    if (!ts.isIdentifier(parameter.name)) bind(parameter.name, undefined, undefined, body, body.getStart(file) + 1);
  }
  ts.forEachChild(body, visit);

  return {
    parameters: parameterRows(fn, locals, types),
    locals,
    returns: returnType(fn, types),
    body: [at(body.getStart(file) + 1), at(body.end - 1)],
    statements,
    exits,
    labels,
    callees: callees.of(body, file),
  };
}

/** An unused parameter's leading underscore is no part of its name. */
function parameterRows(fn: ProbedFunction, locals: readonly LocalRow[], types: TypeReader): ParameterRow[] {
  const names = fn.node.parameters.flatMap((p) => (ts.isIdentifier(p.name) ? [p.name.text] : []));
  const taken = new Set([...names, ...locals.map(([name]) => name)]);
  return fn.node.parameters.flatMap((parameter): ParameterRow[] => {
    if (!ts.isIdentifier(parameter.name)) return [];
    const name = parameter.name.text;
    const type = parameterType(parameter, types);
    const bare = /^_(?!_)/.test(name) ? name.slice(1) : name;
    return bare === name || taken.has(bare) ? [[name, type]] : [[bare, type, name]];
  });
}

function parameterType(parameter: ts.ParameterDeclaration, types: TypeReader): string {
  const type = types.ofNode(parameter.type, 'value', parameter.initializer);
  return type === 'void*' && !parameter.type && !parameter.initializer
    ? types.ofExpression(parameter.name as ts.Identifier, 'value')
    : type;
}

function returnType(fn: ProbedFunction, types: TypeReader): string {
  if (fn.node.type) return types.ofNode(fn.node.type, 'value');
  return types.ofReturn(fn.node);
}

/** The block in which a variable statement's names live. */
function scopeOf(node: ts.Node): ts.Node {
  return ts.isCaseOrDefaultClause(node.parent) ? node.parent.parent : node.parent;
}

function isProbed(node: ts.Statement): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.Block:
    case ts.SyntaxKind.EmptyStatement:
    case ts.SyntaxKind.FunctionDeclaration:
    case ts.SyntaxKind.ClassDeclaration:
    case ts.SyntaxKind.InterfaceDeclaration:
    case ts.SyntaxKind.TypeAliasDeclaration:
      return false;
  }
  return !(ts.isBlock(node) || ts.isCatchClause(node.parent));
}
