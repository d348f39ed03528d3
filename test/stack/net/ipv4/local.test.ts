// A host that talks to itself, what it learns of redirects, large datagrams cut by the device, and its sysctls.
import { describe, expect, it } from 'vitest';
import * as libc from '#tsprobe/lab/libc.js';
import { cmsghdr, msghdr, sockaddr_in } from '#tsprobe/stack/include/linux/socket.js';
import { ITER_SOURCE, iov_iter } from '#tsprobe/stack/include/linux/uio.js';
import { htons } from '#tsprobe/stack/include/linux/byteorder.js';
import { in_ntoa } from '#tsprobe/stack/include/linux/in_addr.js';
import { flowi4 } from '#tsprobe/stack/include/net/flow.js';
import { ip_route_output_key_hash } from '#tsprobe/stack/net/ipv4/route.js';
import { sysctl_read, sysctl_write } from '#tsprobe/stack/kernel/sysctl.js';
import { WiredHost, icmp, ip, ipv4 } from './wire.js';

const HOST = '10.0.0.1';
const PEER = '10.0.0.2';
const GATEWAY = '10.0.0.254';
const host = (): WiredHost => new WiredHost([{ address: `${HOST}/24`, neighbours: [PEER, GATEWAY] }]);
const at = (address: string, port: number): sockaddr_in =>
  new sockaddr_in(address === '' ? 0 : ip(address), htons(port));

describe('to itself', () => {
  it.each(['127.0.0.1', '127.1.2.3', HOST])('a datagram to %s comes back over the loopback', (address) => {
    const h = host();
    const p = h.program(function* () {
      const [a, b] = [libc.socket(2, 2, 0), libc.socket(2, 2, 0)];
      libc.bind(a, at('', 5000));
      const sent = yield* libc.sendto(b, Uint8Array.of(1, 2, 3), 0, at(address, 5000));
      const room = new Uint8Array(10);
      const from = { value: null as sockaddr_in | null };
      const n = yield* libc.recvfrom(a, room, 0, from as never);
      return { sent, n, from: from.value?.sin_addr.s_addr };
    });
    expect(p.result).toEqual({ sent: 3, n: 3, from: ip(address.startsWith('127') ? '127.0.0.1' : HOST) });
    expect(h.wires[0].text()).toEqual([]);
  });

  it('a closed port refuses at once, and an echo is answered', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(2, 2, 0);
      yield* libc.connect(fd, at('127.0.0.1', 9));
      yield* libc.sendto(fd, Uint8Array.of(1), 0, null);
      const refused = yield* libc.recvfrom(fd, new Uint8Array(10), 0, null);
      const raw = libc.socket(2, 3, 1);
      yield* libc.sendto(raw, Uint8Array.from([8, 0, 0xf7, 0xfc, 0, 1, 0, 2]), 0, at(HOST, 0));
      const room = new Uint8Array(100);
      const types: number[] = [];
      for (let i = 0; i < 2; i++) {
        yield* libc.recvfrom(raw, room, 0, null);
        types.push(room[20]);
      }
      return { refused, types };
    });
    expect(p.result).toEqual({ refused: -111, types: [8, 0] });
  });

  it('nothing goes to an address of no route, or to a forbidden one', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(2, 2, 0);
      const to = (address: string) => libc.sendto(fd, Uint8Array.of(1), 0, at(address, 7));
      return [yield* to('172.16.0.1'), yield* to('0.0.0.0'), yield* libc.sendto(fd, Uint8Array.of(1), 0, at(PEER, 0))];
    });
    // No route; 0.0.0.0 is this host; port 0 is none.
    expect(p.result).toEqual([-101, 1, -22]);
    expect(h.counter('Ip.OutNoRoutes')).toBe(1);
  });
});

