import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFilter, FilterError } from '#tsprobe/lab/apps/tcpdump/filter.js';
import type { Frame } from '#tsprobe/lab/apps/tcpdump/frame.js';
import { Lab } from '#tsprobe/lab/lab.js';
import type { Process } from '#tsprobe/lab/process.js';
import { scenarios } from '#tsprobe/lab/scenarios/index.js';
import { routed } from '#tsprobe/lab/topologies/routed.js';

const SECOND = 1e9;

function ping(args: string[], command: string): { text: string; errors: string } {
  let errors = '';
  const lab = new Lab({ output: (text, stream) => (errors += stream === 'stderr' ? text : '') });
  const { A } = routed(lab);
  const dump = A.spawn('tcpdump', ['-i', 'eth0', ...args]);
  lab.runUntil(lab.now + 1e6);
  A.sh(command);
  lab.runUntil(lab.now + SECOND);
  dump.kill(2);
  lab.runUntil(lab.now + SECOND);
  return { text: dump.output, errors };
}

test('a ping as tcpdump prints it', () => {
  const { text, errors } = ping(['-n', '-t'], 'ping -c 1 192.168.30.2');
  expect(text.replace(/is-at [0-9a-f:]{17}/, 'is-at MAC').replace(/id \d+/g, 'id N')).toBe(
    [
      'ARP, Request who-has 192.168.10.50 tell 192.168.10.2, length 28',
      'ARP, Reply 192.168.10.50 is-at MAC, length 28',
      'IP 192.168.10.2 > 192.168.30.2: ICMP echo request, id N, seq 1, length 64',
      'IP 192.168.30.2 > 192.168.10.2: ICMP echo reply, id N, seq 1, length 64',
      '',
    ].join('\n'),
  );
  expect(errors).toBe(
    'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n' +
      'listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n' +
      '4 packets captured\n4 packets received by filter\n0 packets dropped by kernel\n',
  );
});

test('more of it with -v, the bytes with -X, and the link-level header with -e', () => {
  expect(ping(['-n', '-t', '-v', 'icmp'], 'ping -c 1 192.168.30.2').text).toMatch(
    /^IP \(tos 0x0, ttl 64, id \d+, offset 0, flags \[DF\], proto ICMP \(1\), length 84\)\n {4}192\.168\.10\.2 > 192\.168\.30\.2: ICMP echo request, id \d+, seq 1, length 64\n/,
  );
  expect(ping(['-n', '-t', '-e', 'icmp'], 'ping -c 1 192.168.30.2').text).toMatch(
    /^[0-9a-f:]{17} > [0-9a-f:]{17}, ethertype IPv4 \(0x0800\), length 98: 192\.168\.10\.2 > /,
  );
  expect(ping(['-n', '-t', '-X', 'arp'], 'ping -c 1 192.168.30.2').text).toMatch(
    /^\t0x0000: {2}0001 0800 0604 0001 [0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4} c0a8 {2}/m,
  );
});

test('-c ends it; what is wrong is said', () => {
  const { text, errors } = ping(['-n', '-c', '1', '-t'], 'ping -c 3 192.168.30.2');
  expect(text.split('\n')).toHaveLength(2);
  expect(errors).toContain('1 packet captured\n');
  const lab = new Lab();
  const { A } = routed(lab);
  expect(() => A.sh('tcpdump -i eth7')).toThrow('No such device exists');
  expect(() => A.sh('tcpdump -c 0')).toThrow('invalid packet count 0');
  expect(() => A.sh('tcpdump foo')).toThrow("can't parse filter expression");
});

