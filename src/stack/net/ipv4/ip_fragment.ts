// Reassembly of IPv4 packets (net/ipv4/ip_fragment.c; RFC 791 3.2, RFC 815, RFC 1122 3.3.2, RFC 5722's rule on overlaps).

import { htons, ntohs } from '../../include/linux/byteorder.js';
import { E2BIG, EINPROGRESS, EINVAL, ENOENT, ENOMEM, ETIMEDOUT } from '../../include/linux/errno.js';
import { ICMP_EXC_FRAGTIME, ICMP_TIME_EXCEEDED } from '../../include/linux/icmp.js';
import { msecs_to_jiffies } from '../../include/linux/jiffies.js';
import { ip_hdr } from '../../include/linux/ip.js';
import type { iphdr } from '../../include/linux/ip.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { RTN_LOCAL } from '../../include/linux/rtnetlink.js';
import { timer_list } from '../../include/linux/timer.js';
import {
  SKB_DROP_REASON_DUP_FRAG,
  SKB_DROP_REASON_FRAG_REASM_TIMEOUT,
  SKB_DROP_REASON_FRAG_TOO_FAR,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
} from '../../include/net/dropreason.js';
import { skb_dst_drop } from '../../include/net/dst.js';
import { icmp_send } from '../../include/net/icmp.js';
import { INET_ECN_MASK } from '../../include/net/inet_ecn.js';
import {
  INET_FRAG_COMPLETE,
  INET_FRAG_DROP,
  INET_FRAG_FIRST_IN,
  INET_FRAG_LAST_IN,
  IPFRAG_DUP,
  IPFRAG_OK,
  add_frag_mem_limit,
  inet_frags,
  ipq,
  sub_frag_mem_limit,
} from '../../include/net/inet_frag.js';
import type { fqdir, inet_frag_queue } from '../../include/net/inet_frag.js';
import {
  IPCB,
  IPSKB_FRAG_COMPLETE,
  IPSKB_FRAG_PMTU,
  IP_DEFRAG_CALL_RA_CHAIN,
  IP_DEFRAG_CONNTRACK_BRIDGE_IN,
  IP_DEFRAG_CONNTRACK_IN,
  IP_DEFRAG_LOCAL_DELIVER,
  IP_DF_BE,
  IP_MF,
  IP_OFFSET,
  __IP_INC_STATS,
  ip_send_check,
} from '../../include/net/ip.js';
import type { net } from '../../include/net/net_namespace.js';
import { skb_rtable } from '../../include/net/route.js';
import {
  IPSTATS_MIB_REASMFAILS,
  IPSTATS_MIB_REASMOKS,
  IPSTATS_MIB_REASMREQDS,
  IPSTATS_MIB_REASMTIMEOUT,
  IPSTATS_MIB_REASM_OVERLAPS,
} from '../../include/net/snmp.js';
import {
  CHECKSUM_NONE,
  CHECKSUM_UNNECESSARY,
  pskb_pull,
  pskb_trim_rcsum,
  skb_network_offset,
  skb_orphan,
} from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import type { Kernel } from '../../kernel/kernel.js';
import { register_sysctl, int_entry } from '../../kernel/sysctl.js';
import { mod_timer, timer_setup } from '../../kernel/time/timer.js';
import { dev_get_by_index_rcu } from '../core/dev.js';
import { kfree_skb_reason } from '../core/skbuff.js';
import {
  fqdir_init,
  inet_frag_find,
  inet_frag_kill,
  inet_frag_pull_head,
  inet_frag_putn,
  inet_frag_queue_insert,
  inet_frag_rbtree_purge,
  inet_frag_reasm_finish,
  inet_frag_reasm_prepare,
  ip_frag_ecn_table,
} from './inet_fragment.js';
import { inet_getpeer_v4 } from './inetpeer.js';
import { ip_route_input_noref } from './route.js';
import type { bool, int, u32, u8 } from '../../include/linux/types.js';

/** @notrace */
export function ip4_frag_ecn(tos: u8): u8 {
  return 1 << (tos & INET_ECN_MASK);
}

/** @notrace */
export function inet_frag_timer_setup(q: inet_frag_queue): void {
  const timer = new timer_list();
  timer_setup(q.fqdir.net.kernel, timer, ip_expire, 0, q);
  q.timer = timer;
}

