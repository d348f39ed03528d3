// Segmentation and its reverse: a large TCP packet cut into frames by the sender's host, and frames merged by the
// receiver's. Nothing of the payload may change, and every frame must be right in itself.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setOffloads } from '#tsprobe/lab/link.js';
import { NETIF_F_GRO } from '#tsprobe/stack/include/linux/netdev_features.js';
import { packet_type } from '#tsprobe/stack/include/linux/netdevice.js';
import {
  CHECKSUM_PARTIAL,
  SKB_GSO_TCPV4,
  alloc_skb,
  consume_skb,
  skb_append_pagefrags,
  skb_copy_bits,
  skb_put,
  skb_reserve,
  type sk_buff,
} from '#tsprobe/stack/include/linux/skbuff.js';
import { csum_fold, csum_tcpudp_nofold } from '#tsprobe/stack/include/net/checksum.js';
import { csum_partial, ip_fast_csum } from '#tsprobe/stack/lib/checksum.js';
import { dev_add_pack, dev_queue_xmit, netdev_set_wanted_feature } from '#tsprobe/stack/net/core/dev.js';
import { Pair } from '../pair.js';

const SRC = 0x0100000a;
const DST = 0x0200000a;

interface Seen {
  bytes: Uint8Array;
  gso_size: number;
  ip_summed: number;
}

/** A pair whose B shows each IP packet that goes up. */
function watch(gro: boolean): { pair: Pair; seen: Seen[] } {
  const pair = new Pair();
  const seen: Seen[] = [];
  setOffloads(pair.a, false);
  pair.on(pair.B, () => netdev_set_wanted_feature(pair.b, NETIF_F_GRO, gro));
  const pt = new packet_type(0x0008, (skb: sk_buff) => {
    const bytes = new Uint8Array(skb.len);
    skb_copy_bits(skb, 0, bytes, 0, skb.len);
    seen.push({ bytes, gso_size: skb.shinfo.gso_size, ip_summed: skb.ip_summed });
    consume_skb(skb);
    return 0;
  });
  pair.on(pair.B, () => dev_add_pack(pair.B, pt));
  return { pair, seen };
}

/** Sends a TCP packet whose payload stands in fragments, to be cut every `mss` bytes. */
function sendLarge(pair: Pair, payload: Uint8Array, mss: number, flags: number, seq: number): void {
  pair.on(pair.A, () => {
    const skb = alloc_skb(200, 0);
    skb_reserve(skb, 64);
    const at = skb_put(skb, 54);
    const { head } = skb;
    head.fill(0, at, at + 54);
    head.set(pair.b.dev_addr.subarray(0, 6), at);
    head.set(pair.a.dev_addr.subarray(0, 6), at + 6);
    const total = 40 + payload.length;
    head.set([8, 0, 0x45, 0, total >> 8, total & 255, 0, 7, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], at + 12);
    const sum = ip_fast_csum(head, at + 14, 5);
    head[at + 24] = sum & 255;
    head[at + 25] = sum >>> 8;
    head.set([0x9c, 0x40, 0, 22, seq >>> 24, seq >>> 16, seq >>> 8, seq, 0, 0, 0, 1, 0x50, flags, 0xff, 0xff], at + 34);
    const pseudo = ~csum_fold(csum_tcpudp_nofold(SRC, DST, 20 + payload.length, 6, 0)) & 0xffff;
    head[at + 50] = pseudo & 255;
    head[at + 51] = pseudo >>> 8;
    for (let done = 0; done < payload.length; done += 4096) {
      const page = payload.slice(done, done + 4096);
      expect(skb_append_pagefrags(skb, page, 0, page.length, 17)).toBe(0);
      skb.len += page.length;
      skb.data_len += page.length;
    }
    skb.protocol = 0x0008;
    skb.network_header = at + 14;
    skb.transport_header = at + 34;
    skb.ip_summed = CHECKSUM_PARTIAL;
    skb.csum_start = at + 34;
    skb.csum_offset = 16;
    if (payload.length > mss) {
      skb.shinfo.gso_size = mss;
      skb.shinfo.gso_segs = Math.ceil(payload.length / mss);
      skb.shinfo.gso_type = SKB_GSO_TCPV4;
    }
    skb.dev = pair.a;
    expect(dev_queue_xmit(skb)).toBe(0);
  });
  pair.run(pair.events.now);
}

