// Arguments and results of system calls in packetdrill: C-like expressions, lists in brackets, structures in
// braces with or without field names.

import type { Expression, StructField } from './syntax.js';
import type { TokenStream } from './parser.js';

const PRECEDENCE: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>']];

export function parseExpression(stream: TokenStream, level = 0): Expression {
  if (level === PRECEDENCE.length) return parseUnary(stream);
  let left = parseExpression(stream, level + 1);
  while (stream.peek().kind === 'symbol' && PRECEDENCE[level].includes(stream.peek().text)) {
    const operator = stream.next().text;
    left = { kind: 'binary', operator, left, right: parseExpression(stream, level + 1) };
  }
  return left;
}

/** A call's result: no sum, because the next event's time may begin with a plus sign. */
export function parseResult(stream: TokenStream): Expression {
  let left = parseUnary(stream);
  while (stream.accept('|')) left = { kind: 'binary', operator: '|', left, right: parseUnary(stream) };
  return left;
}

function parseUnary(stream: TokenStream): Expression {
  for (const operator of ['-', '~', '!', '&']) {
    if (stream.accept(operator)) return { kind: 'unary', operator, operand: parseUnary(stream) };
  }
  return parsePrimary(stream);
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[^])/g, (_, escape: string) => {
    if (/^x/.test(escape)) return String.fromCharCode(parseInt(escape.slice(1), 16));
    if (/^[0-7]/.test(escape)) return String.fromCharCode(parseInt(escape, 8) & 255);
    return { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }[escape] ?? escape;
  });
}

function parsePrimary(stream: TokenStream): Expression {
  if (stream.accept('...')) return { kind: 'ellipsis' };
  if (stream.accept('(')) {
    const inner = parseExpression(stream);
    stream.expect(')');
    return inner;
  }
  if (stream.accept('[')) return { kind: 'list', items: parseItems(stream, ']') };
  if (stream.is('{')) return parseStruct(stream);
  const token = stream.next();
  switch (token.kind) {
    case 'integer':
      return { kind: 'integer', value: Number(token.text) };
    case 'float':
      return { kind: 'float', value: Number(token.text) };
    case 'string': {
      let value = unquote(token.text);
      while (stream.peek().kind === 'string') value += unquote(stream.next().text);
      return { kind: 'string', value };
    }
    case 'word':
      if (stream.is('(')) {
        stream.next();
        return { kind: 'call', name: token.text, args: parseItems(stream, ')') };
      }
      // `epoll {events=…}`: a name in front of a structure says its type.
      if (stream.is('{')) return parseStruct(stream);
      return { kind: 'word', name: token.text };
    default:
      return stream.fail('expected an expression', token);
  }
}

function parseItems(stream: TokenStream, close: string): Expression[] {
  const items: Expression[] = [];
  while (!stream.is(close)) {
    items.push(parseExpression(stream));
    if (!stream.accept(',')) break;
  }
  stream.expect(close);
  return items;
}

function parseStruct(stream: TokenStream): Expression {
  stream.expect('{');
  const fields: StructField[] = [];
  while (!stream.is('}')) {
    fields.push(parseField(stream));
    if (!stream.accept(',')) break;
  }
  stream.expect('}');
  return { kind: 'struct', fields };
}

function parseField(stream: TokenStream): StructField {
  if (stream.accept('.')) return parseField(stream);
  if (stream.peek().kind === 'word') {
    if (stream.is('=', 1)) {
      const name = stream.word();
      stream.next();
      return { name, length: null, value: parseExpression(stream) };
    }
    // name(length)=value
    if (stream.is('(', 1)) {
      let ahead = 2;
      while (!stream.is(')', ahead) && stream.peek(ahead).kind !== 'end') ahead++;
      if (stream.is('=', ahead + 1)) {
        const name = stream.word();
        stream.next();
        const length = parseExpression(stream);
        stream.expect(')');
        stream.expect('=');
        return { name, length, value: parseExpression(stream) };
      }
    }
    if (stream.is(':', 1)) {
      const name = stream.word();
      stream.next();
      return { name, length: null, value: parseExpression(stream) };
    }
  }
  return { name: '', length: null, value: parseExpression(stream) };
}
