// The language server through its protocol: a text is opened, and each capability asked at the place marked `|`.
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { serve } from '#tsprobe/cli/lsp/server.js';

interface Position {
  line: number;
  character: number;
}
interface Range {
  start: Position;
  end: Position;
}
interface Shown {
  range: Range;
  severity: number;
  message: string;
}

const input = new PassThrough();
const output = new PassThrough();
const status = serve(input, output);
const waiting = new Map<number, (result: unknown) => void>();
let shown: readonly Shown[] = [];
let received = Buffer.alloc(0);
let asked = 0;

output.on('data', (chunk: Buffer) => {
  received = Buffer.concat([received, chunk]);
  for (;;) {
    const frame = /^Content-Length: (\d+)\r\n\r\n/.exec(received.toString('latin1', 0, 100));
    if (frame === null || received.length < frame[0].length + Number(frame[1])) return;
    const end = frame[0].length + Number(frame[1]);
    const message = JSON.parse(received.toString('utf8', frame[0].length, end)) as {
      id?: number;
      result?: unknown;
      error?: unknown;
      params?: { diagnostics: Shown[] };
    };
    received = received.subarray(end);
    if (message.params !== undefined) shown = message.params.diagnostics;
    if (message.id !== undefined) waiting.get(message.id)?.(message.error ?? message.result);
  }
});

function send(message: object): void {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  input.write(`Content-Length: ${body.length}\r\n\r\n`);
  input.write(body);
}

function request<T>(method: string, params: object = {}): Promise<T> {
  const id = ++asked;
  return new Promise((done) => {
    waiting.set(id, (result) => done(result as T));
    send({ id, method, params });
  });
}

/** Opens a text and asks at the place of its `|`. */
function at<T>(method: string, marked: string, uri = 'file:///a.stp'): Promise<T> {
  const offset = marked.indexOf('|');
  const lines = marked.slice(0, offset).split('\n');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, text } } });
  const position = { line: lines.length - 1, character: lines.at(-1)?.length };
  return request(`textDocument/${method}`, { textDocument: { uri }, position });
}

/** The part of a text that a range covers. */
function covered(text: string, { start, end }: Range): string {
  const line = text.split('\n')[start.line];
  return start.line === end.line ? line.slice(start.character, end.character) : `${line.slice(start.character)}…`;
}

/** Diagnostics of a text: what is underlined, and what is said. */
async function diagnose(text: string, uri = 'file:///a.stp'): Promise<[string, string, number][]> {
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, text } } });
  await request('textDocument/documentSymbol', { textDocument: { uri } });
  return shown.map((d) => [covered(text, d.range), d.message, d.severity]);
}

async function completions(marked: string): Promise<string[]> {
  const { items } = await at<{ items: { label: string }[] }>('completion', marked);
  return items.map((item) => item.label);
}

async function hover(marked: string): Promise<string | null> {
  const result = await at<{ contents: { value: string } } | null>('hover', marked);
  return result?.contents.value ?? null;
}

afterAll(async () => {
  await request('shutdown');
  send({ method: 'exit' });
  expect(await status).toBe(0);
});

test('names what it can do', async () => {
  const { capabilities } = await request<{ capabilities: object }>('initialize');
  expect(Object.keys(capabilities)).toEqual([
    'textDocumentSync',
    'completionProvider',
    'signatureHelpProvider',
    'hoverProvider',
    'definitionProvider',
    'documentSymbolProvider',
  ]);
});

