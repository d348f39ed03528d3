// Reassembly and fragmentation: packets in, packets out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WiredHost, echo, icmp, ipv4 } from './wire.js';

const HOST = '10.0.0.1';
const PEER = '10.0.0.2';

const host = (mtu?: number): WiredHost => new WiredHost([{ address: `${HOST}/24`, neighbours: [PEER], mtu }]);
const bytes = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

/** Cuts a payload at the given places (multiples of 8). */
function cut(payload: readonly number[], at: readonly number[]): { offset: number; data: number[]; more: boolean }[] {
  const ends = [...new Set(at.filter((x) => x > 0 && x < payload.length))].sort((a, b) => a - b);
  const starts = [0, ...ends];
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? payload.length;
    return { offset: start, data: payload.slice(start, end), more: end < payload.length };
  });
}

/** The data of echo replies that came out, put together from their fragments. */
function replies(out: readonly Uint8Array[]): number[][] {
  const packets = new Map<number, { parts: [number, Uint8Array][]; end: number }>();
  for (const p of out) {
    const id = (p[4] << 8) | p[5];
    const off = (((p[6] << 8) | p[7]) & 0x1fff) * 8;
    const packet = packets.get(id) ?? { parts: [], end: -1 };
    packets.set(id, packet);
    packet.parts.push([off, p.subarray(20)]);
    if ((p[6] & 0x20) === 0) packet.end = off + p.length - 20;
  }
  return [...packets.values()].map(({ parts, end }) => {
    const whole = new Array<number>(end).fill(-1);
    for (const [off, data] of parts) data.forEach((byte, i) => (whole[off + i] = byte));
    return whole;
  });
}

describe('reassembly', () => {
  it('answers a request in three fragments once, whatever their order', () => {
    const h = host();
    const wire = h.wires[0];
    const parts = cut(echo(1, 1, bytes(40)), [16, 32]);
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [2, 0, 1],
    ]) {
      for (const i of order) {
        expect(wire.text()).toEqual([]);
        const f = parts[i];
        wire.put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 7, mf: f.more, offset: f.offset }, f.data));
      }
      expect(wire.text()).toEqual([`${HOST} > ${PEER} ttl 64 icmp 0/0 id 1 seq 1 data 40`]);
    }
    expect(h.counter('Ip.ReasmReqds')).toBe(12);
    expect(h.counter('Ip.ReasmOKs')).toBe(4);
    expect(h.kernel.init_net.ipv4.fqdir?.mem).toBe(0);
  });

  it('puts together what was cut at any places, in any order, with duplicates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6000 }),
        fc.array(
          fc.nat(750).map((n) => n * 8),
          { maxLength: 12 },
        ),
        fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 }),
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        (size, cuts, shuffle, twice) => {
          const h = host();
          const message = echo(9, 9, bytes(size));
          // None may be longer than the wire takes.
          const parts = cut(message, [...cuts, 1480, 2960, 4440, 5920]);
          const order = parts.map((_, i) => i).sort((a, b) => (shuffle[a] ?? 0) - (shuffle[b] ?? 0));
          order.forEach((i, nth) => {
            const f = parts[i];
            const packet = ipv4({ src: PEER, dst: HOST, proto: 1, id: 3, mf: f.more, offset: f.offset }, f.data);
            h.wires[0].put(packet);
            // A copy of a fragment of a packet that still waits for others changes nothing.
            if (twice[nth] && nth < order.length - 1) h.wires[0].put(packet);
          });
          const reply = icmp(0, 0, message.slice(4));
          expect(replies(h.wires[0].take()).map(String)).toEqual([String(reply)]);
          expect(h.kernel.init_net.ipv4.fqdir?.mem).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives up on overlapping fragments, as on an attack (RFC 5722)', () => {
    const h = host();
    const m = echo(1, 1, bytes(56));
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 5, mf: true, offset: 0 }, m.slice(0, 32)));
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 5, mf: true, offset: 24 }, m.slice(24, 48)));
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 5, offset: 48 }, m.slice(48)));
    expect(h.wires[0].text()).toEqual([]);
    expect(h.counter('IpExt.ReasmOverlaps')).toBe(1);
    expect(h.counter('Ip.ReasmFails')).toBe(1);
  });

  it('tells the sender after thirty seconds, if the first fragment came', () => {
    const h = host();
    const m = echo(1, 1, bytes(56));
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 5, mf: true, offset: 0 }, m.slice(0, 32)));
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 6, mf: true, offset: 32 }, m.slice(32, 48)));
    h.run(29_000);
    expect(h.wires[0].text()).toEqual([]);
    h.run(4_000);
    expect(h.wires[0].text()).toEqual([`${HOST} > ${PEER} ttl 64 icmp 11/1 info 0 quoting 52`]);
    expect(h.counter('Ip.ReasmTimeout')).toBe(2);
    expect(h.kernel.init_net.ipv4.fqdir?.mem).toBe(0);
  });

  it('holds no more than ipfrag_high_thresh', () => {
    const h = host();
    h.sysctl('net.ipv4.ipfrag_high_thresh', 50_000);
    for (let id = 1; id <= 200; id++) {
      h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id, mf: true, offset: 0 }, bytes(400)));
    }
    expect(h.kernel.init_net.ipv4.fqdir?.mem).toBeLessThan(52_000);
    expect(h.counter('Ip.ReasmFails')).toBeGreaterThan(100);
  });

  it.each([
    [
      'a packet of more than 65535 bytes',
      [
        [65_528, 64, false],
        [0, 65_528 / 2, true],
      ],
    ],
    [
      'two different ends',
      [
        [64, 8, false],
        [128, 8, false],
      ],
    ],
    [
      'data behind the end',
      [
        [64, 8, false],
        [128, 8, true],
      ],
    ],
    ['a fragment without data', [[8, 0, true]]],
  ] as const)('drops %s', (_what, list) => {
    const h = host();
    for (const [offset, length, more] of list) {
      h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1, id: 5, mf: more, offset }, bytes(Math.min(length, 1400))));
    }
    h.run(40_000);
    expect(h.kernel.init_net.ipv4.fqdir?.mem).toBe(0);
    expect(h.counter('Ip.ReasmOKs')).toBe(0);
    expect(h.counter('Ip.ReasmFails')).toBeGreaterThan(0);
  });
});

