import { describe, expect, it } from 'vitest';
import { close, nanosleep, write } from '#tsprobe/lab/libc.js';
import { connected, echo_server, pattern, read_all, run, show, sniff, two_hosts } from './support.js';

describe('a connection between two hosts', () => {
  it('opens, echoes 64 bytes and closes, the client first', () => {
    const { lab, a, b, errors } = two_hosts('delay 10ms');
    const seen = sniff(a);
    const server = run(b, echo_server);
    let answer: Uint8Array = new Uint8Array(0);
    const client = run(a, function* () {
      yield* nanosleep(1_000_000);
      const fd = yield* connected();
      if (fd < 0) return -fd;
      yield* write(fd, pattern(64));
      answer = yield* read_all(fd, 64);
      yield* close(fd);
      return 0;
    });
    lab.lingerFor(1e9);
    expect(lab.runToEnd()).toBe(true);
    expect(errors).toEqual([]);
    expect([client.exitStatus, server.exitStatus]).toEqual([0, 0]);
    expect(answer).toEqual(pattern(64));
    expect(show(seen)).toEqual([
      'A S 0:0',
      'B S. 0:0 ack 1',
      'A . 1:1 ack 1',
      'A P. 1:65 ack 1',
      'B . 1:1 ack 65',
      'B P. 1:65 ack 65',
      'A . 65:65 ack 65',
      'A F. 65:65 ack 65',
      'B F. 65:65 ack 66',
      'A . 66:66 ack 66',
    ]);
  });

  it('carries 20 KB each way', () => {
    const { lab, a, b, errors } = two_hosts('delay 10ms');
    const server = run(b, echo_server);
    let answer: Uint8Array = new Uint8Array(0);
    run(a, function* () {
      yield* nanosleep(1_000_000);
      const fd = yield* connected();
      if (fd < 0) return -fd;
      yield* write(fd, pattern(20000));
      answer = yield* read_all(fd, 20000);
      yield* close(fd);
      return 0;
    });
    lab.lingerFor(1e9);
    expect(lab.runToEnd()).toBe(true);
    expect(errors).toEqual([]);
    expect(server.exitStatus).toBe(0);
    expect(answer).toEqual(pattern(20000));
  });
});
