// ICMP, TTL, routes that forbid, path MTU, redirects and IP options: packets in, packets out.
import { describe, expect, it } from 'vitest';
import { WiredHost, echo, icmp, ipv4, put16, udp } from './wire.js';

const A = '10.0.1.2';
const B = '10.0.2.2';

const host = (): WiredHost => new WiredHost([{ address: '10.0.1.1/24', neighbours: [A, '10.0.1.3', '10.0.1.254'] }]);
function router(): WiredHost {
  const r = new WiredHost([
    { address: '10.0.1.1/24', neighbours: [A, '10.0.1.3', '10.0.1.254'] },
    { address: '10.0.2.1/24', neighbours: [B] },
  ]);
  r.sysctl('net.ipv4.ip_forward', 1);
  return r;
}

describe('echo', () => {
  it('is answered with the same data, TOS and identifier', () => {
    const h = host();
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 1, tos: 0x10 }, echo(258, 3, [1, 2, 3, 4, 5])));
    const [reply] = h.wires[0].out;
    expect([...reply.subarray(28)]).toEqual([1, 2, 3, 4, 5]);
    expect(reply[1]).toBe(0x10);
    expect(h.wires[0].text()).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 0/0 id 258 seq 3 data 5`]);
    expect(h.counter('Icmp.InEchos')).toBe(1);
    expect(h.counter('Icmp.OutEchoReps')).toBe(1);
  });

  it('is not answered to a broadcast, or not at all, as the sysctls say', () => {
    const h = host();
    const put = (dst: string, broadcast = false): string[] => {
      h.wires[0].put(ipv4({ src: A, dst, proto: 1 }, echo(1, 1)), broadcast);
      return h.wires[0].text();
    };
    expect(put('10.0.1.255', true)).toEqual([]);
    h.sysctl('net.ipv4.icmp_echo_ignore_broadcasts', 0);
    expect(put('10.0.1.255', true)).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 0/0 id 1 seq 1 data 0`]);
    h.sysctl('net.ipv4.icmp_echo_ignore_all', 1);
    expect(put('10.0.1.1')).toEqual([]);
  });

  it('with a wrong checksum, or cut short, is dropped and counted', () => {
    const h = host();
    const bad = echo(1, 1, [1, 2, 3]);
    bad[9] ^= 1;
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 1 }, bad));
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 1 }, [8, 0, 0xf7, 0xff]));
    expect(h.wires[0].text()).toEqual([]);
    expect(h.counter('Icmp.InCsumErrors')).toBe(1);
    expect(h.counter('Icmp.InErrors')).toBe(2);
  });

  it('has its time stamp option filled in, and its route recorded', () => {
    const h = host();
    const options = [7, 7, 4, 0, 0, 0, 0, 68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 1, options }, echo(1, 1)));
    expect(h.wires[0].text()).toEqual([
      `10.0.1.1 > ${A} ttl 64 options [7 7 8 10 0 1 1 68 12 13 1 10 0 1 1 0 0 0 0 0] icmp 0/0 id 1 seq 1 data 0`,
    ]);
  });
});