describe('filters', () => {
  const head = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
  const ipv4 = (protocol: number, body: number[], frag = 0): number[] => [
    ...[...head, 8, 0, 0x45, 0, 0, 20 + body.length, 0, 1, frag >> 8, frag & 255, 64, protocol, 0, 0],
    ...[10, 0, 0, 1, 192, 168, 30, 2, ...body],
  ];
  const frames: Record<string, number[]> = {
    syn: ipv4(6, [0x9c, 0x40, 0, 22, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0]),
    ack: ipv4(6, [0, 22, 0x9c, 0x40, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 16, 0, 0, 0, 0, 0, 0]),
    udp: ipv4(17, [0, 53, 4, 0, 0, 8, 0, 0]),
    ping: ipv4(1, [8, 0, 0, 0, 0, 1, 0, 1]),
    fragment: ipv4(17, [1, 2, 3, 4, 5, 6, 7, 8], 0x2003),
    arp: [...head, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 192, 168, 30, 2],
  };
  const cases: [string, string][] = [
    ['', 'syn ack udp ping fragment arp'],
    ['tcp', 'syn ack'],
    ['icmp or arp', 'ping arp'],
    ['not ip', 'arp'],
    ['port 22', 'syn ack'],
    ['dst port 22', 'syn'],
    ['tcp src port 22 and not dst port 40001', 'ack'],
    ['udp port domain', 'udp'],
    ['portrange 50-60', 'udp'],
    ['host 10.0.0.1', 'syn ack udp ping fragment arp'],
    ['src 192.168.30.2', ''],
    ['dst net 192.168.0.0/16', 'syn ack udp ping fragment arp'],
    ['net 10.0.1', ''],
    ['tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'syn'],
    ['tcp[13] = 16', 'ack'],
    ['icmp[icmptype] == icmp-echo', 'ping'],
    ['ip[6:2] & 0x1fff != 0', 'fragment'],
    ['(udp or icmp) and greater 50', ''],
    ['less 42 and ! arp', 'udp ping fragment'],
    ['ether src 02:00:00:00:00:01', 'syn ack udp ping fragment arp'],
    ['ip proto 17', 'udp fragment'],
  ];
  test.each(cases)('%s', (text, expected) => {
    const wanted = parseFilter(text);
    const matched = Object.entries(frames).filter(([, data]) => {
      const bytes = Uint8Array.from(data);
      const frame: Frame = {
        bytes,
        length: bytes.length,
        time: 0n,
        type: (bytes[12] << 8) | bytes[13],
        l3: 14,
        device: null,
        pkttype: 0,
      };
      return wanted(frame);
    });
    expect(matched.map(([name]) => name).join(' ')).toBe(expected);
  });

  test.each([
    'port',
    'host',
    'tcp[',
    'tcp[1:3] = 0',
    'and',
    '(tcp',
    'host 1.2.3.4.5',
    'net 10.0.0.0/40',
    'port 70000',
    ') tcp',
  ])('refused: %s', (text) => expect(() => parseFilter(text)).toThrow(FilterError));
});

/** Readers that are installed: what they must not say of a packet. */
interface Reader {
  command: string;
  args: (file: string) => string[];
  bad: RegExp;
}

const known: Reader[] = [
  {
    command: 'tcpdump',
    args: (file) => ['-n', '-vv', '-r', file],
    bad: /incorrect|bad (udp )?cksum|wrong|\[\||truncated/,
  },
  {
    command: 'tshark',
    args: (file) => [
      '-n',
      '-r',
      file,
      '-o',
      'ip.check_checksum:TRUE',
      '-o',
      'tcp.check_checksum:TRUE',
      '-o',
      'udp.check_checksum:TRUE',
      '-Y',
      '_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0',
    ],
    bad: /./,
  },
];
const readers = known.filter(({ command }) => spawnSync(command, ['--version']).error === undefined);

// Bulk transfers leave checksums and segmentation to the devices: what is captured there is not whole.
const whole = Object.values(scenarios).filter((s) => !['bulk', 'tcp-tso', 'boot'].includes(s.name));

test.each(whole.map((s) => [s.name, s] as const))(
  'a capture of %s on every device holds no wrong packet',
  async (_name, scenario) => {
    const lab = new Lab();
    await scenario.start(lab, []);
    const captures: { file: string; dump: Process; read: Process }[] = [];
    for (const host of lab.hosts.values()) {
      for (const dev of host.kernel.init_net.dev_base_head) {
        if (dev.name === 'lo') continue;
        const file = `/${host.name}-${dev.name}.pcap`;
        captures.push({
          file,
          dump: host.spawn('tcpdump', ['-i', dev.name, '-w', file]),
          read: host.spawn('tcpdump', ['-i', dev.name, '-n', '-vv']),
        });
      }
    }
    expect(lab.runToEnd()).toBe(true);
    expect(lab.faults).toEqual([]);
    expect(captures.some(({ read }) => read.output !== '')).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
    try {
      for (const { file, dump, read } of captures) {
        expect(read.output).not.toMatch(/incorrect|bad (udp )?cksum|wrong|\[\|/);
        const path = join(folder, file);
        writeFileSync(path, dump.host.kernel.fs.read(file) as Uint8Array);
        for (const { command, args, bad } of readers) {
          const { status, stdout } = spawnSync(command, args(path), { encoding: 'utf8', maxBuffer: 1 << 28 });
          expect(status).toBe(0);
          expect(stdout).not.toMatch(bad);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
