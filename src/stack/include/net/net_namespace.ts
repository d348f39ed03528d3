// A network namespace (include/net/net_namespace.h). A host has one: what a machine's processes see of the network.

import type { Kernel } from '../../kernel/kernel.js';
import { netns_ipv4 } from './netns/ipv4.js';
import { netns_mib } from './snmp.js';
import type { nf_ct_hook, nf_hook_entries } from '../linux/netfilter.js';
import type { net_device, packet_type } from '../linux/netdevice.js';
import type { sock } from './sock/struct.js';
import type { int, u32, u8 } from '../linux/types.js';

/** What the socket layer keeps (include/net/netns/core.h). */
export class netns_core {
  sysctl_somaxconn: int = 4096;
  sysctl_optmem_max: int = 131072;
  sysctl_txrehash: u8 = 1;
  sysctl_tstamp_allow_data: u8 = 1;
  sysctl_bypass_prot_mem: u8 = 0;
  sysctl_wmem_max: u32 = 4194304;
  sysctl_rmem_max: u32 = 4194304;
  sysctl_wmem_default: u32 = 212992;
  sysctl_rmem_default: u32 = 212992;
  /** Sockets of all kinds. */
  sock_inuse: int = 0;
  /** Sockets by protocol name. */
  prot_inuse: Map<string, int> = new Map();
}

/** Hooks by hook number (include/net/netns/netfilter.h); null where there is none. */
export class netns_nf {
  hooks_ipv4: (nf_hook_entries | null)[] = [null, null, null, null, null];
  hooks_arp: (nf_hook_entries | null)[] = [null, null, null];
  hooks_bridge: (nf_hook_entries | null)[] = [null, null, null, null, null, null];
  nf_ct_hook: nf_ct_hook | null = null;
}

/** Packet sockets (include/net/netns/packet.h). */
export class netns_packet {
  sklist: sock[] = [];
}

export class net {
  readonly kernel: Kernel;
  net_cookie = 1;
  /** The last index given to a device. */
  ifindex: int = 0;
  loopback_dev!: net_device;
  /** All devices in the order in which they were registered, and by name and index. */
  dev_base_head: net_device[] = [];
  dev_name_head: Map<string, net_device> = new Map();
  dev_by_index: Map<int, net_device> = new Map();
  ptype_all: packet_type[] = [];
  ptype_specific: packet_type[] = [];
  mib: netns_mib = new netns_mib();
  core: netns_core = new netns_core();
  ipv4: netns_ipv4 = new netns_ipv4();
  nf: netns_nf = new netns_nf();
  packet: netns_packet = new netns_packet();
  /** Number of the last socket that was given a cookie. */
  cookie_gen = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** What holds a namespace in other structs (possible_net_t) has it as `net`. */
  get net(): net | null {
    return this;
  }
}

/** @notrace */
export function net_eq(net1: net, net2: net): boolean {
  return net1 === net2;
}

/** @notrace */
export function get_net(net: net): net {
  return net;
}

/** @notrace */
export function put_net(_net: net): void {
  // A host's only namespace lives as long as the host.
}

/** The namespace of a kernel's init task. @notrace */
export function init_net(kernel: Kernel): net {
  return kernel.init_net;
}