describe('diagnostics', () => {
  test('errors and warnings stand under what they are about, whatever precedes it', async () => {
    expect(await diagnose('probe begin {\n  println("äö€", nosuch(1))\n}')).toEqual([
      ['nosuch', expect.stringMatching(/^unresolved function nosuch/) as string, 1],
    ]);
    expect(await diagnose('probe begin { x = "abc" + 1 println(x) }')).toEqual([
      ['"abc"', 'type mismatch: expected long but found string', 1],
    ]);
    expect(await diagnose('probe begin { println(unset + 1) }')).toEqual([
      ['unset', "never-assigned local variable 'unset'", 2],
    ]);
    expect(await diagnose('probe begin { println(1 }')).toEqual([['}', "expected one of ', )'", 1]]);
    expect(await diagnose('probe nosuch.point { }')).toEqual([
      ['nosuch', expect.stringMatching(/^while resolving probe point\nprobe point mismatch/) as string, 1],
    ]);
  });

  test('what a macro makes is shown where it is used', async () => {
    expect(await diagnose('@define m %( nosuch() %)\nprobe begin { @m }')).toEqual([
      ['@m', expect.stringMatching(/^unresolved function nosuch/) as string, 1],
    ]);
  });

  test('arguments, functions without probes and macro files are no errors', async () => {
    expect(await diagnose('probe begin { println($1, @2) }')).toEqual([]);
    expect(await diagnose('function f() { return 1 }')).toEqual([]);
    expect(await diagnose('@define two %( 2 %)', 'file:///a.stpm')).toEqual([]);
  });

  test('a corrected text has none any more', async () => {
    expect(await diagnose('probe begin {\n')).toEqual([['{', 'expected statement', 1]]);
    expect(await diagnose('probe begin { println(1) }')).toEqual([]);
  });
});

describe('completion', () => {
  test('probe points, those of the tapset and of the text included', async () => {
    expect(await completions('probe kernel.f|')).toContain('kernel.function("');
    expect(await completions('probe tcp.sendm|')).toEqual(['tcp.sendmsg', 'tcp.sendmsg.return']);
    expect(await completions('probe mine = begin {}\nprobe mi|')).toEqual(['mine']);
    expect(await completions('probe begin, timer.m|')).toEqual(['timer.ms(', 'timer.msec(']);
  });

  test('what follows an argument', async () => {
    expect(await completions('probe kernel.function("ip_rcv").|')).toEqual(
      expect.arrayContaining(['call', 'return', 'exported', 'callees(', 'label("']),
    );
    expect(await completions('probe timer.ms(10).|')).toEqual(['randomize(']);
  });

  test('names of kernel functions, tracepoints and structures', async () => {
    expect(await completions('probe kernel.function("ip_rc|')).toContain('ip_rcv');
    expect(await completions('probe kernel.trace("kfree_s|')).toEqual(['kfree_skb']);
    expect(await completions('probe begin { x = @cast(1, "iphd|')).toEqual(['iphdr']);
  });

  test('context variables and their fields', async () => {
    const probe = 'probe kernel.function("ip_rcv") { println(';
    expect(await completions(`${probe}$d|`)).toEqual(['$dev']);
    expect(await completions(`${probe}$dev->ifi|`)).toEqual(['ifindex']);
    expect(await completions(`${probe}$skb->dev->ifi|`)).toEqual(['ifindex']);
    expect(await completions(`${probe}@cast(x, "iphdr")->sad|`)).toEqual(['saddr']);
  });

  test('functions, globals, locals and macros of the text, wherever they stand', async () => {
    const text =
      'probe begin { counter = 1 coun|\n}\nglobal country, n\nfunction county(councillor) { }\n@define counts %( 1 %)';
    expect(await completions(text)).toEqual(['country', 'county', 'counter']);
    expect(await completions(text.replace('coun|', '@coun|'))).toEqual(['@counts', '@count']);
    expect(await completions(text.replace('counter = 1 coun|', '').replace('{ }', '{ coun| }'))).toEqual([
      'country',
      'county',
      'councillor',
    ]);
  });

  test('functions of the language and of the tapset; nothing in strings and comments', async () => {
    expect(await completions('probe begin { strl|')).toContain('strlen');
    expect(await completions('probe begin { println("strl|')).toEqual([]);
    expect(await completions('probe begin { // strl|')).toEqual([]);
  });
});