describe('errors', () => {
  it('port, protocol and network unreachable, time exceeded', () => {
    const r = router();
    const put = (dst: string, proto: number, payload: number[], ttl = 64): string[] => {
      r.wires[0].put(ipv4({ src: A, dst, proto, ttl }, payload));
      r.run(2000);
      return r.wires[0].text();
    };
    expect(put('10.0.1.1', 17, udp(A, '10.0.1.1', 4000, 9, [1, 2]))).toEqual([
      `10.0.1.1 > ${A} ttl 64 icmp 3/3 info 0 quoting 30`,
    ]);
    expect(put('10.0.1.1', 200, [1, 2, 3])).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 3/2 info 0 quoting 23`]);
    expect(put('172.16.0.1', 1, echo(1, 1))).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 3/0 info 0 quoting 28`]);
    expect(put(B, 1, echo(1, 1), 1)).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 11/0 info 0 quoting 28`]);
    expect(r.wires[1].text()).toEqual([]);
    expect(r.counter('Ip.InHdrErrors')).toBe(1);
    expect(r.counter('Udp.NoPorts')).toBe(1);
  });

  it('carry the TOS class of network control and at most 576 bytes', () => {
    const h = host();
    h.wires[0].put(
      ipv4({ src: A, dst: '10.0.1.1', proto: 17, tos: 0x08 }, udp(A, '10.0.1.1', 1, 9, new Array(1000).fill(7))),
    );
    const [error] = h.wires[0].out;
    expect([error.length, error[1]]).toEqual([576, 0xc8]);
  });

  it('are not sent about errors, fragments, broadcasts', () => {
    const h = host();
    const quoted = ipv4({ src: '10.0.1.1', dst: '10.0.1.99', proto: 17 }, [0, 1, 0, 2, 0, 8, 0, 0]);
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 1, ttl: 1 }, icmp(3, 3, [0, 0, 0, 0, ...quoted])));
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.255', proto: 17 }, udp(A, '10.0.1.255', 1, 9, [])), true);
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 17 }, udp(A, '10.0.1.1', 1, 9, [])), true);
    expect(h.wires[0].text()).toEqual([]);
  });

  it('come at most once a second to one host after a burst of six', () => {
    const h = host();
    for (let i = 0; i < 20; i++)
      h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 17 }, udp(A, '10.0.1.1', 1, 9, [])));
    expect(h.wires[0].text()).toHaveLength(6);
    h.run(1001);
    for (let i = 0; i < 5; i++)
      h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 17 }, udp(A, '10.0.1.1', 1, 9, [])));
    expect(h.wires[0].text()).toHaveLength(1);
    expect(h.counter('Icmp.OutRateLimitHost')).toBe(18);
    h.sysctl('net.ipv4.icmp_ratelimit', 0);
    for (let i = 0; i < 5; i++)
      h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 17 }, udp(A, '10.0.1.1', 1, 9, [])));
    expect(h.wires[0].text()).toHaveLength(5);
  });

  it('about a bad option point at it', () => {
    const h = host();
    h.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 1, options: [1, 7, 2, 0] }, echo(1, 1)));
    expect(h.wires[0].text()).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 12/0 info ${22 * 2 ** 24} quoting 32`]);
    expect(h.counter('Ip.InHdrErrors')).toBe(1);
  });
});

