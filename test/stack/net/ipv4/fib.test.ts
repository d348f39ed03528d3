// The routing trie against the plainest model of longest prefix match: a list that is searched whole.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fib_config, fib_result } from '#tsprobe/stack/include/net/ip_fib.js';
import { flowi4 } from '#tsprobe/stack/include/net/flow.js';
import { htonl } from '#tsprobe/stack/include/linux/byteorder.js';
import { in_ntoa } from '#tsprobe/stack/include/linux/in_addr.js';
import { fib_get_table, fib_new_table } from '#tsprobe/stack/net/ipv4/fib_frontend.js';
import {
  fib_table_delete,
  fib_table_dump,
  fib_table_insert,
  fib_table_lookup,
} from '#tsprobe/stack/net/ipv4/fib_trie.js';
import type { fib_table } from '#tsprobe/stack/include/net/ip_fib.js';
import { WiredHost, ip } from './wire.js';

const RTN_BLACKHOLE = 6;
const RTN_UNREACHABLE = 7;
const TABLE = 100;
const ESRCH = 3;
const EEXIST = 17;
const EHOSTUNREACH = 113;

interface Route {
  /** host order */
  prefix: number;
  length: number;
  metric: number;
}

const mask = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

/** Few bits vary, so that prefixes nest and meet. */
const address = fc
  .tuple(fc.constantFrom(0, 10, 10, 192), fc.nat(3), fc.nat(7), fc.nat(255))
  .map(([a, b, c, d]) => ((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
const route = fc.record({ address, length: fc.nat(32), metric: fc.nat(2) }).map(({ address, length, metric }) => ({
  prefix: (address & mask(length)) >>> 0,
  length,
  metric,
}));

function config(route: Route, type: number): fib_config {
  const cfg = new fib_config();
  cfg.fc_dst = htonl(route.prefix);
  cfg.fc_dst_len = route.length;
  cfg.fc_priority = route.metric;
  cfg.fc_table = TABLE;
  cfg.fc_type = type;
  cfg.fc_scope = 0;
  cfg.fc_nlflags = 0x600;
  cfg.fc_protocol = 3;
  return cfg;
}

describe('fib_table_lookup', () => {
  it('finds the longest prefix, as a search of the whole list does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('add', 'add', 'add', 'delete'), route), { maxLength: 60 }),
        fc.array(address, { minLength: 1, maxLength: 40 }),
        (changes, probes) => {
          const host = new WiredHost([]);
          const net = host.kernel.init_net;
          const table = host.on(host.kernel, () => fib_new_table(net, TABLE));
          const list: Route[] = [];
          const same = (a: Route, b: Route): boolean =>
            a.prefix === b.prefix && a.length === b.length && a.metric === b.metric;
          for (const [what, r] of changes) {
            const cfg = config(r, RTN_UNREACHABLE);
            cfg.fc_nlinfo.nl_net = net;
            const at = list.findIndex((other) => same(other, r));
            if (what === 'add') {
              cfg.fc_nlflags |= 0x200;
              expect(fib_table_insert(net, table, cfg)).toBe(at < 0 ? 0 : -EEXIST);
              if (at < 0) list.push(r);
            } else {
              // Without a metric any will do: the lowest goes.
              const found = fib_table_delete(net, table, cfg);
              const candidates = list.filter(
                (o) => o.prefix === r.prefix && o.length === r.length && (r.metric === 0 || o.metric === r.metric),
              );
              expect(found).toBe(candidates.length > 0 ? 0 : -ESRCH);
              if (candidates.length > 0) {
                const lowest = candidates.reduce((a, b) => (b.metric < a.metric ? b : a));
                list.splice(list.indexOf(lowest), 1);
              }
            }
          }
          expect(dump(table)).toEqual(
            list.map((r) => `${in_ntoa(htonl(r.prefix))}/${r.length} metric ${r.metric}`).sort(),
          );
          for (const probe of [
            ...probes,
            ...list.map((r) => r.prefix),
            ...list.map((r) => (r.prefix | ~mask(r.length)) >>> 0),
          ]) {
            const fl4 = new flowi4();
            fl4.daddr = htonl(probe);
            const matches = list.some((r) => (probe & mask(r.length)) >>> 0 === r.prefix);
            expect(fib_table_lookup(table, fl4, new fib_result(), 1), in_ntoa(htonl(probe))).toBe(
              matches ? -EHOSTUNREACH : -11,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  function dump(table: fib_table): string[] {
    return fib_table_dump(table)
      .map(({ dst, fa }) => `${in_ntoa(dst)}/${32 - fa.fa_slen} metric ${fa.fa_info.fib_priority}`)
      .sort();
  }

  it('says which route it was: prefix, length, hop, in order of metric', () => {
    const host = new WiredHost([{ address: '10.0.0.1/8', neighbours: [] }]);
    const routes = ['10.1.0.0/16 10.9.0.1', '10.1.2.0/24 10.9.0.2', '10.1.2.128/25 10.9.0.3', '0.0.0.0/0 10.9.0.4'];
    for (const r of routes) host.route(...(r.split(' ') as [string, string]));
    const table = fib_get_table(host.kernel.init_net, 254) as fib_table;
    const where = (daddr: string): string => {
      const fl4 = new flowi4();
      fl4.daddr = ip(daddr);
      const res = new fib_result();
      const err = fib_table_lookup(table, fl4, res, 1);
      return err !== 0
        ? `error ${err}`
        : `${in_ntoa(res.prefix)}/${res.prefixlen} via ${in_ntoa(res.nhc?.nhc_gw4 ?? 0)}`;
    };
    expect(['10.1.2.200', '10.1.2.3', '10.1.3.3', '10.2.3.4', '11.0.0.1', '10.0.0.1', '127.9.9.9'].map(where)).toEqual([
      '10.1.2.128/25 via 10.9.0.3',
      '10.1.2.0/24 via 10.9.0.2',
      '10.1.0.0/16 via 10.9.0.1',
      '10.0.0.0/8 via 0.0.0.0',
      '0.0.0.0/0 via 10.9.0.4',
      '10.0.0.1/32 via 0.0.0.0',
      '127.0.0.0/8 via 0.0.0.0',
    ]);
  });

  it('keeps three thousand prefixes and gives them all back', () => {
    const host = new WiredHost([]);
    const net = host.kernel.init_net;
    const table = fib_new_table(net, TABLE);
    const routes: Route[] = [];
    for (let i = 0; i < 3_000; i++) routes.push({ prefix: (0x0b000000 + i * 256) >>> 0, length: 24, metric: 0 });
    const cfg = (r: Route): fib_config => {
      const c = config(r, RTN_BLACKHOLE);
      c.fc_nlinfo.nl_net = net;
      return c;
    };
    for (const r of routes) expect(fib_table_insert(net, table, cfg(r))).toBe(0);
    const fl4 = new flowi4();
    for (const r of routes) {
      fl4.daddr = htonl(r.prefix + 77);
      expect(fib_table_lookup(table, fl4, new fib_result(), 1)).toBe(-22);
    }
    for (const r of routes) expect(fib_table_delete(net, table, cfg(r))).toBe(0);
    expect(fib_table_dump(table)).toEqual([]);
  });
});
