/**
 * timer.*: at regular intervals of virtual time. Read beside it: stapprobes(3stap), "TIMER". A jiffy is
 * 1 ms (HZ=1000); timer.profile is a tick of each jiffy.
 */
import { noScope } from './provider.js';
import type { PointProvider, PointRequest } from './provider.js';

const DAY = 86_400_000_000_000n;
const SHORTEST = 100_000n;
const JIFFY = 1_000_000n;

const scales: Readonly<Record<string, bigint>> = {
  s: 1_000_000_000n,
  sec: 1_000_000_000n,
  ms: 1_000_000n,
  msec: 1_000_000n,
  us: 1_000n,
  usec: 1_000n,
  ns: 1n,
  nsec: 1n,
};

function emit(request: PointRequest, interval: bigint, randomize: bigint): void {
  if (randomize < 0n || randomize > interval) request.fail('randomization value out of range');
  request.emit({
    text: request.text,
    detail: { provider: 'timer', interval: Number(interval), randomize: Number(randomize) },
    scope: noScope,
    interruptible: true,
  });
}

function build(request: PointRequest): void {
  if (request.has('profile')) return emit(request, JIFFY, 0n);
  if (request.has('hz')) {
    const frequency = request.number('hz');
    if (frequency < 1n || frequency > 1_000_000_000n / SHORTEST)
      request.fail(`frequency out of range (1, ${1_000_000_000n / SHORTEST})`);
    return emit(request, 1_000_000_000n / frequency, 0n);
  }
  const randomize = request.has('randomize') ? request.number('randomize') : 0n;
  if (request.has('jiffies')) {
    const count = request.number('jiffies');
    if (count < 1n || count > 1_000_000n) request.fail('interval value out of range (1, 1000000)');
    return emit(request, count * JIFFY, randomize * JIFFY);
  }
  for (const [unit, scale] of Object.entries(scales)) {
    if (!request.has(unit)) continue;
    const count = request.number(unit);
    const lowest = scale < SHORTEST ? SHORTEST / scale : 1n;
    const highest = DAY / scale;
    if (count < lowest || count > highest) request.fail(`interval value out of range (${lowest}, ${highest})`);
    return emit(request, count * scale, randomize * scale);
  }
}

export const timer: PointProvider = {
  patterns: [
    ...['jiffies', ...Object.keys(scales)].flatMap((unit) => [
      `timer.${unit}(number)`,
      `timer.${unit}(number).randomize(number)`,
    ]),
    'timer.hz(number)',
    'timer.profile',
    'timer.profile.tick',
  ],
  doc: 'at regular intervals of virtual time',
  build,
};