describe('a redirect', () => {
  function told(h: WiredHost, from: string, better: string): string[] {
    h.route('10.8.0.0/16', GATEWAY);
    h.program(function* () {
      const fd = libc.socket(2, 2, 0);
      libc.bind(fd, at('', 5000));
      yield* libc.nanosleep(1e9);
    });
    // The route is in use.
    hop(h, '10.8.0.1');
    const quoted = ipv4({ src: HOST, dst: '10.8.0.1', proto: 17 }, [0x13, 0x88, 0, 7, 0, 9, 0, 0]);
    const gateway = better.split('.').map(Number);
    h.wires[0].put(ipv4({ src: from, dst: HOST, proto: 1 }, icmp(5, 1, [...gateway, ...quoted])));
    return ['10.8.0.1', '10.8.0.2'].map((address) => hop(h, address));
  }
  /** The next hop of packets to an address. */
  function hop(h: WiredHost, address: string): string {
    return h.on(h.kernel, () => {
      const rt = ip_route_output_key_hash(h.kernel.init_net, Object.assign(new flowi4(), { daddr: ip(address) }), null);
      if (typeof rt === 'number') return String(rt);
      return in_ntoa(rt.rt_gw4);
    });
  }

  it('from the gateway in use moves that one destination to the better one', () => {
    expect(told(host(), GATEWAY, PEER)).toEqual([PEER, GATEWAY]);
  });

  it('from anybody else, or to an address off the link, changes nothing', () => {
    expect(told(host(), PEER, PEER)).toEqual([GATEWAY, GATEWAY]);
    expect(told(host(), GATEWAY, '10.0.9.9')).toEqual([GATEWAY, GATEWAY]);
    const deaf = host();
    deaf.sysctl('net.ipv4.conf.all.accept_redirects', 0);
    deaf.sysctl('net.ipv4.conf.eth0.accept_redirects', 0);
    expect(told(deaf, GATEWAY, PEER)).toEqual([GATEWAY, GATEWAY]);
  });
});

describe('UDP_SEGMENT', () => {
  it('sends one large write as datagrams of one size', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(2, 2, 0);
      libc.bind(fd, at('', 5000));
      const m = new msghdr(new iov_iter(ITER_SOURCE, [Uint8Array.from({ length: 250 }, (_, i) => i)]));
      m.msg_name = at(PEER, 7);
      m.msg_namelen = 16;
      m.msg_control = [new cmsghdr(17, 103, Uint8Array.from([100, 0]))];
      return yield* libc.sendmsg(fd, m, 0);
    });
    expect(p.result).toBe(250);
    const out = h.wires[0].take();
    expect(out.map((q) => [...q.subarray(28)]).flat()).toEqual(Array.from({ length: 250 }, (_, i) => i));
    out.forEach((q) => h.wires[0].out.push(q));
    expect(h.wires[0].text()).toEqual([100, 100, 50].map((n) => `${HOST} > ${PEER} ttl 64 DF udp 5000 > 7 data ${n}`));
  });
});

