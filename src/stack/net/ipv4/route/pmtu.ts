// Path MTU, unreachable destinations and links that fail, as routes see them (net/ipv4/route.c; RFC 1191).

import { EACCES, EHOSTUNREACH, ENETUNREACH } from '../../../include/linux/errno.js';
import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PKT_FILTERED,
} from '../../../include/linux/icmp.js';
import { ip_hdr, iphdr } from '../../../include/linux/ip.js';
import { IN_DEV_FORWARD, __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import {
  SKB_DROP_REASON_IP_INADDRERRORS,
  SKB_DROP_REASON_IP_INNOROUTES,
  SKB_DROP_REASON_NOT_SPECIFIED,
} from '../../../include/net/dropreason.js';
import { dst_confirm_neigh, dst_set_expires } from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { dst_release } from '../../core/dst.js';
import { fib_lookup, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_info, fib_nh_common } from '../../../include/net/ip_fib.js';
import { flowi4 } from '../../../include/net/flow.js';
import {
  IPCB,
  __IP_INC_STATS,
  ip_dst_mtu_maybe_forward,
  ip_mtu_locked,
  ip_sk_accept_pmtu,
} from '../../../include/net/ip.js';
import { IPSTATS_MIB_INADDRERRORS, IPSTATS_MIB_INNOROUTES } from '../../../include/net/snmp.js';
import { __ip_route_output_key, skb_rtable } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sk_dst_get, sk_dst_set, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { kfree_skb, kfree_skb_reason } from '../../core/skbuff.js';
import { __icmp_send } from '../icmp.js';
import { __ip_options_compile } from '../ip_options.js';
import { ip_options } from '../../../include/net/inet_sock.js';
import { inet_getpeer_v4 } from '../inetpeer.js';
import { WARN_ON_ONCE } from '../../../kernel/panic.js';
import { update_or_create_fnhe } from './exception.js';
import { __build_flow_key, ip_rt_build_flow_key } from './redirect.js';
import type { bool, int, u32, u8 } from '../../../include/linux/types.js';

/** Largest segment to announce where the route does not say. */
export function ipv4_default_advmss(dst: dst_entry): u32 {
  const net = (dst.dev as net_device).nd_net;
  const header_size = 40;
  const advmss = Math.max(dst.ops.mtu(dst) - header_size, net.ipv4.ip_rt_min_advmss);
  return Math.min(advmss, 65535 - header_size);
}

export function ipv4_mtu(dst: dst_entry): u32 {
  return ip_dst_mtu_maybe_forward(dst, false);
}

/** Learns a path's MTU: as an exception of the hop. */
export function __ip_rt_update_pmtu(rt: rtable, fl4: flowi4, mtu: u32): void {
  const dst: dst_entry = rt;
  if (ip_mtu_locked(dst)) return;
  const net = (dst.dev as net_device).nd_net;
  const jiffies = net.kernel.jiffies;
  const old_mtu = ipv4_mtu(dst);
  if (old_mtu < mtu) return;
  let lock = false;
  if (mtu < net.ipv4.ip_rt_min_pmtu) {
    lock = true;
    mtu = Math.min(old_mtu, net.ipv4.ip_rt_min_pmtu);
  }
  const mtu_expires = msecs_to_jiffies(net.kernel, net.ipv4.ip_rt_mtu_expires * 1000);
  if (rt.rt_pmtu === mtu && !lock && jiffies < dst.expires - mtu_expires / 2) return;
  const res = new fib_result();
  if (fib_lookup(net, fl4, res, 0) === 0) {
    const fi = res.fi as fib_info;
    if (fi.fib_nhs > 1) {
      for (const nh of fi.fib_nh) update_or_create_fnhe(nh, fl4.daddr, 0, mtu, lock, jiffies + mtu_expires);
      return;
    }
    update_or_create_fnhe(res.nhc as fib_nh_common, fl4.daddr, 0, mtu, lock, jiffies + mtu_expires);
  }
}

export function ip_rt_update_pmtu(
  dst: dst_entry,
  sk: sock | null,
  skb: sk_buff | null,
  mtu: u32,
  confirm_neigh: bool,
): void {
  const rt = dst as rtable;
  const fl4 = new flowi4();
  ip_rt_build_flow_key(fl4, sk, skb);
  // The packet was looked up by its own marks; the exception must be found by others of the same destination.
  fl4.flowi4_oif = 0;
  __ip_rt_update_pmtu(rt, fl4, mtu);
  if (confirm_neigh) dst_confirm_neigh(dst, fl4.daddr);
}

/** ICMP "fragmentation needed" about a packet of no socket. @EXPORT_SYMBOL */
export function ipv4_update_pmtu(skb: sk_buff, net: net, mtu: u32, oif: int, protocol: u8): void {
  const iph = inner_of(skb);
  const fl4 = new flowi4();
  __build_flow_key(net, fl4, null, iph, oif, iph.tos, protocol, skb.mark, 0);
  const rt = __ip_route_output_key(net, fl4);
  if (typeof rt === 'number') return;
  __ip_rt_update_pmtu(rt, fl4, mtu);
  dst_release(rt);
}

/** The header of the packet that an ICMP error quotes: skb.data stands on it. @notrace */
function inner_of(skb: sk_buff): iphdr {
  return new iphdr(skb.head, skb.data);
}

export function __ipv4_sk_update_pmtu(skb: sk_buff, sk: sock, mtu: u32): void {
  const iph = inner_of(skb);
  const net = sock_net(sk);
  const fl4 = new flowi4();
  __build_flow_key(net, fl4, sk, iph, 0, 0, 0, 0, 0);
  const rt = __ip_route_output_key(net, fl4);
  if (typeof rt === 'number') return;
  __ip_rt_update_pmtu(rt, fl4, mtu);
  dst_release(rt);
}

/** ICMP "fragmentation needed" about a packet of `sk`: the socket's route is renewed where it stands. @EXPORT_SYMBOL */
export function ipv4_sk_update_pmtu(skb: sk_buff, sk: sock, mtu: u32): void {
  if (!ip_sk_accept_pmtu(sk)) return;
  const odst = sk_dst_get(sk);
  if (odst === null || sk.sk_lock.owned !== 0) {
    __ipv4_sk_update_pmtu(skb, sk, mtu);
    if (odst !== null) dst_release(odst);
    return;
  }
  const net = sock_net(sk);
  const fl4 = new flowi4();
  __build_flow_key(net, fl4, sk, inner_of(skb), 0, 0, 0, 0, 0);
  let rt: rtable | int = odst as rtable;
  if (odst.obsolete !== 0 && odst.ops.check(odst, 0) === null) {
    rt = __ip_route_output_key(net, fl4);
    if (typeof rt === 'number') {
      dst_release(odst);
      return;
    }
    dst_release(odst);
  }
  __ip_rt_update_pmtu(rt, fl4, mtu);
  const fresh = rt.ops.check(rt, 0) === null ? __ip_route_output_key(net, fl4) : rt;
  if (typeof fresh !== 'number') {
    sk_dst_set(sk, fresh);
    if (fresh !== rt) dst_release(rt);
  } else dst_release(rt);
}

/** Tells the sender of a packet that had to wait for a neighbour who does not answer. */
export function ipv4_send_dest_unreach(skb: sk_buff): void {
  const opt = new ip_options();
  const iph = ip_hdr(skb);
  if (skb.len < 20 || iph.version !== 4 || iph.ihl < 5) return;
  opt.optlen = iph.ihl * 4 - 20;
  if (opt.optlen !== 0 && __ip_options_compile((skb.dev as net_device).nd_net, opt, skb, null) !== 0) return;
  __icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, opt);
}

