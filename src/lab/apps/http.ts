// A small HTTP server and client (RFC 9112), one connection for each request.
//   httpd [-r root of the files] [port]
//   curl [-i] [http://]host[:port][/path]
// Left out: requests with a body, chunked bodies, connections that are kept, dates.

import type { Task } from '../../stack/include/linux/sched.js';
import { in_aton } from '../../stack/include/linux/in_addr.js';
import { bytes, close, strerror, text } from '../libc.js';
import type { Process } from '../process.js';
import { getopt, integer } from './getopt.js';
import { resolve } from './resolve.js';
import { LineReader, read_all, tcp_accept, tcp_connect_to, tcp_listen_on, write_all } from './tcp.js';

export const HTTP_PORT = 80;

const types: Readonly<Record<string, string>> = {
  css: 'text/css',
  html: 'text/html',
  js: 'text/javascript',
  json: 'application/json',
  png: 'image/png',
  txt: 'text/plain',
};

interface Answer {
  readonly status: string;
  readonly type: string;
  readonly body: Uint8Array;
}

const failure = (status: string): Answer => ({ status, type: 'text/plain', body: bytes(`${status}\n`) });

/** @param target of the request line, e.g. `/index.html?name=value` */
function find(process: Process, root: string, target: string): Answer {
  const path = target.replace(/[?#].*/s, '');
  if (!path.startsWith('/') || path.split('/').includes('..')) return failure('400 Bad Request');
  const name = path.endsWith('/') ? `${path}index.html` : path;
  const body = process.host.kernel.fs.read(root + name);
  if (body === undefined) return failure('404 Not Found');
  const ending = name.slice(name.lastIndexOf('.') + 1);
  return { status: '200 OK', type: Object.hasOwn(types, ending) ? types[ending] : 'application/octet-stream', body };
}

function* serve(process: Process, fd: number, root: string): Task<void> {
  const lines = new LineReader(fd);
  const request = yield* lines.line();
  if (request === null) return;
  for (;;) {
    const line = yield* lines.line();
    if (line === null) return;
    if (line === '') break;
  }
  const match = /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(request);
  const method = match?.[1] ?? '';
  let answer: Answer;
  if (match === null) answer = failure('400 Bad Request');
  else if (method !== 'GET' && method !== 'HEAD') answer = failure('501 Not Implemented');
  else answer = find(process, root, match[2]);
  const head = [
    `HTTP/1.1 ${answer.status}`,
    'Server: tsprobe-lab',
    `Content-Type: ${answer.type}`,
    `Content-Length: ${answer.body.length}`,
    'Connection: close',
    '\r\n',
  ].join('\r\n');
  const error = yield* write_all(fd, bytes(head));
  if (error === 0 && method !== 'HEAD') yield* write_all(fd, answer.body);
}

/** Serves the host's files, one connection after the other, until it is killed. */
export function* httpd(process: Process): Task<number> {
  const parsed = getopt(process, 'r:');
  if (parsed === null) return 2;
  const port = integer(process, parsed.operands[0] ?? String(HTTP_PORT), 1, 65535);
  if (port === null) return 2;
  const root = parsed.options.at(-1)?.[1] ?? '/var/www/html';
  const listener = yield* tcp_listen_on(port);
  if (listener < 0) {
    process.stderr(`httpd: listen: ${strerror(listener)}\n`);
    return 1;
  }
  while (process.task.pending === 0) {
    const fd = yield* tcp_accept(listener);
    if (fd < 0) continue;
    yield* serve(process, fd, root);
    yield* close(fd);
  }
  yield* close(listener);
  return 0;
}

/** Gets a page and prints it, with the head of the answer for -i. The exit statuses are curl's. */
export function* curl(process: Process): Task<number> {
  const parsed = getopt(process, 'i');
  if (parsed === null) return 2;
  const match = /^(?:http:\/\/)?([^/:?#]+)(?::(\d+))?([/?][^#]*)?(?:#.*)?$/.exec(parsed.operands[0] ?? '');
  if (match === null) {
    process.stderr('usage: curl [-i] [http://]host[:port][/path]\n');
    return 2;
  }
  const host = match[1];
  const path = match[3] ?? '/';
  const port = integer(process, match[2] ?? String(HTTP_PORT), 1, 65535);
  if (port === null) return 3;
  const address = in_aton(host) ?? resolve(process.host, host);
  if (address === null) {
    process.stderr(`curl: (6) Could not resolve host: ${host}\n`);
    return 6;
  }
  const fd = yield* tcp_connect_to(address, port);
  if (fd < 0) {
    process.stderr(`curl: (7) Failed to connect to ${host} port ${port}: ${strerror(fd)}\n`);
    return 7;
  }
  const authority = port === HTTP_PORT ? host : `${host}:${port}`;
  const request = [
    `GET ${path.startsWith('/') ? path : `/${path}`} HTTP/1.1`,
    `Host: ${authority}`,
    'User-Agent: curl',
    'Accept: */*',
    'Connection: close',
    '\r\n',
  ].join('\r\n');
  yield* write_all(fd, bytes(request));
  const answer = yield* read_all(fd);
  yield* close(fd);
  if (typeof answer === 'number') {
    process.stderr(`curl: (56) Recv failure: ${strerror(answer)}\n`);
    return 56;
  }
  if (answer.length === 0) {
    process.stderr('curl: (52) Empty reply from server\n');
    return 52;
  }
  const page = text(answer);
  const end = page.indexOf('\r\n\r\n');
  process.stdout(parsed.options.length > 0 ? page.replaceAll('\r\n', '\n') : page.slice(end < 0 ? 0 : end + 4));
  return 0;
}
