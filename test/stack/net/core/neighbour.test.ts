// A neighbour's life (RFC 4861, 7.3; ip-neighbour(8)): asked for, known, doubted, probed, lost.
import { expect, test } from 'vitest';
import type { Host } from '#tsprobe/lab/host.js';
import { Lab } from '#tsprobe/lab/lab.js';
import { SOCK_DGRAM } from '#tsprobe/stack/include/linux/net.js';
import { AF_INET, SOL_SOCKET, SO_SNDBUFFORCE } from '#tsprobe/stack/include/linux/socket.js';
import { htons, in_aton, sendto, setsockopt, sockaddr_in, socket } from '#tsprobe/lab/libc.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';

const SECOND = 1e9;
const MS = 1e6;

class Neighbours {
  readonly lab = new Lab();
  readonly a: Host;
  readonly b: Host;

  constructor() {
    [this.a, this.b] = pair(this.lab, { name: 'A', address: '10.0.0.1/24' }, { name: 'B', address: '10.0.0.2/24' });
  }

  /** What `ip neigh` says of an address: its state, or '' where there is none. */
  state(address = '10.0.0.2'): string {
    const line = this.a
      .sh('ip neigh show')
      .split('\n')
      .find((l) => l.startsWith(`${address} `));
    return line?.trim().split(' ').at(-1) ?? '';
  }

  wait(ns: number): void {
    this.lab.runUntil(this.lab.now + ns);
  }
}

function counter(host: Host, group: string, name: string): number {
  const lines = host
    .sh('cat /proc/net/snmp')
    .split('\n')
    .filter((line) => line.startsWith(`${group}: `));
  return Number(lines[1].split(' ')[lines[0].split(' ').indexOf(name)]);
}

test('a neighbour that answers is reachable, then stale', () => {
  const n = new Neighbours();
  expect(n.state()).toBe('');
  n.a.sh('ping -c 1 10.0.0.2');
  expect(n.state()).toBe('REACHABLE');
  // Reachability is believed for 15 to 45 s, a time drawn by lot.
  n.wait(14 * SECOND);
  expect(n.state()).toBe('REACHABLE');
  n.wait(40 * SECOND);
  expect(n.state()).toBe('STALE');
});

test('a use of a stale neighbour begins a delay, and then a probe asks it', () => {
  const n = new Neighbours();
  n.a.sh('ping -c 1 10.0.0.2');
  n.wait(60 * SECOND);
  expect(n.state()).toBe('STALE');
  n.a.sh('ping -c 1 10.0.0.2');
  expect(n.state()).toBe('DELAY');
  n.wait(4 * SECOND);
  expect(n.state()).toBe('DELAY');
  n.wait(2 * SECOND);
  expect(n.state()).toBe('REACHABLE');
});

test('a neighbour that is gone fails after the delay and three probes', () => {
  const n = new Neighbours();
  n.a.sh('ping -c 1 10.0.0.2');
  n.wait(60 * SECOND);
  // It keeps the wire, but answers to nothing.
  n.b.sh('ip address del 10.0.0.2/24 dev eth0');
  const ping = n.a.spawn('ping', ['-c', '1', '-W', '1', '10.0.0.2']);
  n.wait(4 * SECOND);
  expect(ping.exitStatus).toBe(1);
  expect(n.state()).toBe('DELAY');
  n.wait(2 * SECOND);
  expect(n.state()).toBe('PROBE');
  n.wait(4 * SECOND);
  expect(n.state()).toBe('FAILED');
});

test('an address that nobody has: three questions a second apart, then host unreachable', () => {
  const n = new Neighbours();
  const dump = n.b.spawn('tcpdump', ['-i', 'eth0', '-n', '-tt', 'arp']);
  n.wait(MS);
  const ping = n.a.spawn('ping', ['-c', '1', '-W', '10', '10.0.0.9']);
  n.wait(500 * MS);
  expect(n.state('10.0.0.9')).toBe('INCOMPLETE');
  n.wait(5 * SECOND);
  expect(n.state('10.0.0.9')).toBe('FAILED');
  expect(ping.output).toContain('Destination Host Unreachable');
  const times = dump.output
    .split('\n')
    .filter((line) => line.includes('who-has 10.0.0.9'))
    .map((line) => Number(line.split(' ')[0]));
  expect(times).toHaveLength(3);
  // The timer wheel may be late by a sixteenth.
  for (const gap of [times[1] - times[0], times[2] - times[1]]) {
    expect(gap).toBeGreaterThanOrEqual(1);
    expect(gap).toBeLessThan(1.07);
  }
});