export function ipv4_link_failure(skb: sk_buff): void {
  ipv4_send_dest_unreach(skb);
  const rt = skb_rtable(skb);
  if (rt !== null) dst_set_expires(rt, 0);
}

/** A packet came to a route that was made for the other direction. */
export function ip_rt_bug(net: net, _sk: sock | null, skb: sk_buff): int {
  WARN_ON_ONCE(net.kernel, true, 'ip_rt_bug');
  kfree_skb(skb);
  return 0;
}

/** Input of a route that forbids: the sender is told, at a limited rate. */
export function ip_error(skb: sk_buff): int {
  const rt = skb_rtable(skb) as rtable;
  const dev = skb.dev as net_device;
  const net = dev.nd_net;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
    return 0;
  }
  let reason = SKB_DROP_REASON_NOT_SPECIFIED;
  if (IN_DEV_FORWARD(in_dev) === 0) {
    if (rt.error === EHOSTUNREACH) {
      __IP_INC_STATS(net, IPSTATS_MIB_INADDRERRORS);
      reason = SKB_DROP_REASON_IP_INADDRERRORS;
    } else if (rt.error === ENETUNREACH) {
      __IP_INC_STATS(net, IPSTATS_MIB_INNOROUTES);
      reason = SKB_DROP_REASON_IP_INNOROUTES;
    }
    kfree_skb_reason(skb, reason);
    return 0;
  }
  let code: int;
  switch (rt.error) {
    case EHOSTUNREACH:
      code = ICMP_HOST_UNREACH;
      break;
    case ENETUNREACH:
      code = ICMP_NET_UNREACH;
      __IP_INC_STATS(net, IPSTATS_MIB_INNOROUTES);
      reason = SKB_DROP_REASON_IP_INNOROUTES;
      break;
    case EACCES:
      code = ICMP_PKT_FILTERED;
      break;
    default:
      kfree_skb_reason(skb, reason);
      return 0;
  }
  // A token bucket for each sender: one message costs ip_rt_error_cost, at most ip_rt_error_burst are saved up.
  const peer = inet_getpeer_v4(net, ip_hdr(skb).saddr);
  const now = net.kernel.jiffies;
  let send = true;
  if (peer !== null) {
    peer.rate_tokens = Math.min(peer.rate_tokens + (now - peer.rate_last), net.ipv4.ip_rt_error_burst);
    peer.rate_last = now;
    if (peer.rate_tokens >= net.ipv4.ip_rt_error_cost) peer.rate_tokens -= net.ipv4.ip_rt_error_cost;
    else send = false;
  }
  if (send) __icmp_send(skb, ICMP_DEST_UNREACH, code, 0, IPCB(skb).opt);
  kfree_skb_reason(skb, reason);
  return 0;
}
