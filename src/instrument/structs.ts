// Structs, constants and variables of a program for its debuginfo. A class, an interface or a named object
// type is a struct; its fields are declared properties and getters, in order, laid out by their types' sizes
// and natural alignment as a C compiler would. A class whose constructor takes a buffer and an offset is a
// view of packet bytes; its fields lie where its getters read.
// A field tagged @hidden is none: what the model keeps beside the kernel's fields.
// Left out: static members, methods of classes, private names, unions.
import ts from 'typescript';
import type { ModuleSource } from './extract.js';
import { hasTag, tagTexts } from './functions.js';
import { moduleTag } from './extract.js';
import type { FieldRow, StructRow, VariableRow } from './format.js';
import type { TypeReader } from './types.js';

interface RawField {
  readonly name: string;
  readonly type: string;
  /** Byte offset that the getter's text states; -1 if none. */
  readonly stated: number;
  /** The property that it is, where scripts know it by another name. */
  readonly property?: string;
  /** Whether it is the struct itself, as the base that it begins with. */
  readonly itself?: boolean;
}

interface RawStruct {
  readonly name: string;
  readonly base: string;
  readonly view: boolean;
  readonly source: string;
  readonly file: string;
  readonly line: number;
  readonly fields: readonly RawField[];
}

type Declared = ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** Characters that a `string` field of unknown size takes: the kernel's IFNAMSIZ. */
const NAME_SIZE = 16;

export function extractStructs(modules: readonly ModuleSource[], types: TypeReader): StructRow[] {
  const raw = new Map<string, RawStruct>();
  for (const module of modules) {
    for (const statement of module.file.statements) {
      const literal = ts.isTypeAliasDeclaration(statement) && ts.isTypeLiteralNode(statement.type);
      if (!ts.isClassDeclaration(statement) && !ts.isInterfaceDeclaration(statement) && !literal) continue;
      const struct = readStruct(statement as Declared, module, types);
      if (struct && !raw.has(struct.name)) raw.set(struct.name, struct);
    }
  }
  const layout = new Layout(raw, types);
  return [...raw.values()].map((struct) => layout.row(struct));
}

function readStruct(node: Declared, module: ModuleSource, types: TypeReader): RawStruct | undefined {
  if (!node.name) return undefined;
  const { file } = module;
  const members: readonly ts.Node[] = ts.isTypeAliasDeclaration(node)
    ? (node.type as ts.TypeLiteralNode).members
    : (node.members as readonly ts.Node[]);
  const constructor = members.find(ts.isConstructorDeclaration);
  const first = constructor?.parameters[0]?.type?.getText(file);
  const fields: RawField[] = [];
  for (const member of members) {
    const field = readField(member, file, types, constructor);
    if (field && (field.property !== undefined || !fields.some((f) => f.name === field.name))) fields.push(field);
  }
  const heritage = ts.isTypeAliasDeclaration(node)
    ? undefined
    : node.heritageClauses?.find((h) => h.token === ts.SyntaxKind.ExtendsKeyword);
  return {
    name: node.name.text,
    base: heritage?.types[0]?.expression.getText(file) ?? '',
    view: first === 'Uint8Array' && /^_?off/.test(constructor?.parameters[1]?.name.getText(file) ?? ''),
    source: module.source,
    file: module.kernelFile,
    line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1,
    fields,
  };
}

function readField(
  member: ts.Node,
  file: ts.SourceFile,
  types: TypeReader,
  constructor: ts.ConstructorDeclaration | undefined,
): RawField | undefined {
  const named = member as { name?: ts.Node };
  if (!named.name || !(ts.isIdentifier(named.name) || ts.isStringLiteral(named.name))) return undefined;
  const name = named.name.text;
  if (hasTag(member, 'hidden')) return undefined;
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  if (modifiers.some((m) => m.kind === ts.SyntaxKind.StaticKeyword || m.kind === ts.SyntaxKind.PrivateKeyword))
    return undefined;
  if (ts.isGetAccessor(member)) {
    const text = member.body?.getText(file) ?? '';
    const type = types.ofNode(member.type, 'field');
    const [renamed] = tagTexts(member, 'field');
    if (renamed) {
      const [shown, stated] = renamed.split(' ');
      return { name: shown, type: stated ?? pointed(type), stated: -1, property: name };
    }
    if (
      /^\{\s*return this;\s*\}$/.test(text) &&
      /^struct \w+\*$/.test(type) &&
      member.type &&
      ts.isTypeReferenceNode(member.type)
    ) {
      return { name, type: type.slice(0, -1), stated: -1, itself: true };
    }
    return { name, type: pointed(type), stated: statedOffset(text) };
  }
  if (ts.isPropertyDeclaration(member)) {
    const value = member.initializer ?? assigned(name, constructor);
    let type = types.ofNode(member.type, 'field', value);
    if (value && ts.isNewExpression(value)) {
      if (/^struct \w+\*$/.test(type) && !/\bnull\b/.test(member.type?.getText(file) ?? '')) type = type.slice(0, -1);
      const size = value.arguments?.[0];
      if (type.endsWith('[]') && size && ts.isNumericLiteral(size)) type = `${type.slice(0, -1)}${size.text}]`;
    }
    return { name, type: pointed(type), stated: -1 };
  }
  if (ts.isPropertySignature(member)) return { name, type: pointed(types.ofNode(member.type, 'field')), stated: -1 };
  if (ts.isMethodSignature(member)) return { name, type: 'fn*', stated: -1 };
  return undefined;
}