test('packets wait while the address is asked for, as many as fit', () => {
  const n = new Neighbours();
  n.a.sh('tc qdisc add dev eth0 root netem delay 100ms');
  // 300 packets of a small head each: 960 bytes of memory, 212 992 in all may wait. The oldest give way.
  n.a.spawn(function* () {
    const fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24);
    const to = new sockaddr_in(in_aton('10.0.0.2') as number, htons(9));
    for (let i = 0; i < 300; i++) yield* sendto(fd, new Uint8Array(10), 0, to);
    return 0;
  });
  n.wait(10 * SECOND);
  const received = counter(n.b, 'Udp', 'NoPorts');
  expect(received).toBe(Math.floor(212_992 / 960));
});

test('an entry by hand is permanent; flush leaves it', () => {
  const n = new Neighbours();
  n.a.sh('ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0 nud permanent');
  n.a.sh('ping -c 1 10.0.0.2');
  n.wait(3600 * SECOND);
  expect(n.state('10.0.0.7')).toBe('PERMANENT');
  n.a.sh('ip neigh flush all');
  expect(n.state('10.0.0.7')).toBe('PERMANENT');
  expect(n.state('10.0.0.2')).toMatch(/^(FAILED)?$/);
  n.a.sh('ip neigh del 10.0.0.7 dev eth0');
  expect(n.state('10.0.0.7')).toMatch(/^(FAILED)?$/);
});

test('a gratuitous claim by another host is taken up only after the time in which the first is believed', () => {
  const n = new Neighbours();
  n.a.sh('ping -c 1 10.0.0.2');
  const address = (): string => /10\.0\.0\.2 .*lladdr ([0-9a-f:]+)/.exec(n.a.sh('ip neigh show'))?.[1] ?? '';
  const before = address();
  n.b.sh('ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:99; ip link set eth0 up');
  n.wait(2 * SECOND);
  n.b.sh('ping -c 1 -W 2 10.0.0.1');
  expect(address()).toBe('02:00:00:00:00:99');
  expect(before).not.toBe(address());
});

test('the times can be set, for all devices or for one', () => {
  const n = new Neighbours();
  n.a.sh('sysctl -w net.ipv4.neigh.default.retrans_time_ms=200');
  expect(n.a.sh('sysctl -n net.ipv4.neigh.eth0.retrans_time_ms').trim()).toBe('200');
  n.a.sh('sysctl -w net.ipv4.neigh.eth0.mcast_solicit=2');
  n.a.sh('sysctl -w net.ipv4.neigh.default.mcast_solicit=7');
  expect(n.a.sh('sysctl -n net.ipv4.neigh.eth0.mcast_solicit').trim()).toBe('2');
  n.a.spawn('ping', ['-c', '1', '-W', '1', '10.0.0.9']);
  n.wait(500 * MS);
  expect(n.state('10.0.0.9')).toBe('FAILED');
  expect(() => n.a.sh('sysctl -w net.ipv4.neigh.eth0.mcast_solicit=-1')).toThrow();
});

test('/proc/net/dev, ptype and softnet_stat', () => {
  const n = new Neighbours();
  n.a.sh('ping -c 1 10.0.0.2');
  const eth0 = n.a
    .sh('cat /proc/net/dev')
    .split('\n')
    .find((line) => line.startsWith('  eth0:'));
  // An ARP reply and an echo reply came: 42 and 98 bytes.
  expect(eth0?.trim().split(/\s+/).slice(0, 3)).toEqual(['eth0:', '140', '2']);
  expect(n.a.sh('cat /proc/net/ptype')).toMatch(/^0800 {10}ip_rcv\n/m);
  expect(n.a.sh('cat /proc/net/ptype')).toMatch(/^0806 {10}arp_rcv\n/m);
  expect(n.a.sh('cat /proc/net/softnet_stat')).toMatch(/^([0-9a-f]{8} ){14}[0-9a-f]{8}\n$/);
});
