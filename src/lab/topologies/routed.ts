// Three hosts in a row, and what lies around them (SEEDS 000): A and B on networks of their own, the router R
// between them, the machine H around them that leads out of R's third network, and a gateway G beyond it.
//
//   A 192.168.10.2 ── 192.168.10.50 R 192.168.30.50 ── 192.168.30.2 B
//                       192.168.20.50 R ── 192.168.20.1 H 192.168.0.2 ── 192.168.0.1 G

import type { Host } from '../host.js';
import type { Lab } from '../lab.js';
import { connectHosts } from '../link.js';

export interface RoutedOptions {
  /** Words of netem's options for the links A–R and R–B. */
  readonly netem?: string;
  /** MTU of the link R–B, in bytes. */
  readonly mtu?: number;
}

export interface Routed {
  readonly A: Host;
  readonly R: Host;
  readonly B: Host;
  readonly H: Host;
  readonly G: Host;
}

export function routed(lab: Lab, options: RoutedOptions = {}): Routed {
  const [A, R, B, H, G] = ['A', 'R', 'B', 'H', 'G'].map((name) => lab.addHost(name));
  connectHosts({ host: A, device: 'eth0' }, { host: R, device: 'eth0' }, options.netem);
  connectHosts({ host: R, device: 'eth1' }, { host: H, device: 'tap2' });
  connectHosts({ host: B, device: 'eth0' }, { host: R, device: 'eth2' }, options.netem);
  connectHosts({ host: H, device: 'eth0' }, { host: G, device: 'eth0' });
  for (const host of [A, R, B, H, G]) host.sh('ifconfig lo 127.0.0.1 up');
  A.sh('ifconfig eth0 192.168.10.2 netmask 255.255.255.0 up; route add default gw 192.168.10.50');
  B.sh('ifconfig eth0 192.168.30.2 netmask 255.255.255.0 up; route add default gw 192.168.30.50');
  R.sh('ifconfig eth0 192.168.10.50 netmask 255.255.255.0 up');
  R.sh('ifconfig eth1 192.168.20.50 netmask 255.255.255.0 up');
  R.sh('ifconfig eth2 192.168.30.50 netmask 255.255.255.0 up');
  if (options.mtu !== undefined) {
    R.sh(`ifconfig eth2 mtu ${options.mtu}`);
    B.sh(`ifconfig eth0 mtu ${options.mtu}`);
  }
  R.sh('route add default gw 192.168.20.1; echo 1 > /proc/sys/net/ipv4/ip_forward');
  H.sh('ifconfig tap2 192.168.20.1 netmask 255.255.255.0 up; ifconfig eth0 192.168.0.2 netmask 255.255.255.0 up');
  H.sh('route add default gw 192.168.0.1; echo 1 > /proc/sys/net/ipv4/ip_forward');
  H.sh('route add -net 192.168.10.0/24 gw 192.168.20.50; route add -net 192.168.30.0/24 gw 192.168.20.50');
  G.sh('ifconfig eth0 192.168.0.1 netmask 255.255.255.0 up; route add -net 192.168.0.0/16 gw 192.168.0.2');
  return { A, R, B, H, G };
}

/** ns after which an entry of an ARP cache that nobody uses is surely stale: 1.5 × base_reachable_time, and more. */
const STALE_AFTER = 55_000_000_000;
/** ns until entries that were used but not confirmed are asked for again, and answered. */
const PROBED_AFTER = 8_000_000_000;

/** Fills the ARP caches, lets those of R and B grow stale, and has the run last until they are probed. */
export function warmUp(lab: Lab, { A, B }: Routed): void {
  A.sh('ping -q -c 1 192.168.30.2');
  B.sh('ping -q -c 1 192.168.10.2');
  lab.runUntil(lab.now + STALE_AFTER);
  // Those between A and R are asked for again and answered, so that both kinds are there.
  A.sh('ping -q -c 1 192.168.10.50');
  lab.runUntil(lab.now + PROBED_AFTER);
  lab.lingerFor(PROBED_AFTER);
}