const word = (b: Uint8Array, at: number): number => (b[at] << 8) | b[at + 1];
const seqOf = (b: Uint8Array): number => ((word(b, 24) << 16) | word(b, 26)) >>> 0;

function checksumsRight(b: Uint8Array): boolean {
  const tcp = csum_partial(b, 20, b.length - 20, csum_tcpudp_nofold(SRC, DST, b.length - 20, 6, 0));
  return ip_fast_csum(b, 0, 5) === 0 && csum_fold(tcp) === 0;
}

function body(seen: readonly Seen[]): number[] {
  return seen.flatMap((s) => [...s.bytes.subarray(40)]);
}

const cases = fc.record({
  length: fc.integer({ min: 1, max: 20_000 }),
  mss: fc.integer({ min: 100, max: 1460 }),
  seq: fc.nat(0xffffffff),
});

function payloadOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

test('GSO: each frame is a whole TCP packet, and together they are what was sent', () => {
  fc.assert(
    fc.property(cases, ({ length, mss, seq }) => {
      const { pair, seen } = watch(false);
      const payload = payloadOf(length);
      sendLarge(pair, payload, mss, 0x19, seq);
      expect(seen).toHaveLength(Math.ceil(length / mss));
      expect(body(seen)).toEqual([...payload]);
      seen.forEach((s, i) => {
        const last = i === seen.length - 1;
        expect(checksumsRight(s.bytes)).toBe(true);
        expect(word(s.bytes, 2)).toBe(s.bytes.length);
        expect(word(s.bytes, 4)).toBe(7 + i);
        expect(seqOf(s.bytes)).toBe((seq + i * mss) >>> 0);
        // FIN and PSH belong to the end.
        expect(s.bytes[33]).toBe(last ? 0x19 : 0x10);
      });
    }),
    { numRuns: 60 },
  );
});

test('GRO: frames of one flow go up as one packet that could be cut again', () => {
  const { pair, seen } = watch(true);
  const payload = payloadOf(14_600);
  sendLarge(pair, payload, 1460, 0x18, 1000);
  expect(seen).toHaveLength(1);
  expect(seen[0].gso_size).toBe(1460);
  expect(seqOf(seen[0].bytes)).toBe(1000);
  expect(word(seen[0].bytes, 2)).toBe(14_640);
  expect(body(seen)).toEqual([...payload]);
});

test('GRO changes nothing of the stream, whatever the sizes', () => {
  fc.assert(
    fc.property(cases, ({ length, mss, seq }) => {
      const { pair, seen } = watch(true);
      const payload = payloadOf(length);
      sendLarge(pair, payload, mss, 0x18, seq);
      expect(body(seen)).toEqual([...payload]);
      let next = seq;
      for (const s of seen) {
        expect(seqOf(s.bytes)).toBe(next);
        next = (next + s.bytes.length - 40) >>> 0;
      }
      expect(seen.length).toBeLessThanOrEqual(Math.ceil(length / mss));
    }),
    { numRuns: 60 },
  );
});

test('GRO merges no gaps: a missing segment keeps what is behind it apart', () => {
  const { pair, seen } = watch(true);
  sendLarge(pair, payloadOf(2920), 1460, 0x10, 1000);
  sendLarge(pair, payloadOf(2920), 1460, 0x10, 9000);
  expect(seen.map((s) => seqOf(s.bytes))).toEqual([1000, 9000]);
});
