// The language server protocol's base: JSON-RPC 2.0 messages in frames with a Content-Length, over two
// streams. Written here and not taken from vscode-languageserver because these sixty lines are all that is
// used of it, and it would be loaded at each start. Read beside it: the protocol's "Base Protocol".
import type { Readable, Writable } from 'node:stream';

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
}

/** Answers a request; for notifications the result is not used. */
export type Handlers = Readonly<Record<string, (params: never) => unknown>>;

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

export class Connection {
  private readonly output: Writable;
  private readonly handlers: Handlers;
  private buffer = Buffer.alloc(0);

  constructor(input: Readable, output: Writable, handlers: Handlers) {
    this.output = output;
    this.handlers = handlers;
    input.on('data', (chunk: Buffer) => this.receive(chunk));
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  private send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }), 'utf8');
    this.output.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.output.write(body);
  }

  private receive(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (;;) {
      const end = this.buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length:\s*(\d+)/i.exec(this.buffer.toString('latin1', 0, end));
      const start = end + 4;
      const size = length === null ? 0 : Number(length[1]);
      if (this.buffer.length < start + size) return;
      const body = this.buffer.toString('utf8', start, start + size);
      this.buffer = this.buffer.subarray(start + size);
      this.dispatch(body);
    }
  }

  private dispatch(body: string): void {
    let message: Message;
    try {
      message = JSON.parse(body) as Message;
    } catch {
      return;
    }
    const { id, method, params } = message;
    if (method === undefined) return;
    const handler = Object.hasOwn(this.handlers, method) ? this.handlers[method] : undefined;
    if (handler === undefined) {
      if (id !== undefined) this.send({ id, error: { code: METHOD_NOT_FOUND, message: `no method ${method}` } });
      return;
    }
    try {
      const result = handler(params as never) ?? null;
      if (id !== undefined) this.send({ id, result });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (id !== undefined) this.send({ id, error: { code: INTERNAL_ERROR, message: text } });
    }
  }
}
