// What the lab's programs print, against what the real ones print.

import { describe, expect, it } from 'vitest';
import { Lab } from '#tsprobe/lab/lab.js';
import { scenarios } from '#tsprobe/lab/scenarios/index.js';

/** What a scenario's programs write. */
async function output(name: string, ...args: string[]): Promise<string> {
  let text = '';
  const lab = new Lab({ seed: 1, output: (piece) => (text += piece) });
  await scenarios[name].start(lab, args);
  expect(lab.runToEnd()).toBe(true);
  expect(lab.faults).toEqual([]);
  return text;
}

describe('ping', () => {
  it('prints what iputils prints', async () => {
    expect(await output('ping', '-c', '2', '--netem', 'delay 1ms')).toBe(
      [
        'PING 192.168.30.2 (192.168.30.2) 56(84) bytes of data.',
        // ARP of A and R, then the echo: each wire takes 1 ms.
        '64 bytes from 192.168.30.2: icmp_seq=1 ttl=63 time=8.00 ms',
        '64 bytes from 192.168.30.2: icmp_seq=2 ttl=63 time=4.00 ms',
        '',
        '--- 192.168.30.2 ping statistics ---',
        '2 packets transmitted, 2 received, 0% packet loss, time 1060ms',
        'rtt min/avg/max/mdev = 4.000/6.000/8.000/2.000 ms',
        '',
      ].join('\n'),
    );
  });

  it('tells of a host that nobody is', async () => {
    expect(await output('arp-unreachable')).toBe(
      [
        'PING 192.168.10.99 (192.168.10.99) 56(84) bytes of data.',
        'From 192.168.10.2 icmp_seq=1 Destination Host Unreachable',
        '',
        '--- 192.168.10.99 ping statistics ---',
        '1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 3104ms',
        '',
        '',
      ].join('\n'),
    );
  });

  it('tells of a link that a packet with DF does not fit', async () => {
    expect(await output('ping-fragments', '--df')).toContain(
      'From 192.168.10.50 icmp_seq=1 Frag needed and DF set (mtu = 1000)',
    );
  });

  it('gets a packet through in fragments, also of a router', async () => {
    expect(await output('ping-fragments')).toContain('4008 bytes from 192.168.30.2: icmp_seq=1 ttl=63');
    expect(await output('ping-fragments', '--router')).toContain('1408 bytes from 192.168.30.2: icmp_seq=1 ttl=63');
  });

  it('refuses options that there are not', async () => {
    expect(await output('ping', '-Z')).toContain("ping: invalid option -- 'Z'");
  });
});

describe('traceroute', () => {
  it('prints the three hops of the lab', async () => {
    expect(await output('traceroute', '-q', '1')).toBe(
      [
        'traceroute to 192.168.0.1 (192.168.0.1), 30 hops max, 60 byte packets',
        ' 1  192.168.10.50 (192.168.10.50)  0.000 ms',
        ' 2  192.168.20.1 (192.168.20.1)  0.000 ms',
        ' 3  192.168.0.1 (192.168.0.1)  0.000 ms',
        '',
      ].join('\n'),
    );
  });
});

describe('traceroute -I', () => {
  it('tells each probe by the number in its echo request', async () => {
    expect(await output('traceroute', '-n', '-I', '192.168.30.2')).toBe(
      [
        'traceroute to 192.168.30.2 (192.168.30.2), 30 hops max, 60 byte packets',
        ' 1  192.168.10.50  0.000 ms  0.000 ms  0.000 ms',
        ' 2  192.168.30.2  0.000 ms  0.000 ms  0.000 ms',
        '',
      ].join('\n'),
    );
  });
});

describe('ftp', () => {
  it('gets a file, in passive and in active mode, and puts one', async () => {
    expect(await output('ftp')).toContain('226 Transfer complete.\n2000 bytes received');
    expect(await output('ftp', '--active')).toContain('200 PORT command successful.');
    expect(await output('ftp-forward', '--put', '--size', '5000')).toContain('5000 bytes sent');
  });
});

describe('scenarios', () => {
  it('refuse options that they have not with a sentence', async () => {
    await expect(output('tcp-loss', '--delay', '3')).rejects.toThrow(
      'The scenario has no option --delay; its options are: --netem VALUE, --size VALUE, --offload, --warm, --through-router.',
    );
  });
});
