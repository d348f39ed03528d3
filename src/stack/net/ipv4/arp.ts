// ARP (net/ipv4/arp.c; RFC 826): receiving is in arp/receive.ts, asking in arp/solicit.ts, the table in
// arp/table.ts. Here: what users and other parts of the kernel ask of the table, and boot.

import { ENXIO } from '../../include/linux/errno.js';
import { htons } from '../../include/linux/byteorder.js';
import { in_ntoa } from '../../include/linux/in_addr.js';
import { ETH_P_ARP } from '../../include/linux/if_ether.js';
import { packet_type, type net_device } from '../../include/linux/netdevice.js';
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_OVERRIDE,
  NUD_FAILED,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_VALID,
  neigh_release,
  type neighbour,
} from '../../include/net/neighbour.js';
import type { net } from '../../include/net/net_namespace.js';
import type { __be32, bool, int } from '../../include/linux/types.js';
import type { Kernel } from '../../kernel/kernel.js';
import { dev_add_pack } from '../core/dev.js';
import { neigh_ifdown, neigh_lookup, neigh_remove, neigh_update } from '../core/neighbour.js';
import { arp_rcv } from './arp/receive.js';
import { arp_table } from './arp/table.js';

export * from './arp/receive.js';
export * from './arp/solicit.js';
export * from './arp/table.js';

/** The device is down: nothing of its neighbours is true any more. */
export function arp_ifdown(dev: net_device): void {
  neigh_ifdown(dev.nd_net.kernel.arp_tbl, dev);
}

/** Forgets the entry of an address. @param force also a permanent one @returns 0 or a negative errno */
export function arp_invalidate(dev: net_device, ip: __be32, force: bool): int {
  const neigh = neigh_lookup(dev.nd_net.kernel.arp_tbl, ip, dev);
  if (neigh === null) return -ENXIO;
  if ((neigh.nud_state & NUD_VALID) !== 0 && !force) {
    neigh_release(neigh);
    return 0;
  }
  let err = -ENXIO;
  if ((neigh.nud_state & ~NUD_NOARP) !== 0) {
    err = neigh_update(neigh, null, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0);
  }
  neigh_remove(neigh);
  neigh_release(neigh);
  return err;
}

/** Flags as /proc/net/arp shows them: ATF_COM, ATF_PERM (include/uapi/linux/if_arp.h). */
export function arp_state_to_flags(neigh: neighbour): int {
  if ((neigh.nud_state & NUD_PERMANENT) !== 0) return 0x04 | 0x02;
  return (neigh.nud_state & NUD_VALID) !== 0 ? 0x02 : 0;
}

/** The text of /proc/net/arp. */
export function arp_seq_show(net: net): string {
  let out = 'IP address       HW type     Flags       HW address            Mask     Device\n';
  for (const n of net.kernel.arp_tbl.nht) {
    if ((n.nud_state & NUD_NOARP) !== 0) continue;
    const address = Array.from(n.ha.subarray(0, n.dev.addr_len), (byte) => byte.toString(16).padStart(2, '0')).join(
      ':',
    );
    const type = `0x${n.dev.type.toString(16)}`;
    const flags = `0x${arp_state_to_flags(n).toString(16)}`;
    out += `${in_ntoa(n.primary_key).padEnd(16)} ${type.padEnd(12)}${flags.padEnd(12)}${address.padEnd(22)}*        ${n.dev.name}\n`;
  }
  return out;
}

export function arp_net_init(net: net): int {
  net.kernel.proc.set('net/arp', () => arp_seq_show(net));
  return 0;
}

export function arp_init(kernel: Kernel): void {
  kernel.arp_tbl = arp_table(kernel);
  dev_add_pack(kernel, new packet_type(htons(ETH_P_ARP), arp_rcv));
  arp_net_init(kernel.init_net);
}
