// Packed structs behave as C's: each object its own numbers, each field its own width, whatever page they share.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { socket_wq } from '#tsprobe/stack/include/linux/net.js';
import { tcp_options_received, tcp_sock } from '#tsprobe/stack/include/linux/tcp.js';
import { udp_sock } from '#tsprobe/stack/include/linux/udp.js';
import { made, made_rare, struct_copy } from '#tsprobe/stack/mm/slab.js';

/** A field of each width, with the value that it has after a number was stored. */
const FIELDS = {
  snd_nxt: (v: number) => v >>> 0,
  urg_data: (v: number) => v & 0xffff,
  linger2: (v: number) => v | 0,
  uc_ttl: (v: number) => (v << 16) >> 16,
  nonagle: (v: number) => v & 0xff,
  bytes_acked: (v: number) => v,
  sk_sndtimeo: (v: number) => v,
} as const;
const names = Object.keys(FIELDS) as (keyof typeof FIELDS)[];
const number = fc.oneof(fc.integer({ min: -0x80000000, max: 0xffffffff }), fc.constantFrom(0, 255, 256, 65535, -1));

describe('packed structs', () => {
  it('begin with their defaults, inherited ones included', () => {
    for (let i = 0; i < 100; i++) {
      const { sk_rcvlowat, sk_sndtimeo, sk_stamp, uc_ttl, mc_ttl, snd_nxt, is_sack_reneg } = new tcp_sock();
      expect([sk_rcvlowat, sk_sndtimeo, sk_stamp, uc_ttl, mc_ttl]).toEqual([1, Infinity, -1, -1, 1]);
      expect([snd_nxt, is_sack_reneg]).toEqual([0, false]);
      expect(new udp_sock().sk_rcvlowat).toBe(1);
    }
  });

  it('keep what was stored, cut to the width of the field, and nothing of what was stored elsewhere', () => {
    const store = fc.record({ at: fc.nat(99), name: fc.constantFrom(...names), value: number });
    fc.assert(
      fc.property(fc.array(store, { maxLength: 300 }), (stores) => {
        const objects = Array.from({ length: 100 }, () => new tcp_sock());
        const expected = objects.map((o) => Object.fromEntries(names.map((name) => [name, o[name]])));
        for (const { at, name, value } of stores) {
          objects[at][name] = value;
          expected[at][name] = FIELDS[name](value);
        }
        for (const [i, o] of objects.entries())
          expect(Object.fromEntries(names.map((name) => [name, o[name]]))).toEqual(expected[i]);
      }),
      { numRuns: 50 },
    );
  });

  it('copy whole, and stay apart afterwards', () => {
    const from = new tcp_sock();
    from.snd_una = 0xfffffff0;
    from.is_cwnd_limited = true;
    from.sk_wq = new socket_wq();
    from.rx_opt.ts_recent = 77;
    from.selective_acks[0].start_seq = 5;
    const to = struct_copy(new tcp_sock(), from);
    expect([to.snd_una, to.is_cwnd_limited, to.sk_wq, to.rx_opt.ts_recent]).toEqual([0xfffffff0, true, from.sk_wq, 77]);
    to.snd_una = 1;
    to.rx_opt.ts_recent = 1;
    expect([from.snd_una, from.rx_opt.ts_recent]).toEqual([0xfffffff0, 77]);
    // What is made on demand is no part of a copy.
    expect(to.selective_acks[0].start_seq).toBe(0);
  });

  it('hold structs that are no objects of their own', () => {
    const tp = new tcp_sock();
    tp.rack.end_seq = 9;
    expect(tp.rack.reo_wnd_steps).toBe(1);
    expect([tp.rack.end_seq, tp.rx_opt.dsack, tp.sk_lock.owned]).toEqual([9, 0, 0]);
    const alone = new tcp_options_received();
    alone.sack_ok = 1;
    expect(tp.rx_opt.sack_ok).toBe(0);
    expect(tp.rtt_min.s.map(({ v }) => v)).toEqual([0, 0, 0]);
  });

  it('make what is seldom needed when it is asked for', () => {
    const tp = new tcp_sock();
    expect(made(tp, '$rcv_rtt_est')).toBeNull();
    expect(tp.rcv_rtt_est.rtt_us).toBe(0);
    expect(made(tp, '$rcv_rtt_est')).toBe(tp.rcv_rtt_est);
    expect(made_rare(tp, 'recv_sack_cache')).toBeNull();
    expect([tp.saved_syn, tp.sk_user_data]).toEqual([null, null]);
    expect(tp.recv_sack_cache).toHaveLength(4);
    expect(made_rare(tp, 'recv_sack_cache')).toBe(tp.recv_sack_cache);
    tp.sk_user_data = 'mine';
    expect([tp.sk_user_data, tp.saved_syn]).toEqual(['mine', null]);
  });
});