describe('sysctls', () => {
  it('have the kernel’s defaults and limits', () => {
    const h = host();
    const read = (name: string): string | null => sysctl_read(h.kernel, name);
    expect(
      [
        'ip_forward',
        'ip_default_ttl',
        'ip_local_port_range',
        'ping_group_range',
        'icmp_ratelimit',
        'icmp_ratemask',
        'ipfrag_time',
        'ipfrag_high_thresh',
        'tcp_congestion_control',
        'tcp_keepalive_time',
        'tcp_fin_timeout',
        'tcp_syn_retries',
        'tcp_rmem',
        'route.min_pmtu',
        'route.mtu_expires',
        'conf.eth0.rp_filter',
        'conf.default.accept_redirects',
      ].map((name) => `${name} = ${read(`net.ipv4.${name}`)}`),
    ).toEqual([
      'ip_forward = 0',
      'ip_default_ttl = 64',
      'ip_local_port_range = 32768\t60999',
      'ping_group_range = 1\t0',
      'icmp_ratelimit = 1000',
      'icmp_ratemask = 6168',
      'ipfrag_time = 30',
      'ipfrag_high_thresh = 4194304',
      'tcp_congestion_control = cubic',
      'tcp_keepalive_time = 7200',
      'tcp_fin_timeout = 60',
      'tcp_syn_retries = 6',
      'tcp_rmem = 4096\t131072\t33554432',
      'route.min_pmtu = 552',
      'route.mtu_expires = 600',
      'conf.eth0.rp_filter = 0',
      'conf.default.accept_redirects = 1',
    ]);
    const write = (name: string, value: string): number => sysctl_write(h.kernel, `net.ipv4.${name}`, value);
    expect([write('ip_default_ttl', '0'), write('ip_default_ttl', '256'), write('ip_default_ttl', 'x')]).toEqual([
      -22, -22, -22,
    ]);
    expect(write('ip_local_port_range', '60000 50000')).toBe(-22);
    expect(write('ip_local_reserved_ports', '1000-1003,80')).toBe(0);
    expect(read('net.ipv4.ip_local_reserved_ports')).toBe('80,1000-1003');
  });

  it('ip_forward makes a router of all devices, and a router believes no redirects', () => {
    const h = host();
    h.sysctl('net.ipv4.ip_forward', 1);
    const read = (name: string): string | null => sysctl_read(h.kernel, `net.ipv4.conf.${name}`);
    expect([read('eth0.forwarding'), read('default.forwarding'), read('all.accept_redirects')]).toEqual([
      '1',
      '1',
      '0',
    ]);
  });
});

describe('groups', () => {
  it('a sender in the group gets its own datagram too, unless IP_MULTICAST_LOOP is off', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(2, 2, 0);
      libc.bind(fd, at('', 5000));
      const joined = libc.setsockopt_bytes(fd, 0, 35, Uint8Array.of(239, 1, 1, 1, 10, 0, 0, 1));
      const again = libc.setsockopt_bytes(fd, 0, 35, Uint8Array.of(239, 1, 1, 1, 10, 0, 0, 1));
      libc.setsockopt_bytes(fd, 0, 32, Uint8Array.of(10, 0, 0, 1));
      const room = new Uint8Array(10);
      const results = [joined, again, yield* libc.sendto(fd, Uint8Array.of(7), 0, at('239.1.1.1', 5000))];
      results.push(yield* libc.recvfrom(fd, room, 0x40, null), room[0]);
      libc.setsockopt(fd, 0, 34, 0);
      yield* libc.sendto(fd, Uint8Array.of(8), 0, at('239.1.1.1', 5000));
      results.push(yield* libc.recvfrom(fd, room, 0x40, null));
      results.push(libc.setsockopt_bytes(fd, 0, 36, Uint8Array.of(239, 1, 1, 1, 10, 0, 0, 1)));
      results.push(libc.setsockopt_bytes(fd, 0, 36, Uint8Array.of(239, 1, 1, 1, 10, 0, 0, 1)));
      return results;
    });
    expect(p.result).toEqual([0, -98, 1, 1, 7, -11, 0, -99]);
    expect(h.wires[0].text()).toEqual([
      `${HOST} > 239.1.1.1 ttl 1 DF udp 5000 > 5000 data 1`,
      `${HOST} > 239.1.1.1 ttl 1 DF udp 5000 > 5000 data 1`,
    ]);
  });

  it('the largest datagram crosses the loopback whole', () => {
    const h = host();
    const p = h.program(function* () {
      const [a, b] = [libc.socket(2, 2, 0), libc.socket(2, 2, 0)];
      libc.bind(a, at('', 5000));
      const data = Uint8Array.from({ length: 65507 }, (_, i) => i * 31);
      const sent = yield* libc.sendto(b, data, 0, at('127.0.0.1', 5000));
      const room = new Uint8Array(70_000);
      const n = yield* libc.recvfrom(a, room, 0, null);
      return { sent, n, same: data.every((v, i) => v === room[i]) };
    });
    expect(p.result).toEqual({ sent: 65507, n: 65507, same: true });
  });
});