describe('fragmentation', () => {
  const A = '10.0.1.2';
  const B = '10.0.2.2';
  function router(mtu: number): WiredHost {
    const r = new WiredHost([
      { address: '10.0.1.1/24', neighbours: [A] },
      { address: '10.0.2.1/24', neighbours: [B], mtu },
    ]);
    r.sysctl('net.ipv4.ip_forward', 1);
    return r;
  }

  it('cuts what is too long for the next link, at multiples of eight', () => {
    const r = router(600);
    r.wires[0].put(ipv4({ src: A, dst: B, proto: 1, id: 77 }, echo(1, 1, bytes(1200))));
    expect(r.wires[1].text()).toEqual([
      `${A} > ${B} ttl 63 frag 576@0+`,
      `${A} > ${B} ttl 63 frag 576@576+`,
      `${A} > ${B} ttl 63 frag 56@1152`,
    ]);
    expect(r.counter('Ip.FragOKs')).toBe(1);
    expect(r.counter('Ip.FragCreates')).toBe(3);
  });

  it('keeps offsets and the more flag of a fragment that it cuts further', () => {
    const r = router(100);
    r.wires[0].put(ipv4({ src: A, dst: B, proto: 1, id: 78, mf: true, offset: 800 }, bytes(160)));
    expect(r.wires[1].text()).toEqual([`${A} > ${B} ttl 63 frag 80@800+`, `${A} > ${B} ttl 63 frag 80@880+`]);
  });

  it('says what would fit, where the packet must not be cut', () => {
    const r = router(600);
    r.wires[0].put(ipv4({ src: A, dst: B, proto: 1, df: true }, echo(1, 1, bytes(1200))));
    expect(r.wires[1].text()).toEqual([]);
    expect(r.wires[0].text()).toEqual([`10.0.1.1 > ${A} ttl 64 icmp 3/4 info 600 quoting 548`]);
    expect(r.counter('Ip.FragFails')).toBe(1);
  });

  it('leaves nothing out and adds nothing: for any length and MTU the fragments are the packet', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 68, max: 1400 }),
        fc.integer({ min: 0, max: 1400 }),
        fc.boolean(),
        (mtu, size, options) => {
          const r = router(mtu);
          const data = bytes(size);
          const fields = { src: A, dst: B, proto: 99, id: 4, options: options ? [1, 1, 1, 0] : [] };
          r.wires[0].put(ipv4(fields, data));
          const out = r.wires[1].take();
          const whole = new Array<number>(size).fill(-1);
          for (const p of out) {
            const ihl = (p[0] & 15) * 4;
            expect(p.length).toBeLessThanOrEqual(mtu);
            const off = (((p[6] << 8) | p[7]) & 0x1fff) * 8;
            p.subarray(ihl).forEach((byte, i) => {
              expect(whole[off + i]).toBe(-1);
              whole[off + i] = byte;
            });
            const last = off + p.length - ihl === size;
            expect((p[6] & 0x20) === 0).toBe(last);
          }
          expect(whole).toEqual(data);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('copies only the options that are to be copied into the further fragments', () => {
    const r = router(100);
    // Record route (7) is for the first alone; the security option (130) goes into all.
    const options = [130, 3, 0, 7, 7, 4, 0, 0, 0, 0, 1, 0];
    r.wires[0].put(ipv4({ src: A, dst: B, proto: 99, options }, bytes(160)));
    expect(r.wires[1].text().map((t) => t.replace(/^.*frag/, 'frag'))).toEqual([
      'frag 64@0+ options [130 3 0 7 7 8 10 0 2 1 1 0]',
      'frag 64@64+ options [130 3 0 1 1 1 1 1 1 1 1 0]',
      'frag 32@128 options [130 3 0 1 1 1 1 1 1 1 1 0]',
    ]);
  });
});
