// TCP connections: a handshake, an echo, and what happens when segments are lost, come late or out of order, or the
// receiver has no room.

import { netdev_features_strings } from '../../stack/include/linux/netdev_features.js';
import { NF_ACCEPT, NF_DROP, NF_INET_FORWARD, NFPROTO_IPV4 } from '../../stack/include/linux/netfilter.js';
import { ip_hdr } from '../../stack/include/linux/ip.js';
import { GSO_MAX_SEGS, netif_set_gso_max_segs } from '../../stack/include/linux/netdevice.js';
import type { sk_buff } from '../../stack/include/linux/skbuff.js';
import { run_as } from '../../stack/kernel/current.js';
import { netdev_set_wanted_feature } from '../../stack/net/core/dev.js';
import { nf_register_net_hook } from '../../stack/net/netfilter/core.js';
import type { Host } from '../host.js';
import type { Lab } from '../lab.js';
import { connectHosts } from '../link.js';
import { pair } from '../topologies/pair.js';
import { routed, warmUp, type Routed } from '../topologies/routed.js';
import { numberOption, takeOptions, type Scenario } from './scenario.js';

/** ns that a run goes on after the client has ended: FINs and their answers. */
const FAREWELL = 1_000_000_000;
const SERVER = '192.168.30.2';
/** Payload of a segment on Ethernet with time stamps. */
const FULL_SEGMENT = 1448;

/** Switches the offloads of a host's devices; off is the lab's way, so that captures show what is on the wire. */
export function setOffloads(host: Host, on: boolean): void {
  for (const dev of host.kernel.init_net.dev_base_head) {
    if (dev.name === 'lo') continue;
    for (const { feature, name } of netdev_features_strings) {
      if (/segmentation$|checksum|scatter-gather$|^rx-gro$/.test(name)) {
        run_as(host.kernel.idle, () => netdev_set_wanted_feature(dev, feature, on), null);
      }
    }
    // TCP builds large segments for software to cut whatever the device can do, unless one segment is the most.
    netif_set_gso_max_segs(dev, on ? GSO_MAX_SEGS : 1);
  }
}

function tcpLab(lab: Lab, options: ReadonlyMap<string, string>, netem?: string): Routed {
  const hosts = routed(lab, { netem: options.get('netem') ?? netem });
  for (const host of [hosts.A, hosts.R, hosts.B]) setOffloads(host, options.has('offload'));
  lab.lingerFor(FAREWELL);
  if (options.has('warm')) warmUp(lab, hosts);
  return hosts;
}

/** Whether R drops a forwarded TCP segment that carries data from A to B: its number among those, from 1; its sequence number. */
type Verdict = (number: number, payload: number, seq: number) => boolean;

/** Has R drop the segments that `drops` names. */
function dropOnRouter(R: Host, drops: Verdict): void {
  const net = R.kernel.init_net;
  let number = 0;
  const hook = (_priv: unknown, skb: sk_buff): number => {
    const iph = ip_hdr(skb);
    if (iph.protocol !== 6 || skb.dev?.name !== 'eth0') return NF_ACCEPT;
    const header = iph.ihl * 4;
    const tcp = skb.head[skb.network_header + header + 12] >>> 4;
    const payload = skb.len - header - tcp * 4;
    if (payload <= 0) return NF_ACCEPT;
    const at = skb.network_header + header + 4;
    const seq = ((skb.head[at] << 24) | (skb.head[at + 1] << 16) | (skb.head[at + 2] << 8) | skb.head[at + 3]) >>> 0;
    return drops(++number, payload, seq) ? NF_DROP : NF_ACCEPT;
  };
  const ops = { hook, pf: NFPROTO_IPV4, hooknum: NF_INET_FORWARD, priority: 0 };
  run_as(R.kernel.idle, () => nf_register_net_hook(net, ops), null);
}

function startEcho(lab: Lab, hosts: Routed, size: number, server: readonly string[] = []): void {
  hosts.B.spawn('tcp-echo-server', [...server]);
  lab.awaitProcess(hosts.A.spawn('tcp-client', ['-s', String(size), SERVER]));
}

const COMMON = '[--netem OPTIONS] [--size BYTES] [--offload] [--warm: with ARP caches filled and grown stale]';
const NAMES = ['netem=', 'size=', 'offload', 'warm', 'through-router'];

function sizeOption(options: ReadonlyMap<string, string>, otherwise: number): number {
  return numberOption('size', options.get('size') ?? String(otherwise), 0, 1e9);
}