describe('hover', () => {
  test('functions, variables, fields, kernel functions, aliases', async () => {
    expect(await hover('probe begin { println(str|len("a")) }')).toMatch(/^```stap\nstrlen:long \(s:string\)\n```\n./);
    expect(await hover('// Doubles.\nfunction dbl(n:long) { return 2 * n }\nprobe begin { println(db|l(1)) }')).toBe(
      '```stap\nfunction dbl(n:long)\n```\nDoubles.',
    );
    expect(await hover('probe kernel.function("ip_rcv") { println($de|v) }')).toBe(
      '```stap\n$dev:struct net_device*\n```',
    );
    expect(await hover('probe kernel.function("ip_rcv") { println($dev->ifin|dex) }')).toBe(
      '```stap\n$dev->ifindex:int\n```',
    );
    expect(await hover('probe kernel.function("ip_r|cv") { }')).toMatch(
      /^```stap\nip_rcv\(skb:struct sk_buff\*, .*\n```\nnet\/ipv4\/ip_input\.c:\d+$/,
    );
    expect(await hover('probe tcp.send|msg { }')).toMatch(/^```stap\nprobe tcp\.sendmsg = kernel\.function/);
    expect(await hover('probe begin { 1| }')).toBeNull();
  });
});

describe('definition', () => {
  const target = async (marked: string) => {
    const result = await at<{ uri: string; range: Range } | { uri: string; range: Range }[]>('definition', marked);
    const [place] = [result].flat();
    const text =
      place.uri === 'file:///a.stp' ? marked.replace('|', '') : readFileSync(fileURLToPath(place.uri), 'utf8');
    return `${place.uri.replace(/.*\//, '')}: ${covered(text, place.range)}`;
  };

  test('of functions, globals, macros and aliases of the text', async () => {
    const text = 'global count\nfunction f() { return 1 }\n@define m %( 2 %)\nprobe mine.own = begin {}\n';
    expect(await target(`${text}probe begin { coun|t = f() + @m }`)).toBe('a.stp: count');
    expect(await target(`${text}probe begin { count = f|() + @m }`)).toBe('a.stp: f');
    expect(await target(`${text}probe begin { count = f() + @m| }`)).toBe('a.stp: m');
    expect(await target(`${text}probe mine.ow|n { }`)).toBe('a.stp: mine.own');
  });

  test('of what the tapset has, and of kernel functions', async () => {
    expect(await target('probe tcp.sendm|sg { }')).toMatch(/^tcp.*\.stp: tcp\.sendmsg$/);
    expect(await target('probe kernel.function("ip_rc|v") { }')).toMatch(/^\w+\.ts: ip_rcv$/);
    expect(await target('probe kernel.function("tcp_ac|k") { }')).toBe('ack.ts: tcp_ack');
  });
});

test('signatures, with the parameter that is being written', async () => {
  interface Help {
    signatures: { label: string; parameters: { label: [number, number] }[] }[];
    activeSignature: number;
    activeParameter: number;
  }
  const marked = async (text: string) => {
    const help = await at<Help | null>('signatureHelp', text);
    if (help === null) return null;
    const { label, parameters } = help.signatures[help.activeSignature];
    return `${label} ${label.slice(...parameters[help.activeParameter].label)}`;
  };
  expect(await marked('probe begin { println(substr("a(,", 1|')).toBe(
    'substr:string (str:string, start:long, length:long) start:long',
  );
  expect(await marked('function f(a, b:string) { }\nprobe begin { f(g(1, 2), |')).toBe(
    'function f(a, b:string) b:string',
  );
  expect(await marked('probe begin { x = 1|')).toBeNull();
});

test('symbols', async () => {
  const text =
    'global a[10], b = "x"\nprivate function f() { return 1 }\n@define m(x) %( @x %)\nprobe al = begin { }\nprobe begin, end {\n}';
  const symbols = await at<{ name: string; kind: number; range: Range; selectionRange: Range }[]>(
    'documentSymbol',
    `${text}|`,
  );
  expect(symbols.map((s) => [s.name, s.kind, covered(text, s.selectionRange), covered(text, s.range)])).toEqual([
    ['a', 13, 'a', 'global a[10]'],
    ['b', 13, 'b', 'global a[10], b = "x"'],
    ['f', 12, 'f', 'private function f() { return 1 }'],
    ['@m', 14, 'm', '@define m(x) %( @x %)'],
    ['al', 11, 'al', 'probe al = begin { }'],
    ['begin, end', 24, 'begin, end', 'probe begin, end {…'],
  ]);
});
