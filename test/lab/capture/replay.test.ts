import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pcapHeader, pcapRecord } from '#tsprobe/lab/apps/tcpdump/pcap.js';
import { CaptureError, readCapture } from '#tsprobe/lab/capture/read.js';
import { Lab } from '#tsprobe/lab/lab.js';
import { replay } from '#tsprobe/lab/scenarios/replay.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const FRAME = Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 20]);

test('pcap of both byte orders and resolutions', () => {
  const micro = join(pcapHeader(1, 65535), pcapRecord(1_500_000_000_123_456_000n, FRAME, 18));
  expect(readCapture(micro)).toEqual([{ time: 1_500_000_000_123_456_000n, frame: FRAME }]);
  const swapped = new Uint8Array(24 + 16 + 18);
  const view = new DataView(swapped.buffer);
  [0xa1b23c4d, 0x00020004, 0, 0, 65535, 1, 1_500_000_000, 123_456_789, 18, 18].forEach((word, i) =>
    view.setUint32(4 * i, word),
  );
  swapped.set(FRAME, 40);
  expect(readCapture(swapped)).toEqual([{ time: 1_500_000_000_123_456_789n, frame: FRAME }]);
});

test('pcapng with nanoseconds; cooked packets become frames', () => {
  const block = (type: number, body: number[]): number[] => {
    const length = 12 + body.length;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, length, true);
    bytes.set(body, 8);
    view.setUint32(length - 4, length, true);
    return [...bytes];
  };
  const sll = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0, 0x45, 0, 0, 20];
  const file = Uint8Array.from([
    ...block(0x0a0d0d0a, [0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
    ...block(1, [113, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]),
    ...block(6, [0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0, ...sll]),
  ]);
  expect(readCapture(file)).toEqual([
    { time: 7n, frame: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45, 0, 0, 20]) },
  ]);
});

test('whatever the bytes are, there are packets or a reason', () => {
  const magics = [[0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4], [0x0a, 0x0d, 0x0d, 0x0a], []];
  fc.assert(
    fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 300 }), (magic, rest) => {
      try {
        for (const { frame } of readCapture(Uint8Array.from([...magic, ...rest])))
          expect(frame.length).toBeGreaterThan(13);
      } catch (error) {
        expect(error).toBeInstanceOf(CaptureError);
      }
    }),
    { numRuns: 2000 },
  );
});

/** What B gets while A pings it, as a file. */
function captureOfPing(): Uint8Array {
  const lab = new Lab();
  const [a, b] = pair(lab, { name: 'A', address: '10.1.1.1/24' }, { name: 'B', address: '10.1.1.2/24' });
  b.spawn('tcpdump', ['-i', 'eth0', '-w', '/x.pcap', 'dst', '10.1.1.2']);
  lab.runUntil(lab.now + 1e6);
  a.sh('ping -c 3 10.1.1.2');
  return b.kernel.fs.read('/x.pcap') as Uint8Array;
}

test('a replayed ping is answered by a host that stands where the captured one stood', async () => {
  const lab = new Lab();
  await replay(captureOfPing()).start(lab, []);
  expect(lab.runToEnd()).toBe(true);
  const snmp = lab.host('host').sh('cat /proc/net/snmp');
  const [names, values] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
    .map((line) => line.split(' '));
  expect(values[names.indexOf('InEchos')]).toBe('3');
  expect(values[names.indexOf('OutEchoReps')]).toBe('3');
  expect(lab.now).toBeGreaterThan(2e9);
});

test('--address puts the host elsewhere: the packets are not for it', async () => {
  const lab = new Lab();
  await replay(captureOfPing()).start(lab, ['--address', '10.1.1.9/24']);
  expect(lab.runToEnd()).toBe(true);
  expect(lab.host('host').sh('cat /proc/net/snmp')).toMatch(/^Icmp: 0 /m);
});

test('captures of anything are taken without a fault', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 14, maxLength: 120 }), { maxLength: 30 }), (frames) => {
      const file = join(
        pcapHeader(1, 65535),
        ...frames.map((frame, i) => pcapRecord(BigInt(i) * 1000n, frame, frame.length)),
      );
      const lab = new Lab();
      replay(file).start(lab, ['--forward']);
      lab.runToEnd();
      expect(lab.faults).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