function echoScenario(
  name: string,
  summary: string,
  size: number,
  netem: string | undefined,
  prepare: (hosts: Routed) => readonly string[] | void,
): Scenario {
  return {
    name,
    summary,
    options: COMMON,
    start(lab, args) {
      const { options, rest } = takeOptions(args, NAMES);
      if (rest.length > 0)
        throw new Error(`The scenario ${name} takes no argument "${rest[0]}"; its options are: ${COMMON}.`);
      const hosts = tcpLab(lab, options, netem);
      startEcho(lab, hosts, sizeOption(options, size), prepare(hosts) ?? []);
    },
  };
}

export const tcpEcho = echoScenario(
  'tcp-echo',
  'A connects to B through R, 64 bytes come back as an echo, 20 kB follow, A closes',
  20_000,
  undefined,
  () => {},
);

export const tcpHandshake = echoScenario(
  'tcp-handshake',
  'A connects to B, and closes after a short echo: handshake, data, farewell',
  0,
  undefined,
  () => {},
);

/** Has R drop the eighth data segment and whatever is sent of it again within 150 ms: all but the timer's. */
function dropUntilTimer(R: Host): void {
  let lost = -1;
  let until = 0;
  dropOnRouter(R, (number, _payload, seq) => {
    if (number === 8) {
      lost = seq;
      until = R.kernel.now + 150e6;
    }
    return seq === lost && R.kernel.now < until;
  });
}

export const tcpLoss = echoScenario(
  'tcp-loss',
  'one data segment is lost on R, and its fast retransmissions too: duplicate ACKs with SACK, RACK, at last the timer',
  40_000,
  'delay 10ms',
  ({ R }) => dropUntilTimer(R),
);

/** Has R drop the last segment of the data, once: the first that is neither the short message nor full. */
function dropTail(R: Host): void {
  let lost = false;
  dropOnRouter(R, (number, payload) => {
    if (lost || number === 1 || payload >= FULL_SEGMENT) return false;
    lost = true;
    return true;
  });
}

export const tcpTlp = echoScenario(
  'tcp-tlp',
  'the last segment of the data is lost: a tail loss probe finds it',
  40_000,
  'delay 10ms',
  ({ R }) => dropTail(R),
);

export const tcpRto = echoScenario(
  'tcp-rto',
  'the last segment is lost with tail loss probes off: the retransmission timer',
  40_000,
  'delay 10ms',
  ({ A, R }) => {
    A.sh('sysctl -q net.ipv4.tcp_early_retrans=0');
    dropTail(R);
  },
);

export const tcpReorder = echoScenario(
  'tcp-reorder',
  'segments overtake each other on the way: SACK, the reordering metric, no or an undone retransmission',
  60_000,
  'delay 10ms reorder 25% 50% gap 5',
  () => {},
);

export const tcpZeroWindow = echoScenario(
  'tcp-zero-window',
  'the receiver has little room and reads late: the window closes, is probed, and opens',
  200_000,
  'delay 5ms',
  () => ['-r', '4096', '-d', '3'],
);

export const tcpTso: Scenario = {
  name: 'tcp-tso',
  summary: 'segmentation offload on: TCP hands down large segments, GRO joins them again',
  options: '[--netem OPTIONS] [--size BYTES]',
  start(lab, args) {
    const { options } = takeOptions(args, NAMES);
    const hosts = tcpLab(lab, new Map([...options, ['offload', '']]), 'delay 1ms');
    startEcho(lab, hosts, sizeOption(options, 200_000));
  },
};

export const ftp: Scenario = {
  name: 'ftp',
  summary: 'gyan.home 192.168.1.20 gets a small file from the FTP server 128.235.204.81',
  options: '[--size BYTES] [--put] [--active] [--netem OPTIONS]',
  start(lab, args) {
    const { options } = takeOptions(args, ['size=', 'put', 'active', 'netem=']);
    const gyan = lab.addHost('gyan');
    const server = lab.addHost('server');
    linkFtp(lab, gyan, server, options.get('netem') ?? 'delay 5ms');
    runFtp(lab, gyan, server, '128.235.204.81', options);
  },
};

