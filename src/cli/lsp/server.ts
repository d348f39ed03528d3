// `tsprobe --language-server`: diagnostics, completion, hover, definitions, signatures and symbols for .stp and .stpm
// files in an editor, from the same records as the compiler's. Read beside it: the Language Server Protocol;
// editors/vscode; documents.ts (places in a text).
import type { Readable, Writable } from 'node:stream';
import { compile } from '../../dsl/compile.js';
import type { Diagnostic } from '../../dsl/diagnostics/diagnostic.js';
import { parseMacros } from '../../dsl/parse/parse.js';
import { writtenAt } from '../../dsl/syntax/token.js';
import { Completer, typeName, type Candidate } from '../completion.js';
import { readLibraries } from '../compile-script.js';
import type { Declaration } from '../declarations.js';
import { defaults } from '../options.js';
import { openTarget } from '../target.js';
import { Connection } from './connection.js';
import { Document, type Position } from './documents.js';
import { kernelSource } from './kernel-source.js';

interface At {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
}

const SEVERITY_ERROR = 1;
const SEVERITY_WARNING = 2;
const FULL_SYNC = 1;
/** CompletionItemKind */
const kinds: Readonly<Record<Candidate['kind'], number>> = {
  keyword: 14,
  function: 3,
  point: 23,
  name: 12,
  variable: 6,
};
/** SymbolKind */
const symbolKinds: Readonly<Record<Declaration['kind'], number>> = {
  function: 12,
  global: 13,
  macro: 14,
  alias: 11,
  probe: 24,
};
/** A script that is being written has not been given its arguments: any will do. */
const someArguments = Array.from({ length: 32 }, () => '1');

/** Serves until the editor ends the connection; gives the exit status. */
export function serve(input: Readable = process.stdin, output: Writable = process.stdout): Promise<number> {
  return new Promise((done) => {
    const server = new Server((status) => {
      // An open input would keep the process.
      input.destroy();
      done(status);
    });
    server.listen(input, output);
  });
}

class Server {
  private readonly documents = new Map<string, Document>();
  private readonly target = openTarget(null).target;
  private readonly library = readLibraries(defaults());
  private readonly completer = new Completer(this.target, this.library);
  private readonly done: (status: number) => void;
  private asked = false;
  private connection: Connection | null = null;

  constructor(done: (status: number) => void) {
    this.done = done;
  }

  listen(input: Readable, output: Writable): void {
    input.on('end', () => this.done(this.asked ? 0 : 1));
    this.connection = new Connection(input, output, {
      initialize: () => ({
        capabilities: {
          textDocumentSync: FULL_SYNC,
          completionProvider: { triggerCharacters: ['.', '"', '$', '@', '>'] },
          signatureHelpProvider: { triggerCharacters: ['(', ','] },
          hoverProvider: true,
          definitionProvider: true,
          documentSymbolProvider: true,
        },
        serverInfo: { name: 'tsprobe' },
      }),
      initialized: () => null,
      shutdown: () => {
        this.asked = true;
        return null;
      },
      exit: () => this.done(this.asked ? 0 : 1),
      'textDocument/didOpen': (p: { textDocument: { uri: string; text: string } }) =>
        this.changed(p.textDocument.uri, p.textDocument.text),
      'textDocument/didChange': (p: { textDocument: { uri: string }; contentChanges: { text: string }[] }) =>
        this.changed(p.textDocument.uri, p.contentChanges.at(-1)?.text ?? ''),
      'textDocument/didClose': (p: { textDocument: { uri: string } }) => this.closed(p.textDocument.uri),
      'textDocument/completion': (p: At) => this.completion(p),
      'textDocument/signatureHelp': (p: At) => this.signature(p),
      'textDocument/hover': (p: At) => this.hover(p),
      'textDocument/definition': (p: At) => this.definition(p),
      'textDocument/documentSymbol': (p: { textDocument: { uri: string } }) => this.symbols(p.textDocument.uri),
    });
  }

  private changed(uri: string, text: string): void {
    const document = new Document(uri, text);
    this.documents.set(uri, document);
    const { source } = document;
    const { diagnostics } = source.name.endsWith('.stpm')
      ? parseMacros(source)
      : compile([source], { guru: true, library: this.library, lastPass: 2, args: someArguments }, this.target);
    const found = diagnostics.map((d) => this.diagnostic(d, document)).filter((d) => d !== null);
    this.connection?.notify('textDocument/publishDiagnostics', { uri, diagnostics: found });
  }

  private closed(uri: string): void {
    this.documents.delete(uri);
    this.connection?.notify('textDocument/publishDiagnostics', { uri, diagnostics: [] });
  }

  /** A diagnostic where the user wrote what it is about; null if that is not in this document. */
  private diagnostic(d: Diagnostic, document: Document) {
    const reasons: string[] = [];
    let token = d.tok;
    for (let e: Diagnostic | null = d; e !== null; e = e.because) {
      reasons.push(e.message);
      token ??= e.tok;
    }
    if (token === null && d.kind !== 'parse') return null;
    // What misses a token misses it at the end of the text.
    const { length } = document.source.text.trimEnd();
    const { source, start, end } = token === null ? { ...document, start: length - 1, end: length } : writtenAt(token);
    if (source !== document.source) return null;
    return {
      range: document.range(start, Math.max(end, start + 1)),
      severity: d.kind === 'warning' ? SEVERITY_WARNING : SEVERITY_ERROR,
      source: 'tsprobe',
      message: reasons.join('\n'),
    };
  }

