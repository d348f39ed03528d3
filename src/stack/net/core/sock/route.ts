// A socket's way out: its cached destination and what the device there can do (net/core/sock.c).

import { EINVAL, ENODEV, EPERM } from '../../../include/linux/errno.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  NETIF_F_GSO,
  NETIF_F_GSO_MASK,
  NETIF_F_GSO_SOFTWARE,
  NETIF_F_HW_CSUM,
  NETIF_F_SG,
} from '../../../include/linux/netdev_features.js';
import { skb_get_dst_pending_confirm, skb_set_dst_pending_confirm } from '../../../include/linux/skbuff/meta.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { int, u32 } from '../../../include/linux/types.js';
import type { dst_entry } from '../../../include/net/dst/struct.js';
import { jiffies } from '../../../include/linux/jiffies.js';
import type { neighbour } from '../../../include/net/neighbour.js';
import { sk_can_gso, sk_dst_get, sk_dst_reset, sk_dst_set } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { dst_release } from '../dst.js';

/** The cached destination if it is still good; else none is cached. @EXPORT_SYMBOL */
export function __sk_dst_check(sk: sock, cookie: u32): dst_entry | null {
  const dst = sk.sk_dst_cache;
  if (dst !== null && dst.obsolete !== 0 && dst.ops.check(dst, cookie) === null) {
    sk.sk_tx_queue_mapping = 0xffff;
    sk.sk_dst_pending_confirm = 0;
    sk.sk_dst_cache = null;
    dst_release(dst);
    return null;
  }
  return dst;
}

/** As __sk_dst_check(), with a reference. @EXPORT_SYMBOL */
export function sk_dst_check(sk: sock, cookie: u32): dst_entry | null {
  const dst = sk_dst_get(sk);
  if (dst !== null && dst.obsolete !== 0 && dst.ops.check(dst, cookie) === null) {
    sk_dst_reset(sk);
    dst_release(dst);
    return null;
  }
  return dst;
}

function sk_dst_gso_max_size(sk: sock, dev: net_device): u32 {
  const max_size = sk.skc_family === 2 ? dev.gso_ipv4_max_size : dev.gso_max_size;
  return max_size - (320 + 1);
}

/** Takes a destination, and notes what its device can do for the sender. @EXPORT_SYMBOL */
export function sk_setup_caps(sk: sock, dst: dst_entry): void {
  let max_segs = 1;
  const dev = dst.dev;
  sk_dst_set(sk, dst);
  sk.sk_route_caps = dev.features;
  if (sk.sk_protocol === 6 && sk.sk_type === 1) sk.sk_route_caps |= NETIF_F_GSO;
  if ((sk.sk_route_caps & NETIF_F_GSO) !== 0) sk.sk_route_caps |= NETIF_F_GSO_SOFTWARE;
  if (sk.sk_gso_disabled !== 0) sk.sk_route_caps &= ~NETIF_F_GSO_MASK;
  if (sk_can_gso(sk)) {
    if (dst.header_len !== 0) {
      sk.sk_route_caps &= ~NETIF_F_GSO_MASK;
    } else {
      sk.sk_route_caps |= NETIF_F_SG | NETIF_F_HW_CSUM;
      sk.sk_gso_max_size = sk_dst_gso_max_size(sk, dev);
      max_segs = Math.max(dev.gso_max_segs, 1);
    }
  }
  sk.sk_gso_max_segs = max_segs;
}

/** Passes on that the neighbour is alive. @notrace */
export function sock_confirm_neigh(skb: sk_buff, n: neighbour): void {
  if (!skb_get_dst_pending_confirm(skb)) return;
  const sk = skb.sk;
  n.confirmed = jiffies(n.tbl.kernel);
  if (sk !== null && sk.sk_dst_pending_confirm !== 0) sk.sk_dst_pending_confirm = 0;
  skb_set_dst_pending_confirm(skb, 0);
}

/** Ties a socket to a device. @param ifindex 0: to none @returns 0 or a negative errno @EXPORT_SYMBOL */
export function sock_bindtoindex(sk: sock, ifindex: int): int {
  if (ifindex < 0) return -EINVAL;
  sk.sk_bound_dev_if = ifindex;
  const rehash = sk.skc_prot.rehash;
  if (rehash !== undefined) rehash(sk);
  sk_dst_reset(sk);
  return 0;
}

/** SO_BINDTODEVICE. @param name of the device, '' for none */
export function sock_setbindtodevice(sk: sock, name: string): int {
  if (name === '') return sock_bindtoindex(sk, 0);
  const dev = sk.skc_net.dev_name_head.get(name);
  if (dev === undefined) return -ENODEV;
  if (sk.sk_bound_dev_if !== 0 && sk.sk_uid !== 0) return -EPERM;
  return sock_bindtoindex(sk, dev.ifindex);
}
