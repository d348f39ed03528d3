// `tsprobe --language-server`: diagnostics, completion, hover and definition for .stp files in an editor,
// from the same records as the compiler's. Read beside it: the Language Server Protocol; editors/vscode.
import { fileURLToPath } from 'node:url';
import { compile } from '../../dsl/compile.js';
import type { Diagnostic } from '../../dsl/diagnostics/diagnostic.js';
import { SourceFile } from '../../dsl/source/source.js';
import { tokenPlace } from '../../dsl/syntax/token.js';
import { fromText, toText } from '../../runtime/strings.js';
import { Completer, typeName, type Candidate } from '../completion.js';
import { readLibraries } from '../compile-script.js';
import { parseCommandLine } from '../options.js';
import { openTarget } from '../target.js';
import { Connection } from './connection.js';

interface Position {
  readonly line: number;
  readonly character: number;
}
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

/** Serves until the editor ends the connection; gives the exit status. */
export function serve(): Promise<number> {
  return new Promise((done) => {
    const server = new Server((status) => {
      // An open input would keep the process.
      process.stdin.destroy();
      done(status);
    });
    server.listen();
  });
}

class Server {
  private readonly texts = new Map<string, string>();
  private readonly target = openTarget(null).target;
  private readonly completer = new Completer(this.target);
  private readonly library = readLibraries(parseCommandLine(['-g']));
  private readonly done: (status: number) => void;
  private asked = false;
  private connection: Connection | null = null;

  constructor(done: (status: number) => void) {
    this.done = done;
  }

  listen(): void {
    process.stdin.on('end', () => this.done(this.asked ? 0 : 1));
    this.connection = new Connection(process.stdin, process.stdout, {
      initialize: () => ({
        capabilities: {
          textDocumentSync: FULL_SYNC,
          completionProvider: { triggerCharacters: ['.', '"', '$', '@'] },
          hoverProvider: true,
          definitionProvider: true,
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
      'textDocument/didClose': (p: { textDocument: { uri: string } }) => this.texts.delete(p.textDocument.uri),
      'textDocument/completion': (p: At) => this.completion(p),
      'textDocument/hover': (p: At) => this.hover(p),
      'textDocument/definition': (p: At) => this.definition(p),
    });
  }

  private changed(uri: string, text: string): void {
    this.texts.set(uri, text);
    const name = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
    const source = new SourceFile(name, fromText(text));
    const { diagnostics } = compile([source], { guru: true, library: this.library, lastPass: 2 }, this.target);
    this.connection?.notify('textDocument/publishDiagnostics', {
      uri,
      diagnostics: diagnostics.filter((d) => d.tok?.source === source).map((d) => this.diagnostic(d)),
    });
  }

  private diagnostic(d: Diagnostic) {
    const tok = d.tok;
    if (tok === null) throw new Error('a diagnostic without a place is not for the editor');
    const { source, line, col } = tokenPlace(tok);
    // Columns count bytes, the editor's characters.
    const bytes = source.lineText(line);
    const column = toText(bytes.slice(0, col - 1)).length;
    const start = { line: line - 1, character: column };
    const end = { line: line - 1, character: column + Math.max(1, tok.content.length) };
    const reasons: string[] = [];
    for (let e: Diagnostic | null = d; e !== null; e = e.because) reasons.push(e.message);
    return {
      range: { start, end },
      severity: d.kind === 'warning' ? SEVERITY_WARNING : SEVERITY_ERROR,
      source: 'tsprobe',
      message: reasons.join('\n'),
    };
  }

  private before({ textDocument, position }: At): string {
    const lines = (this.texts.get(textDocument.uri) ?? '').split('\n');
    return [...lines.slice(0, position.line), (lines[position.line] ?? '').slice(0, position.character)].join('\n');
  }

  /** The word under the cursor, `$` and `@` included. */
  private word({ textDocument, position }: At): string {
    const line = (this.texts.get(textDocument.uri) ?? '').split('\n')[position.line] ?? '';
    for (const match of line.matchAll(/[$@]{0,2}\w+/g)) {
      if (match.index <= position.character && position.character <= match.index + match[0].length) return match[0];
    }
    return '';
  }

  private completion(at: At) {
    const { candidates, replaces } = this.completer.complete(this.before(at));
    const start = { line: at.position.line, character: at.position.character - replaces };
    return {
      isIncomplete: false,
      items: candidates.map((candidate) => ({
        label: candidate.text,
        kind: kinds[candidate.kind],
        detail: candidate.detail,
        documentation: candidate.doc,
        textEdit: { range: { start, end: at.position }, newText: candidate.text },
      })),
    };
  }

  private hover(at: At) {
    const word = this.word(at);
    const say = (code: string, doc = '') => ({
      contents: { kind: 'markdown', value: `\`\`\`stap\n${code}\n\`\`\`\n${doc}` },
    });
    if (word.startsWith('$')) {
      const symbol = this.completer.probed(this.before(at));
      const variable = [...(symbol?.parameters ?? []), ...(symbol?.locals ?? [])].find((v) => `$${v.name}` === word);
      return variable === undefined ? null : say(`${word}:${typeName(variable.type)}`);
    }
    const known = this.completer.words().filter((candidate) => candidate.text === word && candidate.detail !== '');
    if (known.length > 0) return say(known.map((c) => c.detail).join('\n'), known[0].doc);
    const probed = this.target.functions.find((f) => f.name === word);
    if (probed === undefined) return null;
    const parameters = probed.parameters.map((p) => `${p.name}:${typeName(p.type)}`).join(', ');
    return say(`${probed.name}(${parameters}):${typeName(probed.returnType)}`, `${probed.file}:${probed.line}`);
  }

  private definition(at: At) {
    const word = this.word(at);
    if (!/^\w+$/.test(word)) return null;
    const uri = at.textDocument.uri;
    const lines = (this.texts.get(uri) ?? '').split('\n');
    const declared = new RegExp(
      `\\bfunction\\s+${word}\\b|\\b(?:global|private)\\b[^;{]*\\b${word}\\b|\\bprobe\\s+${word}\\b[^{]*=`,
    );
    const line = lines.findIndex((text) => declared.test(text));
    if (line < 0) return null;
    const character = Math.max(0, lines[line].search(new RegExp(`\\b${word}\\b`)));
    return { uri, range: { start: { line, character }, end: { line, character: character + word.length } } };
  }
}
