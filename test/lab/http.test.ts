// A web page across the model: by the lab's own programs, and by Node's http module over the lab's sockets.

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

const get = (...scenario: string[]) =>
  run({ script: 'probe kernel.function("tcp_v4_connect") { println(execname()) }', scenario, clock: 'virtual' });

describe('curl and httpd', () => {
  it('get a page', async () => {
    const { status, output, messages } = await get('http');
    expect(messages).toBe(
      [
        'HTTP/1.1 200 OK',
        'Server: tsprobe-lab',
        'Content-Type: text/html',
        'Content-Length: 73',
        'Connection: close',
        '',
        '<!doctype html>',
        '<title>B</title>',
        '<p>This page came across the model.</p>',
        '',
      ].join('\n'),
    );
    expect(output).toBe('curl\n');
    expect(status).toBe(0);
  });

  it('tell of a page that there is not, and of a path out of the root', async () => {
    expect((await get('http', '--path', '/no')).messages).toContain('HTTP/1.1 404 Not Found\n');
    expect((await get('http', '--path', '/../x')).messages).toContain('HTTP/1.1 400 Bad Request\n');
  });

  it('get a page of many segments over a link that loses some', async () => {
    const { messages } = await get('http', '--size', '100000', '--netem', 'delay 5ms loss 2%');
    expect(messages).toContain(`\n\n${'a'.repeat(100_000)}\n`);
  });
});

describe("Node's http over lab sockets", () => {
  const module = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const deed = async (name: string) => (await get(module('../data/labs/node-net.mjs'), name)).messages;

  it('gets a page, as the example has it', async () => {
    const { status, output, messages } = await get(module('../../examples/http.mjs'));
    expect(messages).toBe('HTTP/1.1 200 OK\nGET /page from 10.0.0.1\n');
    expect(output).toBe('node\n');
    expect(status).toBe(0);
  });

  it('takes a body that is larger than the buffers', async () => {
    expect(await deed('post')).toBe('300000\nin time\n');
  });

  it('keeps a connection for a second request', async () => {
    expect(await deed('agent')).toBe('/one 1\n/two 1\n');
  });

  it('tells that nobody listens', async () => {
    expect(await deed('refused')).toBe('ECONNREFUSED connect ECONNREFUSED 10.0.0.2:81\n');
  });

  it('counts timeouts in virtual time, and closes', async () => {
    expect((await deed('timeout')).split('\n').slice(0, 4)).toEqual([
      'PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.',
      'no more',
      '2 s',
      'closed',
    ]);
  });
});
