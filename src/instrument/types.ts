// TypeScript types as the C types they stand for (format.ts has the notation). Where a type is written out,
// the written text counts, since the checker forgets the names of number aliases (`u32` is `number` to it);
// where it is not, the declaration that the value comes from is looked for, then the checker is asked.
// Left out: generic types other than arrays and generators, which show as `void*`.
import ts from 'typescript';

/** Bytes and signedness of the integer types known by name; others are looked up through their alias. */
const INTEGERS: Record<string, readonly [number, 0 | 1]> = {
  char: [1, 1], u8: [1, 0], s8: [1, 1], u16: [2, 0], s16: [2, 1], u32: [4, 0], s32: [4, 1], u64: [8, 0], s64: [8, 1],
  int: [4, 1], uint: [4, 0], long: [8, 1], ulong: [8, 0], short: [2, 1], ushort: [2, 0], bool: [1, 0],
  size_t: [8, 0], ssize_t: [8, 1], loff_t: [8, 1], ktime_t: [8, 1], gfp_t: [4, 0],
  atomic_t: [4, 1], atomic_long_t: [8, 1], refcount_t: [4, 1],
  __be16: [2, 0], __be32: [4, 0], __be64: [8, 0], __sum16: [2, 0], __wsum: [4, 0],
}; // prettier-ignore

const TYPED_ARRAYS: Record<string, string> = {
  Uint8Array: 'u8', Int8Array: 's8', Uint16Array: 'u16', Int16Array: 's16', Uint32Array: 'u32', Int32Array: 'int',
  BigUint64Array: 'u64', BigInt64Array: 's64', DataView: 'u8', ArrayBuffer: 'u8', Buffer: 'u8',
}; // prettier-ignore

/** Where a value of a type stands: a field holds arrays and strings in place, elsewhere they are pointed to. */
export type Position = 'field' | 'value';

export class TypeReader {
  /** Integer types met, for the debuginfo's table. */
  readonly integers: Record<string, readonly [number, 0 | 1]> = { ...INTEGERS };
  readonly #checker: ts.TypeChecker;

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** The C type of a written type; of `fallback` when none is written. */
  ofNode(node: ts.TypeNode | undefined, position: Position, fallback?: ts.Expression): string {
    if (node) return this.#node(node, position, 0);
    return fallback ? this.ofExpression(fallback, position) : 'void*';
  }

