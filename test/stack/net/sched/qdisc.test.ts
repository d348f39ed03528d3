import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tc_netem_qopt } from '#tsprobe/stack/net/sched/sch_netem.js';
import { tc_tbf_qopt } from '#tsprobe/stack/net/sched/sch_tbf.js';
import { tc_modify_qdisc } from '#tsprobe/stack/net/sched/sch_api.js';
import { normal_table } from '#tsprobe/stack/net/sched/netem_dist.js';
import { dev_close } from '#tsprobe/stack/net/core/dev.js';
import { Pair } from '../pair.js';

const MS = 1_000_000;

function netem(pair: Pair, opt: Partial<tc_netem_qopt>): void {
  const full = Object.assign(new tc_netem_qopt(), opt);
  expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'netem', 0, false, full))).toBe(0);
}

function burst(pair: Pair, count: number, bytes = 100): void {
  for (let i = 0; i < count; i++) {
    pair.send([i & 0xff, i >> 8, ...new Array<number>(bytes - 2).fill(0)]);
    // The receiver's backlog is short: let it take what has come.
    if (i % 100 === 99) pair.run(pair.events.now);
  }
}

const numbers = (pair: Pair): number[] => pair.received.map((r) => r.payload[0] | (r.payload[1] << 8));

test('without a qdisc frames arrive at once and in order', () => {
  const pair = new Pair();
  burst(pair, 50);
  pair.run(0);
  expect(numbers(pair)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

describe('netem', () => {
  test('delay: each frame that much later, in order', () => {
    const pair = new Pair();
    netem(pair, { latency: 10 * MS });
    burst(pair, 5);
    pair.run(9 * MS);
    expect(pair.received).toHaveLength(0);
    pair.run(10 * MS);
    expect(numbers(pair)).toEqual([0, 1, 2, 3, 4]);
  });

  test('rate: frames are spaced by the time that their bytes take', () => {
    const pair = new Pair();
    // 114 bytes with the header at 114 000 bytes a second: 1 ms each.
    netem(pair, { rate: 114_000 });
    burst(pair, 4);
    pair.run();
    expect(pair.received.map((r) => r.time)).toEqual([1, 2, 3, 4].map((n) => n * MS));
  });

  test('jitter stays within its bounds and lets frames overtake', () => {
    const pair = new Pair();
    netem(pair, { latency: 10 * MS, jitter: 4 * MS });
    burst(pair, 200);
    pair.run();
    for (const { time } of pair.received) {
      expect(time).toBeGreaterThanOrEqual(6 * MS);
      expect(time).toBeLessThan(14 * MS);
    }
    const order = numbers(pair);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('loss and duplication come near their share, and the same seed gives the same frames', () => {
    const run = (seed: number): number[] => {
      const pair = new Pair(seed);
      netem(pair, { loss: 0.2, duplicate: 0.1, limit: 10_000 });
      burst(pair, 2000);
      pair.run();
      return numbers(pair);
    };
    const first = run(7);
    expect(run(7)).toEqual(first);
    expect(run(8)).not.toEqual(first);
    const distinct = new Set(first).size;
    expect(distinct).toBeGreaterThan(1600);
    expect(distinct).toBeLessThan(1800);
    expect(first.length - distinct).toBeGreaterThan(100);
  });

  test('corruption flips one bit', () => {
    const pair = new Pair();
    netem(pair, { corrupt: 1 });
    for (let i = 0; i < 50; i++) pair.send(new Array<number>(200).fill(0));
    pair.run();
    // A flip in the header may keep a frame from being recognised at all.
    expect(pair.received.length).toBeGreaterThan(30);
    for (const { payload } of pair.received) {
      const ones = payload.reduce((n, byte) => n + byte.toString(2).replaceAll('0', '').length, 0);
      expect(ones).toBeLessThanOrEqual(1);
    }
    expect(pair.received.some((r) => r.payload.some((byte) => byte !== 0))).toBe(true);
  });

  test('reordering: with a gap of 5 every fifth frame goes at once', () => {
    const pair = new Pair();
    netem(pair, { latency: 10 * MS, reorder: 1, gap: 5 });
    burst(pair, 10);
    pair.run();
    expect(numbers(pair)).toEqual([4, 9, 0, 1, 2, 3, 5, 6, 7, 8]);
    expect(pair.received[0].time).toBe(0);
  });

  test('the limit drops what does not fit', () => {
    const pair = new Pair();
    netem(pair, { latency: 10 * MS, limit: 3 });
    burst(pair, 10);
    pair.run();
    expect(numbers(pair)).toEqual([0, 1, 2]);
    expect(pair.a.qdisc?.qstats.drops).toBe(7);
  });

  test('a device that goes down drops what waits', () => {
    const pair = new Pair();
    netem(pair, { latency: 10 * MS });
    burst(pair, 5);
    pair.on(pair.A, () => dev_close(pair.a));
    pair.run();
    expect(pair.received).toHaveLength(0);
  });

  test('nonsense is refused', () => {
    const pair = new Pair();
    for (const bad of [{ loss: 2 }, { latency: -1 }, { rate: -1 }, { corrupt: NaN }]) {
      const opt = Object.assign(new tc_netem_qopt(), bad);
      expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'netem', 0, false, opt))).toBe(-22);
    }
    expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'nosuch', 0, false, null))).toBe(-2);
  });

  test('the normal table has the mean and deviation of its name', () => {
    const table = normal_table();
    const mean = table.reduce((a, b) => a + b) / table.length;
    const deviation = Math.sqrt(table.reduce((a, b) => a + b * b, 0) / table.length);
    expect(mean).toBeCloseTo(0, 6);
    expect(deviation).toBeCloseTo(1, 2);
  });
});

