// An sk_buff against an array of bytes: whatever is done to it, its data is what the array says.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ___pskb_trim,
  __pskb_pull_tail,
  alloc_skb,
  consume_skb,
  kfree_skb,
  pskb_copy,
  pskb_expand_head,
  pskb_may_pull,
  skb_append_pagefrags,
  skb_checksum,
  skb_clone,
  skb_cloned,
  skb_copy,
  skb_copy_bits,
  skb_headroom,
  skb_linearize,
  skb_pull,
  skb_push,
  skb_put,
  skb_reserve,
  skb_shift,
  skb_split,
  skb_store_bits,
  skb_tailroom,
  skb_try_coalesce,
  skb_unclone,
  type sk_buff,
} from '#tsprobe/stack/include/linux/skbuff.js';
import { csum_fold } from '#tsprobe/stack/include/net/checksum.js';
import { csum_partial } from '#tsprobe/stack/lib/checksum.js';

function bytesOf(skb: sk_buff): number[] {
  const out = new Uint8Array(skb.len);
  expect(skb_copy_bits(skb, 0, out, 0, skb.len)).toBe(0);
  return [...out];
}

function invariants(skb: sk_buff): void {
  expect(skb.data).toBeGreaterThanOrEqual(0);
  expect(skb.tail).toBe(skb.data + skb.len - skb.data_len);
  expect(skb.tail).toBeLessThanOrEqual(skb.end);
  let frags = 0;
  for (let i = 0; i < skb.shinfo.nr_frags; i++) frags += skb.shinfo.frags[i].size;
  for (let list = skb.shinfo.frag_list; list !== null; list = list.next) frags += list.len;
  expect(skb.data_len).toBe(frags);
}

/** Adds a piece of a page behind everything. */
function addFrag(skb: sk_buff, bytes: Uint8Array): void {
  const page = new Uint8Array(bytes.length + 7);
  page.set(bytes, 5);
  expect(skb_append_pagefrags(skb, page, 5, bytes.length, 17)).toBe(0);
  skb.len += bytes.length;
  skb.data_len += bytes.length;
  skb.truesize += bytes.length;
}

type Step =
  | { op: 'put' | 'frag' | 'push'; bytes: Uint8Array }
  | { op: 'store'; at: number; bytes: Uint8Array }
  | { op: 'pull' | 'trim' | 'pullTail' | 'mayPull'; n: number }
  | { op: 'expand'; head: number; tail: number }
  | { op: 'linearize' | 'unclone' | 'copy' | 'pskbCopy' | 'clone' | 'dropClone' };

const small = fc.uint8Array({ minLength: 1, maxLength: 40 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constantFrom('put' as const, 'frag' as const, 'push' as const), bytes: small }),
  fc.record({ op: fc.constant('store' as const), at: fc.nat(200), bytes: small }),
  fc.record({
    op: fc.constantFrom('pull' as const, 'trim' as const, 'pullTail' as const, 'mayPull' as const),
    n: fc.nat(60),
  }),
  fc.record({ op: fc.constant('expand' as const), head: fc.nat(90), tail: fc.nat(90) }),
  fc.record({
    op: fc.constantFrom(
      'linearize' as const,
      'unclone' as const,
      'copy' as const,
      'pskbCopy' as const,
      'clone' as const,
      'dropClone' as const,
    ),
  }),
);

/** Does a step to the skb and to the array. @returns the skb to go on with */
function apply(skb: sk_buff, model: number[], clones: { skb: sk_buff; bytes: number[] }[], s: Step): sk_buff {
  switch (s.op) {
    case 'put':
      if (skb.data_len === 0 && !skb_cloned(skb) && skb_tailroom(skb) >= s.bytes.length) {
        skb.head.set(s.bytes, skb_put(skb, s.bytes.length));
        model.push(...s.bytes);
      }
      return skb;
    case 'frag':
      if (!skb_cloned(skb) && skb.shinfo.nr_frags < 17 && skb.shinfo.frag_list === null) {
        addFrag(skb, s.bytes);
        model.push(...s.bytes);
      }
      return skb;
    case 'push':
      if (!skb_cloned(skb) && skb_headroom(skb) >= s.bytes.length) {
        skb.head.set(s.bytes, skb_push(skb, s.bytes.length));
        model.unshift(...s.bytes);
      }
      return skb;
    case 'store': {
      const fits = s.at + s.bytes.length <= skb.len;
      if (skb_cloned(skb)) return skb;
      // Fragments may be shared with a copy that shares pages: only private ones are written.
      if (skb.data_len !== 0) return skb;
      expect(skb_store_bits(skb, s.at, s.bytes, 0, s.bytes.length) === 0).toBe(fits);
      if (fits) model.splice(s.at, s.bytes.length, ...s.bytes);
      return skb;
    }
    case 'pull': {
      const can = s.n <= skb.len - skb.data_len;
      if (can) {
        expect(skb_pull(skb, s.n)).toBe(skb.data);
        model.splice(0, s.n);
      } else if (s.n > skb.len) {
        expect(skb_pull(skb, s.n)).toBe(-1);
      }
      return skb;
    }
    case 'mayPull':
      expect(pskb_may_pull(skb, s.n)).toBe(s.n <= model.length);
      if (s.n <= model.length) expect(skb.len - skb.data_len).toBeGreaterThanOrEqual(s.n);
      return skb;
    case 'trim':
      if (s.n < skb.len) {
        expect(___pskb_trim(skb, s.n)).toBe(0);
        model.length = s.n;
      }
      return skb;
    case 'pullTail': {
      const there = s.n <= skb.data_len;
      expect(__pskb_pull_tail(skb, s.n) >= 0).toBe(there);
      return skb;
    }
    case 'expand':
      expect(pskb_expand_head(skb, s.head, s.tail, 0)).toBe(0);
      return skb;
    case 'linearize':
      expect(skb_linearize(skb)).toBe(0);
      expect(skb.data_len).toBe(0);
      return skb;
    case 'unclone':
      expect(skb_unclone(skb, 0)).toBe(0);
      expect(skb_cloned(skb)).toBe(false);
      return skb;
    case 'copy':
    case 'pskbCopy': {
      const copy = (s.op === 'copy' ? skb_copy(skb, 0) : pskb_copy(skb, 0)) as sk_buff;
      kfree_skb(skb);
      return copy;
    }
    case 'clone':
      clones.push({ skb: skb_clone(skb, 0) as sk_buff, bytes: [...model] });
      return skb;
    case 'dropClone': {
      const one = clones.pop();
      if (one !== undefined) consume_skb(one.skb);
      return skb;
    }
  }
}

