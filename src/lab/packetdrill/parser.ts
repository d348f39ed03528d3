// Parses a packetdrill script into its events. Packets are in packet-parser.ts, expressions in
// expression-parser.ts.

import { PacketdrillSyntaxError, tokenize, type Token } from './lexer.js';
import { parseExpression, parseResult } from './expression-parser.js';
import { parsePacket } from './packet-parser.js';
import type { Code, Command, EventTime, Script, ScriptEvent, ScriptOption, Syscall } from './syntax.js';
import type { Definitions } from './values.js';

/** A place among the tokens. */
export class TokenStream {
  readonly text: string;
  /** -D symbols, which may stand for a Fast Open cookie. */
  readonly definitions: Definitions;
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(text: string, definitions: Definitions = new Map()) {
    this.text = text;
    this.definitions = definitions;
    this.tokens = tokenize(text);
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the next token is this symbol or word. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'symbol' || token.kind === 'word');
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string): Token {
    if (!this.is(text)) this.fail(`expected '${text}'`);
    return this.next();
  }

  integer(): number {
    const token = this.next();
    if (token.kind !== 'integer') this.fail('expected a number', token);
    return Number(token.text);
  }

  word(): string {
    const token = this.next();
    if (token.kind !== 'word') this.fail('expected a name', token);
    return token.text;
  }

  /** End of the last token taken. */
  get position(): number {
    return this.at === 0 ? 0 : this.tokens[this.at - 1].end;
  }

  fail(message: string, token: Token = this.peek()): never {
    throw new PacketdrillSyntaxError(token.line, `${message}, found '${token.text}'`);
  }
}

/** Seconds: what lies beyond is taken for a slip. */
const LATEST = 100_000;

/** @returns µs */
function parseTime(stream: TokenStream): number {
  const token = stream.next();
  if (token.kind !== 'integer' && token.kind !== 'float') stream.fail('expected a time', token);
  const seconds = Number(token.text);
  if (seconds > LATEST) stream.fail(`a time is at most ${LATEST} seconds`, token);
  return Math.round(seconds * 1e6);
}

function parseEventTime(stream: TokenStream): EventTime {
  if (stream.accept('*')) return { kind: 'any' };
  const relative = stream.accept('+');
  const us = parseTime(stream);
  if (stream.accept('~')) {
    if (relative) stream.expect('+');
    return { kind: relative ? 'relative-range' : 'absolute-range', us, end: parseTime(stream) };
  }
  return { kind: relative ? 'relative' : 'absolute', us };
}

function parseCommand(stream: TokenStream): Command {
  const token = stream.next();
  return { kind: 'command', line: token.line, text: token.text.slice(1, -1).replace(/\\`/g, '`') };
}

function parseCode(stream: TokenStream): Code {
  const token = stream.next();
  return { kind: 'code', line: token.line, text: token.text.slice(2, -2) };
}

function parseSyscall(stream: TokenStream): Syscall {
  const end = stream.accept('...') ? parseTime(stream) : null;
  const name = stream.word();
  stream.expect('(');
  const args = [];
  while (!stream.is(')')) {
    args.push(parseExpression(stream));
    if (!stream.accept(',')) break;
  }
  stream.expect(')');
  stream.expect('=');
  const result = stream.accept('?') ? null : parseResult(stream);
  let errno: string | null = null;
  if (stream.peek().kind === 'word' && /^E[A-Z0-9]+$/.test(stream.peek().text)) errno = stream.word();
  if (stream.is('(')) {
    // A note such as strerror's text.
    let depth = 0;
    do {
      const token = stream.next();
      if (token.kind === 'end') stream.fail("expected ')'", token);
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
    } while (depth > 0);
  }
  return { kind: 'syscall', name, args, result, errno, end };
}

function parseAction(stream: TokenStream): ScriptEvent['action'] {
  const token = stream.peek();
  if (token.kind === 'backquoted') return parseCommand(stream);
  if (token.kind === 'code') return parseCode(stream);
  if (token.text === '<' || token.text === '>') return parsePacket(stream);
  if (token.kind === 'word' || token.text === '...') return parseSyscall(stream);
  return stream.fail('expected a packet, a system call, a command or code');
}

function parseOption(stream: TokenStream): ScriptOption {
  const token = stream.next();
  let value = '';
  if (stream.accept('=')) {
    // The value ends with the line, or where white space ends it.
    const first = stream.next();
    value = first.text;
    let last = first;
    while (stream.peek().start === last.end && stream.peek().kind !== 'end') {
      last = stream.next();
      value += last.text;
    }
  }
  return { line: token.line, name: token.text.slice(2), value: value.replace(/^"(.*)"$/, '$1') };
}

/**
 * @param file name for messages
 * @param definitions -D symbols
 * @throws PacketdrillSyntaxError
 */
export function parseScript(file: string, text: string, definitions: Definitions = new Map()): Script {
  const stream = new TokenStream(text, definitions);
  const options: ScriptOption[] = [];
  while (stream.peek().kind === 'option') options.push(parseOption(stream));
  let init: Command | null = null;
  if (stream.peek().kind === 'backquoted') init = parseCommand(stream);
  const events: ScriptEvent[] = [];
  let cleanup: Command | null = null;
  while (stream.peek().kind !== 'end') {
    const first = stream.peek();
    if (first.kind === 'backquoted' && stream.peek(1).kind === 'end') {
      cleanup = parseCommand(stream);
      break;
    }
    const time = parseEventTime(stream);
    const action = parseAction(stream);
    const source = text.slice(first.start, stream.position).replace(/\s+/g, ' ');
    events.push({ line: first.line, time, action, text: source });
  }
  return { file, options, init, events, cleanup };
}