describe('forwarding', () => {
  it('counts the TTL down and leaves the rest as it was', () => {
    const r = router();
    r.wires[0].put(ipv4({ src: A, dst: B, proto: 17, ttl: 9, id: 4711, tos: 0x28, df: true }, udp(A, B, 1, 2, [5])));
    const [p] = r.wires[1].out;
    expect([p[1], (p[4] << 8) | p[5]]).toEqual([0x28, 4711]);
    expect(r.wires[1].text()).toEqual([`${A} > ${B} ttl 8 DF udp 1 > 2 data 1`]);
    expect(r.counter('Ip.ForwDatagrams')).toBe(1);
  });

  it('does not happen on a host that is no router', () => {
    const h = host();
    h.wires[0].put(ipv4({ src: A, dst: B, proto: 17 }, udp(A, B, 1, 2, [5])));
    expect(h.wires[0].text()).toEqual([]);
    expect(h.counter('Ip.InAddrErrors')).toBe(1);
  });

  it('tells a host on the same link of the better gateway', () => {
    const r = router();
    r.route('10.9.0.0/16', '10.0.1.254');
    r.wires[0].put(ipv4({ src: A, dst: '10.9.1.1', proto: 1 }, echo(1, 1)));
    expect(r.wires[0].text()).toEqual([
      `10.0.1.1 > ${A} ttl 64 icmp 5/1 gateway 10.0.1.254`,
      `${A} > 10.9.1.1 ttl 63 icmp 8/0 id 1 seq 1 data 0`,
    ]);
  });

  it('follows a source route where it is allowed, and records itself', () => {
    const r = router();
    r.sysctl('net.ipv4.conf.all.accept_source_route', 1);
    r.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 99, options: [131, 7, 4, 10, 0, 2, 2, 0] }, [1]));
    expect(r.wires[1].text()).toEqual([`${A} > ${B} ttl 63 options [131 7 8 10 0 2 1 0] proto 99`]);
    r.sysctl('net.ipv4.conf.all.accept_source_route', 0);
    r.wires[0].put(ipv4({ src: A, dst: '10.0.1.1', proto: 99, options: [131, 7, 4, 10, 0, 2, 2, 0] }, [1]));
    expect(r.wires[1].text()).toEqual([]);
  });

  it.each([
    ['a multicast source', { src: '224.0.0.5', dst: B }],
    ['the broadcast address as source', { src: '255.255.255.255', dst: B }],
    ['a loopback source', { src: '127.0.0.1', dst: B }],
    ['a loopback destination', { src: A, dst: '127.0.0.1' }],
    ['our own source address', { src: '10.0.1.1', dst: B }],
    ['no destination', { src: A, dst: '0.0.0.0' }],
    ['a source of network zero', { src: '0.0.0.0', dst: B }],
  ])('drops a martian: %s', (_what, addresses) => {
    const r = router();
    r.wires[0].put(ipv4({ ...addresses, proto: 1 }, echo(1, 1)));
    expect([...r.wires[0].text(), ...r.wires[1].text()]).toEqual([]);
  });

  it('asks with rp_filter whether the answer would go back the same way', () => {
    const r = router();
    const spoofed = ipv4({ src: '10.0.2.77', dst: B, proto: 1 }, echo(1, 1));
    r.wires[0].put(spoofed);
    expect(r.wires[1].text()).toHaveLength(1);
    r.sysctl('net.ipv4.conf.all.rp_filter', 1);
    r.wires[0].put(spoofed);
    expect(r.wires[1].text()).toEqual([]);
    expect(r.counter('TcpExt.IPReversePathFilter')).toBe(1);
  });
});

describe('malformed headers', () => {
  const good = ipv4({ src: A, dst: '10.0.1.1', proto: 1 }, echo(1, 1, [1, 2, 3, 4]));
  const changed = (at: number, value: number, fix = true): number[] => {
    const p = [...good];
    p[at] = value;
    if (fix) {
      p[10] = p[11] = 0;
      let sum = 0;
      for (let i = 0; i < 20; i += 2) sum += (p[i] << 8) | p[i + 1];
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      p.splice(10, 2, ...put16(~sum & 0xffff));
    }
    return p;
  };
  it.each([
    ['version 6', changed(0, 0x65), 'Ip.InHdrErrors'],
    ['a header of 16 bytes', changed(0, 0x44), 'Ip.InHdrErrors'],
    ['a header longer than the packet', changed(0, 0x4f), 'Ip.InHdrErrors'],
    ['a wrong checksum', changed(8, 3, false), 'Ip.InHdrErrors'],
    ['a length beyond the frame', changed(3, 200), 'IpExt.InTruncatedPkts'],
    ['a length below the header', changed(3, 10), 'Ip.InHdrErrors'],
    ['ten bytes', good.slice(0, 10), 'Ip.InHdrErrors'],
  ])('%s', (_what, packet, counter) => {
    const h = host();
    h.wires[0].put(packet);
    expect(h.wires[0].text()).toEqual([]);
    expect(h.counter(counter)).toBe(1);
    expect(h.counter('Ip.InDelivers')).toBe(0);
  });

  it('padding behind the packet is cut off', () => {
    const h = host();
    h.wires[0].put([...good, 9, 9, 9, 9, 9, 9]);
    expect(h.wires[0].text()).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 0/0 id 1 seq 1 data 4`]);
  });
});