  #node(node: ts.TypeNode, position: Position, depth: number): string {
    if (depth > 8) return 'void*';
    const again = (inner: ts.TypeNode, at = position) => this.#node(inner, at, depth + 1);
    switch (node.kind) {
      case ts.SyntaxKind.NumberKeyword:
        return 'int';
      case ts.SyntaxKind.BigIntKeyword:
        return 'long';
      case ts.SyntaxKind.BooleanKeyword:
        return 'bool';
      case ts.SyntaxKind.StringKeyword:
        return position === 'field' ? 'char[]' : 'char*';
      case ts.SyntaxKind.VoidKeyword:
      case ts.SyntaxKind.UndefinedKeyword:
      case ts.SyntaxKind.NeverKeyword:
        return 'void';
      case ts.SyntaxKind.FunctionType:
        return 'fn*';
    }
    if (ts.isParenthesizedTypeNode(node)) return again(node.type);
    if (ts.isTypeOperatorNode(node)) return again(node.type);
    if (ts.isTypePredicateNode(node)) return 'bool';
    if (ts.isArrayTypeNode(node)) return `${again(node.elementType, 'value')}[]`;
    if (ts.isTupleTypeNode(node)) {
      const first = node.elements[0];
      const element = first && ts.isNamedTupleMember(first) ? first.type : first;
      return element ? `${again(element, 'value')}[${node.elements.length}]` : 'void*';
    }
    if (ts.isIntersectionTypeNode(node)) return again(node.types[0]);
    if (ts.isUnionTypeNode(node)) {
      const rest = node.types.filter((t) => !isNothing(t));
      if (rest.length === 1) return pointer(again(rest[0], 'value'));
      return rest.length ? this.ofType(this.#checker.getTypeFromTypeNode(node), position) : 'void*';
    }
    if (ts.isLiteralTypeNode(node)) return this.ofType(this.#checker.getTypeFromTypeNode(node), position);
    if (ts.isTypeReferenceNode(node)) return this.#reference(node, position, depth);
    return this.ofType(this.#checker.getTypeFromTypeNode(node), position);
  }

  #reference(node: ts.TypeReferenceNode, position: Position, depth: number): string {
    const name = node.typeName.getText();
    const args = node.typeArguments ?? [];
    if (name in INTEGERS) return name;
    if (name in TYPED_ARRAYS) return `${TYPED_ARRAYS[name]}${position === 'field' ? '[]' : '*'}`;
    if ((name === 'Array' || name === 'ReadonlyArray') && args[0])
      return `${this.#node(args[0], 'value', depth + 1)}[]`;
    if (name === 'Generator' && args[1]) return this.#node(args[1], position, depth + 1);
    if ((name === 'Promise' || name === 'Readonly' || name === 'NonNullable') && args[0]) {
      return this.#node(args[0], position, depth + 1);
    }
    const symbol = this.#resolve(node.typeName);
    const declaration = symbol?.declarations?.[0];
    // What cannot be found still has its name.
    if (!declaration) return `struct ${name}*`;
    if (ts.isTypeParameterDeclaration(declaration)) {
      return declaration.constraint ? this.#node(declaration.constraint, position, depth + 1) : 'void*';
    }
    if (ts.isTypeAliasDeclaration(declaration)) {
      const type = this.#checker.getTypeFromTypeNode(node);
      if (isInteger(type)) return this.#integer(name, declaration.type, type);
      if (type.symbol?.name === 'Generator' && args.length > 0) return this.#node(args[0], position, depth + 1);
      if (ts.isTypeLiteralNode(declaration.type)) return position === 'field' ? `struct ${name}` : `struct ${name}*`;
      return args.length ? this.ofType(type, position) : this.#node(declaration.type, position, depth + 1);
    }
    return this.ofType(this.#checker.getTypeFromTypeNode(node), position);
  }

  /** Notes a named integer type and gives its name. */
  #integer(name: string, node: ts.TypeNode, type: ts.Type): string {
    if (!(name in this.integers)) {
      const target = ts.isTypeReferenceNode(node) ? node.typeName.getText() : '';
      const enumerated = type.isUnion() || type.isNumberLiteral();
      this.integers[name] =
        this.integers[target] ?? (type.flags & ts.TypeFlags.BigIntLike ? [8, 1] : [4, enumerated ? 0 : 1]);
    }
    return name;
  }

  /** The C type of a checker's type. */
  ofType(type: ts.Type, position: Position): string {
    const alias = type.aliasSymbol?.name;
    if (alias && alias in INTEGERS) return alias;
    const declared = type.aliasSymbol?.declarations?.[0];
    if (alias && isInteger(type) && declared && ts.isTypeAliasDeclaration(declared)) {
      return this.#integer(alias, declared.type, type);
    }
    if (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return 'void';
    if (type.flags & ts.TypeFlags.BooleanLike) return 'bool';
    if (type.flags & ts.TypeFlags.BigIntLike) return 'long';
    if (type.flags & ts.TypeFlags.NumberLike) return 'int';
    if (type.flags & ts.TypeFlags.StringLike) return position === 'field' ? 'char[]' : 'char*';
    if (type.isUnion()) {
      const rest = type.types.filter(
        (t) => !(t.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void)),
      );
      if (rest.length > 0 && rest.every((t) => t.flags & ts.TypeFlags.BooleanLike)) return 'bool';
      if (rest.length > 0 && rest.every(isInteger)) return 'int';
      return rest.length > 0 ? pointer(this.ofType(rest[0], 'value')) : 'void*';
    }
    if (type.isIntersection()) return this.ofType(type.types[0], position);
    if (type.getCallSignatures().length > 0) return 'fn*';
    const name = type.symbol?.name ?? '';
    if (name in TYPED_ARRAYS) return `${TYPED_ARRAYS[name]}${position === 'field' ? '[]' : '*'}`;
    const args =
      this.#checker.isArrayType(type) || name === 'Generator' || name === 'Promise'
        ? typeArguments(this.#checker, type)
        : [];
    if (this.#checker.isArrayType(type) && args[0]) return `${this.ofType(args[0], 'value')}[]`;
    if (name === 'Generator' && args[1]) return this.ofType(args[1], position);
    if (name === 'Promise' && args[0]) return this.ofType(args[0], position);
    if (alias && type.flags & ts.TypeFlags.Object) return `struct ${alias}*`;
    if (
      type.symbol &&
      type.symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface) &&
      !ofLibrary(type.symbol)
    ) {
      return `struct ${name}*`;
    }
    return 'void*';
  }

  /** The C type of an expression's value. */
  ofExpression(expression: ts.Expression, position: Position, depth = 0): string {
    const again = (inner: ts.Expression) => this.ofExpression(inner, position, depth + 1);
    const give = () => this.ofType(this.#checker.getTypeAtLocation(expression), position);
    if (depth > 8) return give();
    if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)) {
      return expression.type.getText() === 'const'
        ? again(expression.expression)
        : this.#node(expression.type, position, 0);
    }
    if (ts.isParenthesizedExpression(expression) || ts.isNonNullExpression(expression))
      return again(expression.expression);
    if (ts.isNewExpression(expression)) {
      const type = this.ofType(this.#checker.getTypeAtLocation(expression), position);
      return position === 'field' && /^struct \w+\*$/.test(type) ? type.slice(0, -1) : type;
    }
    if (ts.isYieldExpression(expression) && expression.expression) return again(expression.expression);
    if (ts.isAwaitExpression(expression)) return again(expression.expression);
    if (ts.isCallExpression(expression)) {
      const node = this.#returnNode(expression.expression);
      return node ? this.#node(node, position, 0) : give();
    }
    if (ts.isIdentifier(expression) || ts.isPropertyAccessExpression(expression)) {
      const declaration = this.#resolve(ts.isIdentifier(expression) ? expression : expression.name)?.valueDeclaration;
      if (declaration && !ofLibraryNode(declaration)) {
        const typed = declaration as { type?: ts.TypeNode; initializer?: ts.Expression };
        if (typed.type && !ts.isFunctionLike(typed.type)) {
          return ts.isFunctionLike(declaration) && !ts.isGetAccessor(declaration)
            ? 'fn*'
            : this.#node(typed.type, position, 0);
        }
        const variable = ts.isVariableDeclaration(declaration) || ts.isPropertyDeclaration(declaration);
        if (variable && typed.initializer) return again(typed.initializer);
      }
      return give();
    }
    if (ts.isElementAccessExpression(expression)) {
      const array = again(expression.expression);
      const element = /^(.*?)(?:\[\d*\]|\*)$/.exec(array)?.[1];
      return element && element !== 'void' && !/^struct \w+$/.test(element) ? element : give();
    }
    if (ts.isConditionalExpression(expression)) {
      const first = again(expression.whenTrue);
      return first === 'void*' ? again(expression.whenFalse) : first;
    }
    if (ts.isBinaryExpression(expression)) {
      const kind = expression.operatorToken.kind;
      if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken)
        return again(expression.left);
    }
    return give();
  }

  /**
   * What the function that is called says it returns, if it does so without type parameters. Looked up by its
   * declaration: to have the checker resolve the call would cost a third of the whole extraction.
   */
  #returnNode(callee: ts.Expression): ts.TypeNode | undefined {
    if (!ts.isIdentifier(callee) && !ts.isPropertyAccessExpression(callee)) return undefined;
    const declaration = this.#resolve(ts.isIdentifier(callee) ? callee : callee.name)?.valueDeclaration;
    if (!declaration || ofLibraryNode(declaration)) return undefined;
    if (ts.isFunctionLike(declaration)) return declaration.typeParameters ? undefined : declaration.type;
    const typed = (declaration as { type?: ts.TypeNode }).type;
    const inner = typed && ts.isUnionTypeNode(typed) ? typed.types.find((t) => !isNothing(t)) : typed;
    const signature = inner && ts.isParenthesizedTypeNode(inner) ? inner.type : inner;
    return signature && ts.isFunctionTypeNode(signature) && !signature.typeParameters ? signature.type : undefined;
  }

