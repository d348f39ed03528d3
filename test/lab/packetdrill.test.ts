// packetdrill as a test runner: what it says of scripts that pass, fail, and use what there is not.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runPacketdrill } from '#tsprobe/lab/packetdrill/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const HANDSHAKE = `
   0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
  +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
  +0 bind(3, ..., ...) = 0
  +0 listen(3, 1) = 0
  +0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
  +0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 8>
 +.1 < . 1:1(0) ack 1 win 257
  +0 accept(3, ..., ...) = 4
`;
const DEFAULTS = '`../common/defaults.sh`\n';

function judge(rest: string): { status: string; message: string; printed: string } {
  const { status, message, printed } = runPacketdrill('t.pkt', `${DEFAULTS}${HANDSHAKE}${rest}`);
  return { status, message, printed };
}

describe('packetdrill', () => {
  it('passes a script that Linux passes, and prints what its code prints', () => {
    const code = '%{ assert tcpi_snd_cwnd == 10 and tcpi_unacked == 1\nprint("cwnd %d" % tcpi_snd_cwnd) }%';
    expect(judge(`+0 write(4, ..., 1000) = 1000\n+0 > P. 1:1001(1000) ack 1\n+0 ${code}\n`)).toEqual({
      status: 'passed',
      message: '',
      printed: 'cwnd 10\n',
    });
  });

  it('joins the pieces of a segment that the script has as one', () => {
    expect(judge('+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3001(3000) ack 1\n').status).toBe('passed');
    expect(
      runPacketdrill(
        't.pkt',
        `--strict_segments\n${DEFAULTS}${HANDSHAKE}+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3001(3000) ack 1\n`,
      ).status,
    ).toBe('failed');
  });

  it.each([
    [
      'a field',
      '+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 2\n',
      'live packet field tcp_ack_seq: expected: 2 (0x2) vs actual: 1 (0x1)',
    ],
    [
      'a flag',
      '+0 write(4, ..., 10) = 10\n+0 > . 1:11(10) ack 1\n',
      'live packet field tcp_psh: expected: 0 (0x0) vs actual: 1 (0x1)',
    ],
    ['a time', '+0 write(4, ..., 10) = 10\n+.2 > P. 1:11(10) ack 1\n', 'timing error: expected outbound packet at'],
    ['a packet that never comes', '+0 > P. 1:11(10) ack 1\n', 'Timed out waiting for packet'],
    ['a result', '+0 write(4, ..., 10) = 11\n', 'runtime error in write call: Expected result 11 but got 10'],
    [
      'an errno',
      '+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 read(4, ..., 10) = -1 ECONNRESET (x)\n',
      'Expected errno ECONNRESET but got EAGAIN',
    ],
    [
      'a shell line',
      '+0 `grep -q nothing /proc/net/tcp`\n',
      'error executing `grep -q nothing /proc/net/tcp` command: non-zero status 1',
    ],
    ['a time by how much', '+0 write(4, ..., 10) = 10\n+.2 > P. 1:11(10) ack 1\n', 'off by -0.2'],
    ['an assertion', '+0 %{ assert tcpi_snd_cwnd == 11, tcpi_snd_cwnd }%\n', 'AssertionError: tcpi_snd_cwnd == 11: 10'],
    ['the language', '+0 < . 1:1(0) ack 1 wim 257\n', "expected a time, found 'wim'"],
  ])('says where and how %s differs', (_what, rest, message) => {
    const result = judge(rest);
    expect(result.status).toBe('failed');
    expect(result.message).toContain(message);
    expect(result.message).toMatch(/^t\.pkt:\d+: /);
  });

  it.each([
    ['a call', '+0 mmap(4) = 0\n', 'system call mmap()'],
    ['a symbol', '+0 setsockopt(4, SOL_SOCKET, SO_FOO, [1], 4) = 0\n', 'unknown symbol SO_FOO'],
    ['a command', '+0 `frobnicate --all`\n', 'command frobnicate'],
    ['a command in a pipe', '+0 `cat /proc/net/tcp | frobnicate | wc -l`\n', 'command frobnicate'],
    ['a sysctl', '+0 `sysctl -q net.ipv4.tcp_frobnicate=1`\n', 'sysctl net.ipv4.tcp_frobnicate'],
    ['a word of the shell', '+0 `case x in x) true;; esac`\n', "`case' is not supported"],
    ['a statement of Python', '+0 %{ if tcpi_snd_cwnd == 10: print(1) }%\n', "Python statement 'if'"],
    ['a header', '+0 < gre: . 1:1(0) ack 1 win 257\n', 'encapsulated packets (gre)'],
  ])('names %s that there is not, and does not pass', (_what, rest, message) => {
    expect(judge(rest)).toMatchObject({ status: 'unsupported', message: expect.stringContaining(message) });
  });

  it.each([
    ['remote_ip', '1.2.3', 'failed', "invalid value of option --remote_ip: '1.2.3'"],
    ['mtu', '12', 'failed', 'ip link set tun0 mtu 12 up: RTNETLINK answers: Invalid argument'],
    ['tolerance_usecs', 'few', 'failed', "invalid value of option --tolerance_usecs: 'few'"],
    ['local_ip', 'fd3d::1', 'unsupported', 'IPv6 (--local_ip=fd3d::1)'],
    ['ip_version', 'ipv6', 'unsupported', 'IP version ipv6'],
  ])('says what is wrong with --%s=%s', (name, value, status, message) => {
    const result = runPacketdrill('t.pkt', DEFAULTS + HANDSHAKE, [[name, value]]);
    expect(result).toMatchObject({ status, message: expect.stringContaining(message) });
  });

  it('gives a blocking call that ends otherwise the line of its own', () => {
    const script = '+0...0.1 read(4, ..., 100) = 100\n+.1 < P. 1:51(50) ack 1 win 257\n+0 > . 1:1(0) ack 51\n';
    const { message } = judge(`${script}+0...0.1 read(4, ..., 100) = 50\n`);
    const line = `${DEFAULTS}${HANDSHAKE}`.split('\n').length;
    expect(message).toBe(`t.pkt:${line}: runtime error in read call: Expected result 100 but got 50`);
  });

  it('overlooks what the original overlooks, unless it is to be strict', () => {
    const run = (rest: string, ...given: [string, string][]) =>
      runPacketdrill('t.pkt', `${DEFAULTS}${HANDSHAKE}${rest}`, given).status;
    const extra = '+0 write(4, ..., 10) = 10\n';
    expect([run(extra), run(extra, ['strict', ''])]).toEqual(['passed', 'failed']);
    const exact = `${extra}+0 > P. 1:11(10) ack 1\n`;
    expect([run(exact), run(exact, ['strict', ''])]).toEqual(['passed', 'passed']);
  });

  it('takes symbols, one by way of another, and a command without a time at the end', () => {
    const script = `${DEFAULTS}${HANDSHAKE}+0 getsockopt(4, LEVEL, TCP_MAXSEG, [SIZE], [4]) = 0\n`;
    const given: [string, string][] = [
      ['define', 'LEVEL=OTHER'],
      ['define', 'OTHER="SOL_TCP"'],
      ['define', ' SIZE=1000'],
    ];
    expect(runPacketdrill('t.pkt', `${script}\`true\`\n`, given)).toMatchObject({ status: 'passed', message: '' });
    expect(runPacketdrill('t.pkt', `${script}\`false\`\n`, given).message).toMatch(/^t\.pkt:\d+: error executing/);
    expect(runPacketdrill('t.pkt', script, [['define', 'LEVEL=LEVEL']]).message).toContain('unknown symbol LEVEL');
  });

  it('is a test runner with a summary, an exit status and the last calls before a failure', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
    const good = join(folder, 'good.pkt');
    const bad = join(folder, 'bad.pkt');
    writeFileSync(good, DEFAULTS + HANDSHAKE);
    writeFileSync(bad, `${DEFAULTS}${HANDSHAKE}+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 2\n`);
    const bin = join(root, 'bin/tsprobe');
    expect(execFileSync(bin, ['packetdrill', good], { encoding: 'utf8' })).toBe(
      `OK   [${good}]\nRan 1 tests: 1 passing, 0 failing, 0 unsupported\n`,
    );
    const failed = spawnSync(bin, ['packetdrill', good, bad], { encoding: 'utf8' });
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('Ran 2 tests: 1 passing, 1 failing, 0 unsupported\n');
    expect(failed.stderr).toMatch(/script packet: P\. 1:11\(10\) ack 2[^]*last calls[^]*__tcp_transmit_skb/);
  });
});
