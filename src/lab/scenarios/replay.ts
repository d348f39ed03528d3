// A capture replayed into a host: its frames arrive at eth0 with the spacing that they were captured with. The host
// has the address and the link-level address that most of the frames are for, so that it deals with them.

import type { net_device } from '../../stack/include/linux/netdevice.js';
import { netdev_alloc_skb, skb_put } from '../../stack/include/linux/skbuff.js';
import { run_as } from '../../stack/kernel/current.js';
import { __dev_get_by_name, netif_rx } from '../../stack/net/core/dev.js';
import { eth_type_trans } from '../../stack/net/ethernet/eth.js';
import { readCapture, type CapturedFrame } from '../capture/read.js';
import type { Lab } from '../lab.js';
import { connectHosts } from '../link.js';
import { takeOptions, type Scenario } from './scenario.js';

/** Where the host is, if the capture does not say. */
const SOMEWHERE = '192.168.1.104';

/** The commonest text, or undefined where there is none. */
function commonest(texts: Iterable<string>): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** The IPv4 address that a frame is for, where it is one host's. */
function destination({ frame }: CapturedFrame): string | null {
  const type = (frame[12] << 8) | frame[13];
  const at = type === 0x0800 ? 30 : type === 0x0806 ? 38 : 0;
  if (at === 0 || frame.length < at + 4 || frame[at] === 0 || frame[at] === 127 || frame[at] >= 224) return null;
  return frame.subarray(at, at + 4).join('.');
}

function macText(frame: Uint8Array): string {
  return Array.from(frame.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function arrive(dev: net_device, frame: Uint8Array): void {
  const skb = netdev_alloc_skb(dev, frame.length);
  skb.head.set(frame, skb_put(skb, frame.length));
  skb.protocol = eth_type_trans(skb, dev);
  netif_rx(skb);
}

/** Frames too long for the device are not: a capture of large receive offload must arrive, too. */
const LONGEST = 65_535 + 14;

/** @param file bytes of a pcap or pcapng file */
export function replay(file: Uint8Array): Scenario {
  return {
    name: 'replay',
    summary: 'the packets of a capture arrive at a host, with the spacing that they had',
    options: '[--address ADDRESS/LENGTH of the host] [--forward]',
    start(lab: Lab, args) {
      const { options, rest } = takeOptions(args, ['address=', 'forward']);
      if (rest.length > 0) throw new Error(`A capture takes no argument "${rest[0]}".`);
      const frames = readCapture(file);
      const addresses = frames.map(destination).filter((text) => text !== null);
      const address = options.get('address') ?? `${commonest(addresses) ?? SOMEWHERE}/24`;
      const mine = frames.filter((f) => destination(f) === address.split('/')[0] && (f.frame[0] & 1) === 0);
      const mac = commonest(mine.map(({ frame }) => macText(frame)).filter((text) => text !== '00:00:00:00:00:00'));

      const host = lab.addHost('host');
      const wire = lab.addHost('wire');
      connectHosts({ host, device: 'eth0' }, { host: wire, device: 'eth0' });
      wire.sh('ip link set eth0 up');
      host.sh('ip link set lo up');
      if (mac !== undefined) host.sh(`ip link set eth0 address ${mac}`);
      host.sh(`ip address add ${address} brd + dev eth0; ip link set eth0 up`);
      if (options.has('forward')) host.sh('sysctl -w net.ipv4.ip_forward=1');

      const dev = __dev_get_by_name(host.kernel.init_net, 'eth0') as net_device;
      const own = dev.dev_addr.slice(0, 6);
      const first = frames.reduce((low, f) => (f.time < low ? f.time : low), frames[0]?.time ?? 0n);
      let last = 0;
      for (const { time, frame } of frames) {
        if (frame.length > LONGEST) continue;
        // A capture without link-level addresses is for the host.
        const anonymous = frame.subarray(0, 6).every((byte) => byte === 0);
        if (anonymous) frame.set(own);
        const after = Number(time - first);
        last = Math.max(last, after);
        lab.events.schedule(lab.now + after, () => run_as(host.kernel.idle, () => arrive(dev, frame), undefined));
      }
      lab.lingerFor(last + 1_000_000);
    },
  };
}