  /** The C type of what a function returns that does not say so. */
  ofReturn(node: ts.FunctionDeclaration): string {
    const signature = this.#checker.getSignatureFromDeclaration(node);
    return signature ? this.ofType(signature.getReturnType(), 'value') : 'void';
  }

  #resolve(node: ts.Node): ts.Symbol | undefined {
    const symbol = this.#checker.getSymbolAtLocation(node);
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }
}

/** A struct that may be null is pointed to; everything else that may be null already is a pointer or a number. */
function pointer(type: string): string {
  return /^struct \w+$/.test(type) ? `${type}*` : type;
}

function isNothing(node: ts.TypeNode): boolean {
  return (
    node.kind === ts.SyntaxKind.UndefinedKeyword ||
    (ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword)
  );
}

function isInteger(type: ts.Type): boolean {
  const integer = ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike;
  return type.isUnion() ? type.types.every(isInteger) : (type.flags & integer) !== 0;
}

function typeArguments(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  const reference = (type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference;
  return reference ? checker.getTypeArguments(type as ts.TypeReference) : [];
}

function ofLibrary(symbol: ts.Symbol): boolean {
  return symbol.declarations?.every(ofLibraryNode) ?? false;
}

function ofLibraryNode(node: ts.Node): boolean {
  return node.getSourceFile().isDeclarationFile;
}
