// A packet of several segments that was made for a larger MTU than its way has now is cut into segments on its way
// out of IP, and those into fragments, where the route's MTU is locked (no Don't Fragment then).

import { expect, it } from 'vitest';
import { Lab } from '#tsprobe/lab/lab.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';

it('cuts segments and then fragments in front of the link-level header', () => {
  const lab = new Lab();
  const [a, b] = pair(
    lab,
    { name: 'A', address: '10.0.0.1/24' },
    { name: 'B', address: '10.0.0.2/24' },
    'delay 1ms rate 10mbit',
  );
  for (const host of [a, b]) host.sh('ethtool -K eth0 tso on gso on');
  b.spawn('iperf', ['-s']);
  const client = a.spawn('iperf', ['-c', '10.0.0.2', '-n', '300000']);
  lab.runUntil(lab.now + 50e6);
  a.sh('ip route change 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 mtu lock 600');
  lab.runUntil(lab.now + 2e9);
  expect(client.exitStatus).toBe(0);
  const counter = (host: typeof a, name: string): number =>
    Number(new RegExp(`${name}\\s+(\\d+)`).exec(host.sh('nstat -asz'))?.[1]);
  expect(counter(a, 'IpFragCreates')).toBeGreaterThan(0);
  expect(counter(a, 'IpFragFails')).toBe(0);
  expect(counter(b, 'IpReasmOKs')).toBe(counter(a, 'IpFragOKs'));
});