/** gyan.home – a gateway – the server's network. */
function linkFtp(lab: Lab, gyan: Host, server: Host, netem: string): void {
  const gateway = lab.addHost('gateway');
  connectHosts({ host: gyan, device: 'eth0' }, { host: gateway, device: 'eth0' }, netem);
  connectHosts({ host: gateway, device: 'eth1' }, { host: server, device: 'eth0' }, netem);
  for (const host of [gyan, gateway, server]) host.sh('ip link set lo up');
  gyan.sh('ip address add 192.168.1.20/24 brd + dev eth0; ip link set eth0 up; ip route add default via 192.168.1.1');
  gateway.sh('ip address add 192.168.1.1/24 brd + dev eth0; ip link set eth0 up');
  gateway.sh(
    'ip address add 128.235.204.1/24 brd + dev eth1; ip link set eth1 up; echo 1 > /proc/sys/net/ipv4/ip_forward',
  );
  server.sh(
    'ip address add 128.235.204.81/24 brd + dev eth0; ip link set eth0 up; ip route add default via 128.235.204.1',
  );
  for (const host of [gyan, gateway, server]) setOffloads(host, false);
}

function runFtp(lab: Lab, client: Host, server: Host, address: string, options: ReadonlyMap<string, string>): void {
  const size = numberOption('size', options.get('size') ?? '2000', 0, 1e9);
  const put = options.has('put');
  (put ? client : server).kernel.fs.write('/small.txt', new Uint8Array(size).fill(0x2e));
  server.spawn('ftpd');
  const flags = options.has('active') ? ['-A'] : [];
  lab.lingerFor(FAREWELL);
  lab.awaitProcess(client.spawn('ftp', [...flags, address, put ? 'put' : 'get', 'small.txt']));
}

export const ftpForward: Scenario = {
  name: 'ftp-forward',
  summary: 'FTP from franklin 10.13.0.1 to gandalf 10.10.0.2, forwarded by erwin',
  options: '[--size BYTES] [--put] [--active] [--netem OPTIONS]',
  start(lab, args) {
    const { options } = takeOptions(args, ['size=', 'put', 'active', 'netem=']);
    const [franklin, erwin, gandalf] = ['franklin', 'erwin', 'gandalf'].map((name) => lab.addHost(name));
    const netem = options.get('netem') ?? 'delay 1ms';
    connectHosts({ host: franklin, device: 'eth0' }, { host: erwin, device: 'eth0' }, netem);
    connectHosts({ host: erwin, device: 'eth1' }, { host: gandalf, device: 'eth0' }, netem);
    for (const host of [franklin, erwin, gandalf]) host.sh('ip link set lo up');
    franklin.sh('ip address add 10.13.0.1/24 brd + dev eth0; ip link set eth0 up; ip route add default via 10.13.0.2');
    erwin.sh('ip address add 10.13.0.2/24 brd + dev eth0; ip link set eth0 up; echo 1 > /proc/sys/net/ipv4/ip_forward');
    erwin.sh('ip address add 10.10.0.1/24 brd + dev eth1; ip link set eth1 up');
    gandalf.sh('ip address add 10.10.0.2/24 brd + dev eth0; ip link set eth0 up; ip route add default via 10.10.0.1');
    for (const host of [franklin, erwin, gandalf]) setOffloads(host, false);
    runFtp(lab, franklin, gandalf, '10.10.0.2', options);
  },
};

export const bulk: Scenario = {
  name: 'bulk',
  summary: 'a bulk transfer between two hosts, with all offloads; rate, delay and loss of the link as options',
  options: '[--size BYTES] [--rate RATE] [--delay TIME] [--loss PERCENT] [--congestion NAME] [--no-offload]',
  start(lab, args) {
    const { options } = takeOptions(args, ['size=', 'rate=', 'delay=', 'loss=', 'congestion=', 'no-offload']);
    const words = ['rate', 'delay', 'loss'].flatMap((name) => {
      const value = options.get(name);
      return value === undefined ? [] : [name, value];
    });
    const ends = [
      { name: 'A', address: '10.0.0.1/24' },
      { name: 'B', address: '10.0.0.2/24' },
    ] as const;
    const [A, B] = pair(lab, ends[0], ends[1], words.join(' '));
    for (const host of [A, B]) {
      setOffloads(host, !options.has('no-offload'));
      const congestion = options.get('congestion');
      if (congestion !== undefined) host.sh(`sysctl -q net.ipv4.tcp_congestion_control=${congestion}`);
    }
    lab.lingerFor(FAREWELL);
    B.spawn('iperf', ['-s']);
    lab.awaitProcess(A.spawn('iperf', ['-c', '10.0.0.2', '-n', options.get('size') ?? '10000000']));
  },
};