test('any sequence of operations leaves the bytes that an array would have', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let skb = alloc_skb(300, 0);
      skb_reserve(skb, 100);
      const model: number[] = [];
      const clones: { skb: sk_buff; bytes: number[] }[] = [];
      for (const s of steps) {
        skb = apply(skb, model, clones, s);
        invariants(skb);
        expect(bytesOf(skb)).toEqual(model);
        for (const clone of clones) expect(bytesOf(clone.skb)).toEqual(clone.bytes);
      }
      const flat = Uint8Array.from(model);
      const sum = csum_fold(skb_checksum(skb, 0, skb.len, 0));
      expect(sum).toBe(csum_fold(csum_partial(flat, 0, flat.length, 0)));
      for (const clone of clones) consume_skb(clone.skb);
      kfree_skb(skb);
    }),
    { numRuns: 300 },
  );
});

/** An skb with that much in its head and pieces of those lengths behind. */
function build(head: number, pieces: readonly number[]): { skb: sk_buff; bytes: number[] } {
  const skb = alloc_skb(200, 0);
  skb_reserve(skb, 40);
  const bytes: number[] = [];
  let next = 1;
  const make = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => next++ & 0xff);
  const first = make(head);
  skb.head.set(first, skb_put(skb, head));
  bytes.push(...first);
  for (const n of pieces) {
    const piece = make(n);
    addFrag(skb, piece);
    bytes.push(...piece);
  }
  return { skb, bytes };
}

const pieces = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 6 });

test('skb_split: both halves together are what was there', () => {
  fc.assert(
    fc.property(fc.nat(30), pieces, fc.nat(300), (head, list, at) => {
      const { skb, bytes } = build(head, list);
      const len = bytes.length === 0 ? 0 : at % bytes.length;
      const second = alloc_skb(200, 0);
      skb_split(skb, second, len);
      invariants(skb);
      invariants(second);
      expect(bytesOf(skb)).toEqual(bytes.slice(0, len));
      expect(bytesOf(second)).toEqual(bytes.slice(len));
    }),
  );
});

test('skb_shift moves bytes from the front of one to the end of the other, or none', () => {
  fc.assert(
    fc.property(pieces, pieces, fc.nat(200), (to, from, at) => {
      const a = build(0, to);
      const b = build(0, from);
      if (b.bytes.length === 0) return;
      const len = 1 + (at % b.bytes.length);
      const moved = skb_shift(a.skb, b.skb, len);
      expect([0, len]).toContain(moved);
      invariants(a.skb);
      invariants(b.skb);
      expect(bytesOf(a.skb)).toEqual([...a.bytes, ...b.bytes.slice(0, moved)]);
      expect(bytesOf(b.skb)).toEqual(b.bytes.slice(moved));
    }),
  );
});

test('skb_try_coalesce takes all of the second, or nothing', () => {
  fc.assert(
    fc.property(fc.nat(30), pieces, fc.nat(2), pieces, (head, to, head2, from) => {
      const a = build(head, to);
      const b = build(head2, from);
      const result = { fragstolen: false, delta: 0 };
      const done = skb_try_coalesce(a.skb, b.skb, result);
      invariants(a.skb);
      expect(bytesOf(a.skb)).toEqual(done ? [...a.bytes, ...b.bytes] : a.bytes);
      if (!done) expect(bytesOf(b.skb)).toEqual(b.bytes);
    }),
  );
});

test('truesize is that of the memory objects of a 64-bit machine', () => {
  // A small head: the 704-byte object and the 256 of struct sk_buff. One frame: a 2048-byte object.
  expect(alloc_skb(100, 0).truesize).toBe(704 + 256);
  expect(alloc_skb(1500, 0).truesize).toBe(2048 + 256);
  expect(alloc_skb(1500, 0).end).toBe(2048 - 320);
});

test('no room is a fault of the caller', () => {
  const skb = alloc_skb(100, 0);
  expect(() => skb_push(skb, 1)).toThrow('skb_under_panic');
  expect(() => skb_put(skb, skb.end + 1)).toThrow('skb_over_panic');
});