  private completion({ textDocument, position }: At) {
    const document = this.documents.get(textDocument.uri);
    if (document === undefined) return null;
    const { before, after } = document.around(position);
    const { candidates, replaces } = this.completer.complete(before, after);
    const start = { line: position.line, character: position.character - replaces };
    return {
      isIncomplete: false,
      items: candidates.map((candidate) => ({
        label: candidate.text,
        kind: kinds[candidate.kind],
        detail: candidate.detail,
        documentation: candidate.doc,
        textEdit: { range: { start, end: position }, newText: candidate.text },
      })),
    };
  }

  /** The signatures of the function in whose parentheses the cursor stands, the parameter marked. */
  private signature({ textDocument, position }: At) {
    const document = this.documents.get(textDocument.uri);
    if (document === undefined) return null;
    const call = document.callAround(position);
    if (call === null) return null;
    const labels = this.described(document, call.name)
      .map((known) => known.detail)
      .filter((label) => label.includes('('));
    if (labels.length === 0) return null;
    const signatures = labels.map((label) => ({
      label,
      parameters: parameterRanges(label).map((range) => ({ label: range })),
    }));
    const fits = signatures.findIndex((s) => s.parameters.length > call.argument);
    return { signatures, activeSignature: Math.max(0, fits), activeParameter: call.argument };
  }

  /** What is known of a name: the text's own declarations first, then the language's and the tapset's. */
  private described(document: Document, word: string): { readonly detail: string; readonly doc: string }[] {
    const own = document.declarations.filter((d) => nameOf(d) === word && d.kind !== 'probe');
    if (own.length > 0) return own.map((d) => ({ detail: d.head, doc: d.doc }));
    const known = this.completer.words().filter((candidate) => candidate.text === word && candidate.detail !== '');
    if (known.length > 0) return known.map(({ detail, doc }) => ({ detail, doc }));
    return this.completer
      .library()
      .filter((d) => nameOf(d) === word)
      .map((d) => ({ detail: d.head, doc: d.doc }));
  }

  private hover({ textDocument, position }: At) {
    const document = this.documents.get(textDocument.uri);
    const word = document?.wordAt(position);
    if (document === undefined || word === undefined) return null;
    const say = (code: string, doc = '') => ({
      contents: { kind: 'markdown', value: `\`\`\`stap\n${code}\n\`\`\`\n${doc}`.trimEnd() },
      range: document.range(word.start, word.end),
    });
    const until = document.source.text.slice(0, word.end);
    const access = /(\$\w+|@cast\((?:[^()]|\([^()]*\))*\))((?:->\w+|\[[^\]]*\])*)$/.exec(until);
    if (access !== null) {
      const type = this.completer.typeOf(until, access[1], access[2]);
      return type === undefined ? null : say(`${access[0]}:${typeName(type)}`);
    }
    const dotted = document.pointAt(position);
    const alias = dotted === undefined ? [] : this.described(document, dotted.text);
    const known = alias.length > 0 ? alias : this.described(document, word.text);
    if (known.length > 0) return say(known.map((c) => c.detail).join('\n'), known[0].doc);
    const probed = this.target.functions.find((f) => f.name === word.text);
    if (probed === undefined) return null;
    const parameters = probed.parameters.map((p) => `${p.name}:${typeName(p.type)}`).join(', ');
    return say(`${probed.name}(${parameters}):${typeName(probed.returnType)}`, `${probed.file}:${probed.line}`);
  }

  private definition({ textDocument, position }: At) {
    const document = this.documents.get(textDocument.uri);
    const word = document?.wordAt(position);
    if (document === undefined || word === undefined) return null;
    const dotted = document.pointAt(position)?.text;
    const wanted = (d: Declaration): boolean =>
      d.kind !== 'probe' && (nameOf(d) === word.text || (d.kind === 'alias' && nameOf(d) === dotted));
    const own = document.declarations.filter(wanted);
    const found = own.length > 0 ? own : this.completer.library().filter(wanted);
    if (found.length > 0) {
      return found.map((d) => {
        const at = d.source === document.source ? document : Document.of(d.source);
        return { uri: at.uri, range: at.range(d.start, d.end) };
      });
    }
    const probed = this.target.functions.find((f) => f.name === word.text);
    return probed === undefined ? null : kernelSource(probed);
  }

  private symbols(uri: string) {
    const document = this.documents.get(uri);
    return (document?.declarations ?? []).map((d) => ({
      name: d.kind === 'macro' ? `@${d.name}` : d.name,
      kind: symbolKinds[d.kind],
      detail: d.kind === 'function' || d.kind === 'macro' ? d.head : '',
      range: document?.range(d.from, d.to),
      selectionRange: document?.range(d.start, d.end),
    }));
  }
}

/** A declaration's name as it is used. */
const nameOf = (d: Declaration): string => (d.kind === 'macro' ? `@${d.name}` : d.name);

/** Where the parameters stand in `name:long (a:string, b:long)`. */
function parameterRanges(label: string): [number, number][] {
  const open = label.indexOf('(');
  const close = label.lastIndexOf(')');
  const ranges: [number, number][] = [];
  for (const match of label.slice(open + 1, close).matchAll(/[^,\s][^,]*/g)) {
    const start = open + 1 + match.index;
    ranges.push([start, start + match[0].length]);
  }
  return ranges;
}