/** Where a getter reads: the least offset it adds to the view's own (`off`, or `o` for short). */
function statedOffset(text: string): number {
  // A field that is read byte by byte names its own place first.
  const named = /\bo = this\._?off \+ (\d+);/.exec(text);
  if (named) return Number(named[1]);
  const found = [...text.matchAll(/\b(?:o|_?off(?:set)?)\b\s*(?:\+\s*(\d+))?\s*[\],)]/g)];
  return found.length > 0 ? Math.min(...found.map((match) => Number(match[1] ?? 0))) : -1;
}

/** Bytes that a field refers to, rather than holds. */
function pointed(type: string): string {
  return /^[us]\d+\[\]$/.test(type) ? type.replace('[]', '*') : type;
}

/** What a constructor assigns to `this.name`. */
function assigned(name: string, constructor: ts.ConstructorDeclaration | undefined): ts.Expression | undefined {
  for (const statement of constructor?.body?.statements ?? []) {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, operatorToken, right } = statement.expression;
    if (operatorToken.kind !== ts.SyntaxKind.EqualsToken || !ts.isPropertyAccessExpression(left)) continue;
    if (left.expression.kind === ts.SyntaxKind.ThisKeyword && left.name.text === name) return right;
  }
  return undefined;
}

/** Sizes and offsets. */
class Layout {
  readonly #structs: ReadonlyMap<string, RawStruct>;
  readonly #types: TypeReader;
  readonly #done = new Map<string, { size: number; align: number; fields: FieldRow[] }>();

  constructor(structs: ReadonlyMap<string, RawStruct>, types: TypeReader) {
    this.#structs = structs;
    this.#types = types;
  }

  row(struct: RawStruct): StructRow {
    const { size, fields } = this.#of(struct);
    const { name, source, file, line } = struct;
    return { name, source, file, line, size, view: this.#isView(struct), fields };
  }

  #isView(struct: RawStruct): boolean {
    const base = this.#structs.get(struct.base);
    return struct.view || (base !== undefined && base !== struct && this.#isView(base));
  }

  #of(struct: RawStruct): { size: number; align: number; fields: FieldRow[] } {
    const known = this.#done.get(struct.name);
    if (known) return known;
    const fields: FieldRow[] = [];
    const result = { size: 0, align: 1, fields };
    this.#done.set(struct.name, result);
    const base = this.#structs.get(struct.base);
    if (base) {
      const inherited = this.#of(base);
      fields.push(...inherited.fields);
      result.size = inherited.size;
      result.align = inherited.align;
    }
    const view = this.#isView(struct);
    for (const field of struct.fields) {
      if (view && /^_?(buf|off|data|offset)$/.test(field.name) && field.stated < 0) continue;
      if (field.itself) {
        // A struct begins with its base, and the base's fields follow under their own names, too.
        fields.unshift([field.name, field.type, 0]);
        continue;
      }
      const { size, align } = this.#measure(field.type);
      if (field.property !== undefined) {
        const as = fields.findIndex((f) => f[0] === field.name);
        if (as >= 0) {
          fields[as] = [field.name, field.type, fields[as][2], field.property];
          continue;
        }
      }
      const offset = view && field.stated >= 0 ? field.stated : Math.ceil(result.size / align) * align;
      const at = fields.findIndex((f) => f[0] === field.name);
      if (at >= 0) {
        fields[at] = [field.name, field.type, fields[at][2]];
        continue;
      }
      fields.push(
        field.property === undefined
          ? [field.name, field.type, offset]
          : [field.name, field.type, offset, field.property],
      );
      result.size = Math.max(result.size, offset + size);
      if (!view) result.align = Math.max(result.align, align);
    }
    result.size = Math.ceil(result.size / result.align) * result.align;
    return result;
  }

