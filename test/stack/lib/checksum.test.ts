import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csum_block_add, csum_fold, csum_replace4, csum_tcpudp_magic } from '#tsprobe/stack/include/net/checksum.js';
import { csum_partial, ip_fast_csum } from '#tsprobe/stack/lib/checksum.js';

/** RFC 1071, word by word in big-endian, on BigInt. */
function reference(bytes: Uint8Array): number {
  let sum = 0n;
  for (let i = 0; i < bytes.length; i += 2) sum += BigInt((bytes[i] << 8) | (bytes[i + 1] ?? 0));
  while (sum >> 16n) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(~sum & 0xffffn);
}

const swap = (x: number): number => ((x & 0xff) << 8) | (x >>> 8);

test('the header of RFC 1071-style example sums as on the wire', () => {
  const header = Uint8Array.from([
    0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7,
  ]);
  const check = ip_fast_csum(header, 0, 5);
  expect(swap(check).toString(16)).toBe('b861');
  header[10] = check & 0xff;
  header[11] = check >>> 8;
  expect(ip_fast_csum(header, 0, 5)).toBe(0);
});

test('csum_partial agrees with a sum word by word', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(5), (bytes, off) => {
      // A buffer need not begin where its memory does.
      const buf = new Uint8Array(8 + off + bytes.length).subarray(8);
      buf.set(bytes, off);
      expect(swap(csum_fold(csum_partial(buf, off, bytes.length, 0)))).toBe(reference(bytes));
    }),
  );
});

test('a long run of ones does not overflow', () => {
  const bytes = new Uint8Array(200_001).fill(0xff);
  expect(swap(csum_fold(csum_partial(bytes, 0, bytes.length, 0)))).toBe(reference(bytes));
});

test('sums of pieces add up, at odd places too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(200), (bytes, at) => {
      const cut = at % bytes.length;
      const head = csum_partial(bytes, 0, cut, 0);
      const tail = csum_partial(bytes, cut, bytes.length - cut, 0);
      expect(csum_fold(csum_block_add(head, tail, cut))).toBe(csum_fold(csum_partial(bytes, 0, bytes.length, 0)));
    }),
  );
});

test('a checksum can follow a change of 32 bits', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.nat(3),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (bytes, word, put) => {
        // A sum of nothing but zeros has two forms; real headers are never all zero.
        bytes[0] = 0x45;
        const at = 4 + 4 * word;
        const load = (b: Uint8Array, i: number): number =>
          (b[i] | (b[i + 1] << 8) | (b[i + 2] << 16) | (b[i + 3] << 24)) >>> 0;
        const before = ip_fast_csum(bytes, 0, 5);
        const replaced = csum_replace4(before, load(bytes, at), load(put, 0));
        bytes.set(put, at);
        expect(replaced).toBe(ip_fast_csum(bytes, 0, 5));
      },
    ),
  );
});

test('the pseudo header of UDP', () => {
  // 192.168.1.20 -> 192.168.1.104, UDP, 12 bytes: sums worked out by hand.
  const src = 0x1401a8c0;
  const dst = 0x6801a8c0;
  expect(swap(csum_tcpudp_magic(src, dst, 12, 17, 0))).toBe(
    0xffff & ~(0xc0a8 + 0x0114 + 0xc0a8 + 0x0168 + 17 + 12 - 0xffff),
  );
});