function ipq_kill(ipq: ipq, refs: { value: int }): void {
  inet_frag_kill(ipq, refs);
}

/** A fragment seen by a tracker on the way is not answered for by this host. */
export function frag_expire_skip_icmp(user: u32): bool {
  return (
    user === IP_DEFRAG_CALL_RA_CHAIN ||
    (user >= IP_DEFRAG_CONNTRACK_IN && user <= IP_DEFRAG_CONNTRACK_IN + 0xffff) ||
    (user >= IP_DEFRAG_CONNTRACK_BRIDGE_IN && user <= IP_DEFRAG_CONNTRACK_BRIDGE_IN + 0xffff)
  );
}

/** Time is up: the fragments go, and the sender is told if the first of them came. */
export function ip_expire(t: timer_list): void {
  const qp = t.owner as ipq;
  const net = qp.fqdir.net;
  const refs = { value: 1 };
  if (!qp.fqdir.dead && (qp.flags & INET_FRAG_COMPLETE) === 0) {
    qp.flags |= INET_FRAG_DROP;
    ipq_kill(qp, refs);
    __IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
    __IP_INC_STATS(net, IPSTATS_MIB_REASMTIMEOUT);
    // RFC 792: without fragment zero no message need be sent.
    const head = (qp.flags & INET_FRAG_FIRST_IN) !== 0 ? inet_frag_pull_head(qp) : null;
    if (head !== null) {
      head.dev = dev_get_by_index_rcu(net, qp.iif);
      if (head.dev !== null) {
        const iph = ip_hdr(head);
        const reason = ip_route_input_noref(head, iph.daddr, iph.saddr, iph.tos, head.dev);
        const local = reason === 0 && skb_rtable(head)?.rt_type === RTN_LOCAL;
        if (reason === 0 && (!frag_expire_skip_icmp(qp.key.v4.user) || local)) {
          icmp_send(head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
        }
      }
      kfree_skb_reason(head, SKB_DROP_REASON_FRAG_REASM_TIMEOUT);
    }
  }
  inet_frag_putn(qp, refs.value);
}

/** The queue that a fragment belongs to, made if there was none. */
export function ip_find(net: net, iph: iphdr, user: u32, vif: int): ipq | null {
  const fqdir = net.ipv4.fqdir as fqdir;
  const make = (): ipq => {
    const q = new ipq(fqdir);
    q.peer = inet_getpeer_v4(net, iph.saddr);
    const k = q.key.v4;
    k.saddr = iph.saddr;
    k.daddr = iph.daddr;
    k.user = user;
    k.vif = vif;
    k.id = iph.id;
    k.protocol = iph.protocol;
    return q;
  };
  const key = `${iph.saddr},${iph.daddr},${iph.id},${iph.protocol},${user},${vif}`;
  return inet_frag_find(fqdir, key, make) as ipq | null;
}

/** Whether so many packets of the sender came since, that the fragments are likely another packet's with the same id. */
export function ip_frag_too_far(qp: ipq): bool {
  const max = qp.fqdir.max_dist;
  const peer = qp.peer;
  if (peer === null || max === 0) return false;
  const start = qp.rid;
  const end = (peer.n_fragments = peer.n_fragments + 1);
  qp.rid = end;
  const rc = qp.fragments_tail !== null && end - start > max;
  if (rc) __IP_INC_STATS(qp.fqdir.net, IPSTATS_MIB_REASMFAILS);
  return rc;
}

/** Begins the queue anew. @returns 0 or -ETIMEDOUT */
export function ip_frag_reinit(qp: ipq): int {
  if (qp.timer === null || mod_timer(qp.timer, qp.fqdir.net.kernel.jiffies + qp.fqdir.timeout) === 0) return -ETIMEDOUT;
  const sum = inet_frag_rbtree_purge(qp, SKB_DROP_REASON_FRAG_TOO_FAR);
  sub_frag_mem_limit(qp.fqdir, sum);
  qp.flags = 0;
  qp.len = 0;
  qp.meat = 0;
  qp.rb_fragments = [];
  qp.fragments_tail = null;
  qp.last_run_head = null;
  qp.iif = 0;
  qp.ecn = 0;
  return 0;
}

/** Adds a fragment. @returns 0 if the packet is whole and stands in `skb`, else a negative errno: the skb is taken */
export function ip_frag_queue(qp: ipq, skb: sk_buff, refs: { value: int }): int {
  const net = qp.fqdir.net;
  let err = -ENOENT;
  if ((qp.flags & INET_FRAG_COMPLETE) !== 0) {
    kfree_skb_reason(skb, SKB_DROP_REASON_DUP_FRAG);
    return err;
  }
  if ((IPCB(skb).flags & IPSKB_FRAG_COMPLETE) === 0 && ip_frag_too_far(qp)) {
    err = ip_frag_reinit(qp);
    if (err !== 0) {
      ipq_kill(qp, refs);
      kfree_skb_reason(skb, SKB_DROP_REASON_FRAG_TOO_FAR);
      return err;
    }
  }
  const iph = ip_hdr(skb);
  const ecn = ip4_frag_ecn(iph.tos);
  const frag_off = ntohs(iph.frag_off);
  const df = (iph.frag_off & IP_DF_BE) !== 0;
  const more = (frag_off & IP_MF) !== 0;
  const offset = (frag_off & IP_OFFSET) << 3;
  const ihl = iph.ihl * 4;
  let end = offset + skb.len - skb_network_offset(skb) - ihl;

  if (!more) {
    // The last one: nothing may lie behind it, and there is one end alone.
    if (end < qp.len || ((qp.flags & INET_FRAG_LAST_IN) !== 0 && end !== qp.len))
      return discard_qp(qp, skb, refs, -EINVAL);
    qp.flags |= INET_FRAG_LAST_IN;
    qp.len = end;
  } else {
    if ((end & 7) !== 0) {
      end &= ~7;
      if (skb.ip_summed !== CHECKSUM_UNNECESSARY) skb.ip_summed = CHECKSUM_NONE;
    }
    if (end > qp.len) {
      if ((qp.flags & INET_FRAG_LAST_IN) !== 0) return discard_qp(qp, skb, refs, -EINVAL);
      qp.len = end;
    }
  }
  if (end === offset) return discard_qp(qp, skb, refs, -EINVAL);
  if (pskb_pull(skb, skb_network_offset(skb) + ihl) < 0) return discard_qp(qp, skb, refs, -ENOMEM);
  if (pskb_trim_rcsum(skb, end - offset) !== 0) return discard_qp(qp, skb, refs, -ENOMEM);

  const dev = skb.dev;
  const prev_tail = qp.fragments_tail;
  const inserted = inet_frag_queue_insert(qp, skb, offset, end);
  if (inserted !== IPFRAG_OK) {
    if (inserted === IPFRAG_DUP) {
      kfree_skb_reason(skb, SKB_DROP_REASON_DUP_FRAG);
      return -EINVAL;
    }
    __IP_INC_STATS(net, IPSTATS_MIB_REASM_OVERLAPS);
    return discard_qp(qp, skb, refs, -EINVAL);
  }
  if (dev !== null) qp.iif = dev.ifindex;
  qp.stamp = skb.tstamp;
  qp.meat += skb.len;
  qp.ecn |= ecn;
  add_frag_mem_limit(qp.fqdir, skb.truesize);
  if (offset === 0) qp.flags |= INET_FRAG_FIRST_IN;
  const fragsize = skb.len + ihl;
  if (fragsize > qp.max_size) qp.max_size = fragsize;
  if (df && fragsize > qp.max_df_size) qp.max_df_size = fragsize;

  if (qp.flags === (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) && qp.meat === qp.len) {
    // The reassembled packet goes on with the route of the fragment that came last.
    const orefdst = skb._skb_refdst;
    const noref = skb._skb_refdst_noref;
    skb._skb_refdst = null;
    err = ip_frag_reasm(qp, skb, prev_tail, dev, refs);
    skb._skb_refdst = orefdst;
    skb._skb_refdst_noref = noref;
    if (err !== 0) inet_frag_kill(qp, refs);
    return err;
  }
  skb_dst_drop(skb);
  skb_orphan(skb);
  return -EINPROGRESS;
}

/** @notrace */
function discard_qp(qp: ipq, skb: sk_buff, refs: { value: int }, err: int): int {
  inet_frag_kill(qp, refs);
  __IP_INC_STATS(qp.fqdir.net, IPSTATS_MIB_REASMFAILS);
  kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  return err;
}

/** Whether fragments may be copied together; else they stay a list, as one who sends them on wants them. */
export function ip_frag_coalesce_ok(qp: ipq): bool {
  return qp.key.v4.user === IP_DEFRAG_LOCAL_DELIVER;
}

/** All fragments are there: makes one packet of them. @returns 0 or a negative errno */
export function ip_frag_reasm(
  qp: ipq,
  skb: sk_buff,
  prev_tail: sk_buff | null,
  dev: net_device | null,
  refs: { value: int },
): int {
  const net = qp.fqdir.net;
  ipq_kill(qp, refs);
  const ecn = ip_frag_ecn_table[qp.ecn];
  let err = -EINVAL;
  // Until the fragments are chained they are the queue's, which frees them if this fails.
  const first = qp.rb_fragments[0];
  const len = first.transport_header - first.network_header + qp.len;
  if (len > 65535) err = -E2BIG;
  else if (ecn !== 0xff) {
    err = -ENOMEM;
    const reasm_data = inet_frag_reasm_prepare(qp, skb, prev_tail);
    if (reasm_data !== null) {
      inet_frag_reasm_finish(qp, skb, reasm_data, ip_frag_coalesce_ok(qp));
      skb.dev = dev;
      IPCB(skb).frag_max_size = Math.max(qp.max_df_size, qp.max_size);
      const iph = ip_hdr(skb);
      iph.tot_len = htons(len);
      iph.tos |= ecn;
      // The largest fragment had DF: the packet must not be sent on in larger ones, nor cut further.
      if (qp.max_df_size === qp.max_size) {
        IPCB(skb).flags |= IPSKB_FRAG_PMTU;
        iph.frag_off = IP_DF_BE;
      } else iph.frag_off = 0;
      ip_send_check(iph);
      __IP_INC_STATS(net, IPSTATS_MIB_REASMOKS);
      return 0;
    }
  }
  __IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
  return err;
}

/**
 * Takes a fragment.
 * @param user IP_DEFRAG_*: who wants the packet; each has his own queues
 * @returns 0 if the packet is whole: `skb` is it now; else the skb is taken
 * @EXPORT_SYMBOL
 */
export function ip_defrag(net: net, skb: sk_buff, user: u32): int {
  __IP_INC_STATS(net, IPSTATS_MIB_REASMREQDS);
  const qp = ip_find(net, ip_hdr(skb), user, 0);
  if (qp !== null) {
    const refs = { value: 0 };
    const ret = ip_frag_queue(qp, skb, refs);
    inet_frag_putn(qp, refs.value);
    return ret;
  }
  __IP_INC_STATS(net, IPSTATS_MIB_REASMFAILS);
  kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
  return -ENOMEM;
}

/** Sysctls of the limits. */
export function ip4_frags_ns_ctl_register(net: net, fqdir: fqdir): void {
  const seconds = {
    get ipfrag_time(): number {
      return fqdir.timeout / net.kernel.HZ;
    },
    set ipfrag_time(s: number) {
      fqdir.timeout = s * net.kernel.HZ;
    },
  };
  register_sysctl(net.kernel, 'net/ipv4', [
    int_entry('ipfrag_high_thresh', fqdir, 'high_thresh', 0),
    int_entry('ipfrag_low_thresh', fqdir, 'low_thresh', 0),
    int_entry('ipfrag_time', seconds, 'ipfrag_time', 0),
    int_entry('ipfrag_max_dist', fqdir, 'max_dist', 0),
  ]);
}

export function ipv4_frags_init_net(net: net): int {
  const dir = fqdir_init(net.kernel.ip4_frags, net);
  dir.timeout = msecs_to_jiffies(net.kernel, 30000);
  net.ipv4.fqdir = dir;
  ip4_frags_ns_ctl_register(net, dir);
  return 0;
}

export function ipfrag_init(kernel: Kernel): void {
  kernel.ip4_frags = new inet_frags();
  kernel.ip4_frags.frags_cache_name = 'ip4-frags';
  kernel.ip4_frags.frag_expire = ip_expire;
  ipv4_frags_init_net(kernel.init_net);
}
