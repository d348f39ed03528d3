// The congestion controls side by side on one path: 20 Mbit/s, 20 ms each way, one segment in a hundred lost.
import { describe, expect, it } from 'vitest';
import { accept4, close, write } from '#tsprobe/lab/libc.js';
import { sysctl_read, sysctl_write } from '#tsprobe/stack/kernel/sysctl.js';
import { connected, listener, pattern, read_all, run, two_hosts } from './support.js';

const SIZE = 1_500_000;

/** @returns seconds of virtual time that the transfer takes */
function transfer(name: string): number {
  const { lab, a, b } = two_hosts('delay 20ms rate 20mbit loss 1%');
  for (const host of [a, b]) {
    expect(sysctl_write(host.kernel, 'net.ipv4.tcp_congestion_control', name)).toBe(0);
    sysctl_write(host.kernel, 'net.ipv4.tcp_ecn', '1');
  }
  const data = pattern(SIZE);
  let got = new Uint8Array(0);
  let end = 0;
  run(b, function* () {
    const fd = yield* accept4(yield* listener(), 0);
    got = Uint8Array.from(yield* read_all(fd));
    end = lab.now;
    return yield* close(fd);
  });
  run(a, function* () {
    const fd = yield* connected();
    yield* write(fd, data);
    return yield* close(fd);
  });
  const begin = lab.now;
  expect(lab.runToEnd()).toBe(true);
  expect(Buffer.compare(got, data)).toBe(0);
  return (end - begin) / 1e9;
}

describe('congestion control', () => {
  it('is chosen by name among those there are', () => {
    const { a } = two_hosts();
    expect(sysctl_read(a.kernel, 'net.ipv4.tcp_available_congestion_control')).toBe('reno cubic bbr dctcp');
    expect(sysctl_read(a.kernel, 'net.ipv4.tcp_congestion_control')).toBe('cubic');
    expect(sysctl_write(a.kernel, 'net.ipv4.tcp_congestion_control', 'vegas')).toBe(-2);
  });

  it.each(['reno', 'cubic', 'bbr', 'dctcp'])('by %s brings all bytes', (name) => {
    expect(transfer(name)).toBeGreaterThan((SIZE * 8) / 20e6);
  });

  it('by BBR does not take random loss for congestion', () => {
    expect(transfer('bbr')).toBeLessThan(transfer('cubic'));
  });
});