test('tbf: a burst passes, the rest at the rate, and what is too much is dropped', () => {
  const pair = new Pair();
  const opt = Object.assign(new tc_tbf_qopt(), { rate: 114_000, burst: 228, limit: 456 });
  expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'tbf', 0, false, opt))).toBe(0);
  burst(pair, 10);
  pair.run();
  // Two in the bucket at once, four wait for 1 ms each, four find no room.
  expect(pair.received.map((r) => r.time)).toEqual([0, 0, 1, 2, 3, 4].map((n) => n * MS));
});

test('pfifo_fast would send interactive packets first; pfifo keeps the order; bfifo counts bytes', () => {
  const pair = new Pair();
  expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'bfifo', 0, false, { limit: 1000 }))).toBe(0);
  // The queue is emptied at once as long as the device takes frames.
  burst(pair, 5);
  pair.run();
  expect(numbers(pair)).toEqual([0, 1, 2, 3, 4]);
  expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'pfifo', 0, true, { limit: -1 }))).toBe(-22);
});

test('fq: a packet with a departure time waits for it', () => {
  const pair = new Pair();
  expect(pair.on(pair.A, () => tc_modify_qdisc(pair.a, 'fq', 0, false, { maxrate: 114_000 }))).toBe(0);
  burst(pair, 20, 1400);
  pair.run();
  const times = pair.received.map((r) => r.time);
  expect(times).toHaveLength(20);
  // Behind the first credit, 1414 bytes at 114 000 a second: at least 12 ms apart on the average.
  const last = times[times.length - 1];
  expect(last).toBeGreaterThan(80 * MS);
  expect([...times]).toEqual([...times].sort((x, y) => x - y));
});

test('whatever netem does, frames come from those that were sent', () => {
  fc.assert(
    fc.property(
      fc.record({
        latency: fc.nat(20 * MS),
        jitter: fc.nat(10 * MS),
        loss: fc.double({ min: 0, max: 1, noNaN: true }),
        duplicate: fc.double({ min: 0, max: 1, noNaN: true }),
        reorder: fc.double({ min: 0, max: 1, noNaN: true }),
        gap: fc.nat(6),
        rate: fc.oneof(fc.constant(0), fc.integer({ min: 1000, max: 1_000_000 })),
      }),
      fc.nat(),
      (opt, seed) => {
        const pair = new Pair(seed);
        netem(pair, opt);
        burst(pair, 40);
        pair.run();
        for (const n of numbers(pair)) expect(n).toBeLessThan(40);
        expect(pair.received.length).toBeLessThanOrEqual(80);
        if (opt.loss === 0) expect(new Set(numbers(pair)).size).toBe(40);
        expect(pair.a.qdisc?.q.qlen).toBe(0);
        expect(pair.a.qdisc?.qstats.backlog).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
