// Multicast groups of a device and of a socket (include/linux/igmp.h). Sources filters are left out: a group is joined for
// all senders.

import type { in_device } from './inetdevice.js';
import type { ip_mreqn } from '../net/ip.js';
import type { __be32, int } from './types.js';

export class ip_mc_list {
  interface: in_device;
  multiaddr: __be32;
  next_rcu: ip_mc_list | null = null;
  users: int = 1;
  loaded: int = 0;

  constructor(in_dev: in_device, multiaddr: __be32) {
    this.interface = in_dev;
    this.multiaddr = multiaddr;
  }
}

export class ip_mc_socklist {
  next_rcu: ip_mc_socklist | null = null;
  multi: ip_mreqn;

  constructor(multi: ip_mreqn) {
    this.multi = multi;
  }
}