  #measure(type: string): { size: number; align: number } {
    const array = /^(.*)\[(\d*)\]$/.exec(type);
    if (array) {
      if (array[2] === '') return array[1] === 'char' ? { size: NAME_SIZE, align: 1 } : { size: 8, align: 8 };
      const element = this.#measure(array[1]);
      return { size: element.size * Number(array[2]), align: element.align };
    }
    if (type.endsWith('*')) return { size: 8, align: 8 };
    if (type.startsWith('struct ')) {
      const struct = this.#structs.get(type.slice(7));
      return struct ? this.#of(struct) : { size: 8, align: 8 };
    }
    const size = this.#types.integers[type]?.[0] ?? 8;
    return { size, align: size };
  }
}

/** Named numbers and texts of the modules, enumerators (properties of constant objects) included. */
export function extractConstants(modules: readonly ModuleSource[]): Record<string, number | string> {
  const known: Record<string, number | string> = Object.create(null);
  const pending: [string, ts.Expression][] = [];
  for (const module of modules) {
    for (const [declaration] of constants(module.file)) {
      const name = (declaration.name as ts.Identifier).text;
      const value = unwrap(declaration.initializer);
      if (!value) continue;
      if (ts.isObjectLiteralExpression(value)) {
        for (const property of value.properties) {
          if (
            ts.isPropertyAssignment(property) &&
            ts.isIdentifier(property.name) &&
            /^[A-Z]/.test(property.name.text)
          ) {
            pending.push([property.name.text, property.initializer]);
          }
        }
      } else {
        pending.push([name, value]);
      }
    }
  }
  for (let round = 0; round < 4; round++) {
    for (const [name, expression] of pending) {
      if (name in known) continue;
      const value = evaluate(expression, known);
      if (value !== undefined) known[name] = value;
    }
  }
  return known;
}

/** Objects and variables at the top of the modules. */
export function extractVariables(modules: readonly ModuleSource[], types: TypeReader): VariableRow[] {
  return modules.flatMap((module) =>
    constants(module.file).flatMap(([declaration, mutable]) => {
      const value = unwrap(declaration.initializer);
      const plain =
        value && (ts.isNumericLiteral(value) || ts.isStringLiteral(value) || ts.isPrefixUnaryExpression(value));
      const closure =
        value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value) || ts.isBinaryExpression(value));
      if (!mutable && (plain || closure)) return [];
      const type = types.ofNode(declaration.type, 'field', declaration.initializer);
      const name = (declaration.name as ts.Identifier).text;
      const inPlace = /^struct \w+\*$/.test(type) && !mutable ? type.slice(0, -1) : type;
      return [
        {
          name,
          type: inPlace,
          source: module.source,
          file: module.kernelFile,
          module: module.program ?? moduleTag(module.file),
        },
      ];
    }),
  );
}

function constants(file: ts.SourceFile): [ts.VariableDeclaration, boolean][] {
  return file.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) =>
      statement.declarationList.declarations
        .filter((d) => ts.isIdentifier(d.name))
        .map((d): [ts.VariableDeclaration, boolean] => [
          d,
          (statement.declarationList.flags & ts.NodeFlags.Const) === 0,
        ]),
    );
}

function unwrap(node: ts.Expression | undefined): ts.Expression | undefined {
  if (!node) return undefined;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return unwrap(node.expression);
  if (ts.isCallExpression(node) && node.expression.getText() === 'Object.freeze') return unwrap(node.arguments[0]);
  return node;
}

const OPERATORS: Record<string, ((a: number, b: number) => number) | undefined> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '|': (a, b) => (a | b) >>> 0,
  '&': (a, b) => (a & b) >>> 0,
  '^': (a, b) => (a ^ b) >>> 0,
  '<<': (a, b) => (a << b) >>> 0,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
  '%': (a, b) => a % b,
};

function evaluate(node: ts.Expression, known: Record<string, number | string>): number | string | undefined {
  const inner = unwrap(node) ?? node;
  if (ts.isNumericLiteral(inner)) return Number.isSafeInteger(Number(inner.text)) ? Number(inner.text) : undefined;
  if (ts.isStringLiteral(inner)) return inner.text;
  if (ts.isIdentifier(inner)) return known[inner.text];
  if (ts.isPropertyAccessExpression(inner)) return known[inner.name.text];
  if (ts.isPrefixUnaryExpression(inner)) {
    const value = evaluate(inner.operand, known);
    if (typeof value !== 'number') return undefined;
    if (inner.operator === ts.SyntaxKind.MinusToken) return -value;
    return inner.operator === ts.SyntaxKind.TildeToken ? ~value >>> 0 : undefined;
  }
  if (ts.isBinaryExpression(inner)) {
    const operate = OPERATORS[inner.operatorToken.getText()];
    const left = evaluate(inner.left, known);
    const right = evaluate(inner.right, known);
    return operate && typeof left === 'number' && typeof right === 'number' ? operate(left, right) : undefined;
  }
  return undefined;
}
