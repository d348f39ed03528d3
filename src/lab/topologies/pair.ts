// Two hosts on one wire.

import type { Host } from '../host.js';
import type { Lab } from '../lab.js';
import { connectHosts } from '../link.js';

export interface PairEnd {
  readonly name: string;
  /** With prefix length: `192.168.1.20/24`. */
  readonly address: string;
}

/**
 * @param netem words of netem's options for both directions
 * @returns the two hosts, each with eth0
 */
export function pair(lab: Lab, a: PairEnd, b: PairEnd, netem = ''): [Host, Host] {
  const hosts: [Host, Host] = [lab.addHost(a.name), lab.addHost(b.name)];
  connectHosts({ host: hosts[0], device: 'eth0' }, { host: hosts[1], device: 'eth0' }, netem);
  for (const [i, host] of hosts.entries()) {
    host.sh('ip link set lo up');
    host.sh(`ip address add ${[a, b][i].address} brd + dev eth0; ip link set eth0 up`);
  }
  return hosts;
}
