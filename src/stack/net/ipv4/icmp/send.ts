// ICMP messages that go out: replies and errors, at a limited rate (net/ipv4/icmp.c; RFC 792, RFC 1122 3.2.2, RFC 1812 4.3).

import { htonl } from '../../../include/linux/byteorder.js';
import { csum_add, csum_block_add, csum_fold, csum_partial } from '../../../include/net/checksum.js';
import { flowi4 } from '../../../include/net/flow.js';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, NR_ICMP_TYPES, SIZEOF_ICMPHDR } from '../../../include/linux/icmp.js';
import { IPPROTO_ICMP } from '../../../include/linux/in.js';
import { IPTOS_PREC_INTERNETCONTROL, IPTOS_TOS_MASK, ip_hdr } from '../../../include/linux/ip.js';
import type { iphdr } from '../../../include/linux/ip.js';
import { IFF_LOOPBACK, PACKET_HOST } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { MSG_DONTWAIT } from '../../../include/linux/socket.js';
import { dst_mtu } from '../../../include/net/dst.js';
import { ip_options_rcu, inet_sk } from '../../../include/net/inet_sock.js';
import { IP_OFFSET_BE, ipcm_cookie } from '../../../include/net/ip.js';
import type { ip_options } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import {
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  RTN_LOCAL,
  RT_SCOPE_LINK,
} from '../../../include/linux/rtnetlink.js';
import {
  __ip_route_output_key,
  ip_route_input,
  ip_rt_put,
  ip_route_output_key,
  rt_is_input_route,
  skb_rtable,
} from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import {
  ICMP_MIB_OUTERRORS,
  ICMP_MIB_OUTMSGS,
  ICMP_MIB_RATELIMITGLOBAL,
  ICMP_MIB_RATELIMITHOST,
} from '../../../include/net/snmp.js';
import { skb_copy_bits } from '../../core/skbuff.js';
import { CHECKSUM_NONE, skb_network_offset, skb_peek } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { sock } from '../../../include/net/sock.js';
import { trace_icmp_send } from '../../../include/trace/events/icmp.js';
import { get_random_u32_below } from '../../../include/linux/random.js';
import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { fib_compute_spec_dst, inet_addr_type_dev_table } from '../fib_frontend.js';
import { inet_select_addr } from '../devinet.js';
import { inet_getpeer_v4, inet_peer_xrlim_allow } from '../inetpeer.js';
import { __ip_options_echo, ip_options_echo } from '../ip_options.js';
import { ip_append_data, ip_flush_pending_frames, ip_push_pending_frames } from '../ip_output.js';
import { ip_route_output_flow } from '../route.js';
import { icmp_pointers } from './rcv.js';
import type { __be32, bool, int, u8 } from '../../../include/linux/types.js';

/** A message being made: 8 bytes of header, then the data of `skb` from `offset` on, or up to 12 bytes of times. */
export class icmp_bxm {
  skb: sk_buff | null = null;
  offset: int = 0;
  data_len: int = 0;
  /** icmph and, of a timestamp reply, the three times */
  data: Uint8Array = new Uint8Array(SIZEOF_ICMPHDR + 12);
  head_len: int = SIZEOF_ICMPHDR;
  replyopts: ip_options_rcu = new ip_options_rcu();
}

/** Takes one message off the host's allowance. @returns whether there was one @EXPORT_SYMBOL */
export function icmp_global_allow(net: net): bool {
  const now = net.kernel.jiffies;
  const ipv4 = net.ipv4;
  if (ipv4.icmp_global_credit <= 0) {
    const delta = Math.min(now - ipv4.icmp_global_stamp, net.kernel.HZ);
    if (delta < net.kernel.HZ / 50) return false;
    const incr = Math.floor((ipv4.sysctl_icmp_msgs_per_sec * delta) / net.kernel.HZ);
    if (incr === 0) return false;
    ipv4.icmp_global_credit = Math.min(ipv4.icmp_global_credit + incr, ipv4.sysctl_icmp_msgs_burst);
    ipv4.icmp_global_stamp = now;
  }
  return true;
}

/** Counts a message off; up to two more, so that the allowance cannot be probed. @EXPORT_SYMBOL */
export function icmp_global_consume(net: net): void {
  net.ipv4.icmp_global_credit -= get_random_u32_below(net.kernel, 3);
}

/** Whether messages of the type are free of any limit. */
export function icmpv4_mask_allow(net: net, type: int, code: int): bool {
  if (type > NR_ICMP_TYPES) return true;
  // Path MTU discovery must not be disturbed.
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return true;
  return ((1 << type) & net.ipv4.sysctl_icmp_ratemask) === 0;
}

export function icmpv4_global_allow(net: net, type: int, code: int, apply_ratelimit: { value: bool }): bool {
  if (icmpv4_mask_allow(net, type, code)) return true;
  if (icmp_global_allow(net)) {
    apply_ratelimit.value = true;
    return true;
  }
  net.mib.icmp_statistics[ICMP_MIB_RATELIMITGLOBAL]++;
  return false;
}

/** The limit for one destination. */
export function icmpv4_xrlim_allow(
  net: net,
  rt: rtable,
  fl4: flowi4,
  _type: int,
  _code: int,
  apply_ratelimit: bool,
): bool {
  if (!apply_ratelimit) return true;
  const dev = rt.dev;
  if (dev !== null && (dev.flags & IFF_LOOPBACK) !== 0) return true;
  const peer = inet_getpeer_v4(net, fl4.daddr);
  const rc = inet_peer_xrlim_allow(net, peer, msecs_to_jiffies(net.kernel, net.ipv4.sysctl_icmp_ratelimit));
  if (!rc) net.mib.icmp_statistics[ICMP_MIB_RATELIMITHOST]++;
  else icmp_global_consume(net);
  return rc;
}

/** Counts a message that goes out. @param type below 256 */
export function icmp_out_count(net: net, type: u8): void {
  net.mib.icmp_statistics[ICMP_MIB_OUTMSGS]++;
  net.mib.icmpmsg_statistics[256 + type]++;
}

/** Copies the data behind the header, and sums them. */
export function icmp_glue_bits(
  icmp_param: icmp_bxm,
  to: Uint8Array,
  at: int,
  offset: int,
  len: int,
  odd: int,
  skb: sk_buff,
): int {
  if (icmp_param.skb !== null) skb_copy_bits(icmp_param.skb, icmp_param.offset + offset, to, at, len);
  skb.csum = csum_block_add(skb.csum, csum_partial(to, at, len, 0), odd);
  return 0;
}

/** Puts the message together in the kernel's socket and sends it. */
export function icmp_push_reply(
  sk: sock,
  icmp_param: icmp_bxm,
  fl4: flowi4,
  ipc: ipcm_cookie,
  rtp: { rt: rtable | null },
): void {
  const total = icmp_param.data_len + icmp_param.head_len;
  if (ip_append_data(sk, fl4, icmp_glue_bits, icmp_param, total, icmp_param.head_len, ipc, rtp, MSG_DONTWAIT) < 0) {
    sk.sk_net.mib.icmp_statistics[ICMP_MIB_OUTERRORS]++;
    ip_flush_pending_frames(sk);
    return;
  }
  const skb = skb_peek(sk.sk_write_queue);
  if (skb === null) return;
  // The header goes in front; all fragments count into the message's checksum, which stands in the first.
  const head = icmp_param.data.subarray(0, icmp_param.head_len);
  skb.head.set(head, skb.transport_header);
  skb.head[skb.transport_header + 2] = 0;
  skb.head[skb.transport_header + 3] = 0;
  let csum = csum_partial(skb.head, skb.transport_header, icmp_param.head_len, 0);
  for (let at: sk_buff | null = skb; at !== null; at = at.next) csum = csum_add(csum, at.csum);
  const th = skb.transport_header;
  const check = csum_fold(csum);
  skb.head[th + 2] = check;
  skb.head[th + 3] = check >>> 8;
  skb.ip_summed = CHECKSUM_NONE;
  ip_push_pending_frames(sk, fl4);
}

/** The kernel's socket for ICMP, unless this very message is about one it is sending. */
export function icmp_xmit_lock(net: net): sock | null {
  const sk = net.ipv4.icmp_sk;
  if (sk === null || net.ipv4.icmp_sk_busy) return null;
  net.ipv4.icmp_sk_busy = true;
  return sk;
}

export function icmp_xmit_unlock(sk: sock): void {
  sk.sk_net.ipv4.icmp_sk_busy = false;
}

/** Sends a reply to `skb`'s sender. */
export function icmp_reply(icmp_param: icmp_bxm, skb: sk_buff): void {
  const rt0 = skb_rtable(skb) as rtable;
  const net = (rt0.dev as net_device).nd_net;
  const type = icmp_param.data[0];
  const code = icmp_param.data[1];
  if (ip_options_echo(net, icmp_param.replyopts.opt, skb) !== 0) return;
  const apply = { value: false };
  if (!icmpv4_global_allow(net, type, code, apply)) return;
  local_bh_disable(net.kernel);
  const sk = icmp_xmit_lock(net);
  if (sk !== null) {
    icmp_param.data[2] = 0;
    icmp_param.data[3] = 0;
    const inet = inet_sk(sk);
    const iph = ip_hdr(skb);
    inet.tos = iph.tos;
    const ipc = new ipcm_cookie();
    const fl4 = new flowi4();
    let daddr = (ipc.addr = iph.saddr);
    if (icmp_param.replyopts.opt.optlen !== 0) {
      ipc.opt = icmp_param.replyopts;
      if (icmp_param.replyopts.opt.srr !== 0) daddr = icmp_param.replyopts.opt.faddr;
    }
    fl4.daddr = daddr;
    fl4.saddr = fib_compute_spec_dst(skb);
    fl4.flowi4_mark = net.ipv4.sysctl_fwmark_reflect !== 0 ? skb.mark : 0;
    ipc.sockc.mark = fl4.flowi4_mark;
    fl4.flowi4_dscp = iph.tos & 0xfc;
    fl4.flowi4_proto = IPPROTO_ICMP;
    const rt = ip_route_output_key(net, fl4);
    if (typeof rt !== 'number') {
      const rtp: { rt: rtable | null } = { rt };
      if (icmpv4_xrlim_allow(net, rt, fl4, type, code, apply.value)) icmp_push_reply(sk, icmp_param, fl4, ipc, rtp);
      if (rtp.rt !== null) ip_rt_put(rtp.rt);
    }
    icmp_xmit_unlock(sk);
  }
  local_bh_enable(net.kernel);
}

/** The route of an error message. @returns a held route, or a negative errno */
export function icmp_route_lookup(
  net: net,
  fl4: flowi4,
  skb_in: sk_buff,
  iph: iphdr,
  saddr: __be32,
  tos: u8,
  mark: number,
  type: int,
  code: int,
  param: icmp_bxm,
): rtable | int {
  const opt = param.replyopts.opt;
  fl4.daddr = opt.srr !== 0 ? opt.faddr : iph.saddr;
  fl4.saddr = saddr;
  fl4.flowi4_mark = mark;
  fl4.flowi4_dscp = tos & 0xfc;
  fl4.flowi4_proto = IPPROTO_ICMP;
  fl4.fl4_icmp_type = type;
  fl4.fl4_icmp_code = code;
  const rt = ip_route_output_flow(net, fl4, null);
  if (typeof rt === 'number') return rt;
  if (inet_addr_type_dev_table(net, skb_in.dev, fl4.daddr) === RTN_LOCAL) return rt;
  icmp_reverse_route(net, skb_in, iph);
  return rt;
}

/**
 * The kernel looks the way back up too, to find IPsec policies by it. There are none here, but the look-up is a step
 * that its traces show.
 * @notrace
 */
function icmp_reverse_route(net: net, skb_in: sk_buff, iph: iphdr): void {
  const dec = new flowi4();
  dec.saddr = iph.daddr;
  dec.daddr = iph.saddr;
  dec.flowi4_dscp = iph.tos & 0xfc;
  if (inet_addr_type_dev_table(net, skb_in.dev, dec.saddr) === RTN_LOCAL) {
    const rt2 = __ip_route_output_key(net, dec);
    if (typeof rt2 !== 'number') ip_rt_put(rt2);
    return;
  }
  const fl4_2 = new flowi4();
  fl4_2.daddr = dec.saddr;
  const rt2 = ip_route_output_key(net, fl4_2);
  if (typeof rt2 === 'number') return;
  const orefdst = skb_in._skb_refdst;
  const noref = skb_in._skb_refdst_noref;
  skb_in._skb_refdst = null;
  const reason = ip_route_input(skb_in, dec.daddr, dec.saddr, iph.tos, rt2.dev as net_device);
  ip_rt_put(rt2);
  if (reason === 0) ip_rt_put(skb_rtable(skb_in));
  skb_in._skb_refdst = orefdst;
  skb_in._skb_refdst_noref = noref;
}

/**
 * Sends an error about `skb_in` to its sender: with its IP header and as much of its data as makes at most 576 bytes.
 * @param info third word of the message, network order: gateway, MTU (htonl(mtu)), or htonl(pointer << 24)
 * @param opt options of skb_in
 * @formerly icmp_send 2.4-5.0
 * @EXPORT_SYMBOL
 */
export function __icmp_send(skb_in: sk_buff, type: int, code: int, info: __be32, opt: ip_options): void {
  const rt_in = skb_rtable(skb_in);
  if (rt_in === null) return;
  const net = (rt_in.dev !== null ? rt_in.dev : (skb_in.dev as net_device)).nd_net;
  const iph = ip_hdr(skb_in);
  if (skb_in.network_header < 0 || skb_in.network_header + 20 > skb_in.tail) return;
  // RFC 1122 3.2.2: no error about what was not sent to this host alone,
  if (skb_in.pkt_type !== PACKET_HOST) return;
  if ((rt_in.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return;
  // nor about a fragment other than the first,
  if ((iph.frag_off & IP_OFFSET_BE) !== 0) return;
  // nor about another error.
  if (icmp_pointers[type]?.error === true && iph.protocol === IPPROTO_ICMP) {
    const at = skb_in.network_header + iph.ihl * 4;
    if (at >= skb_in.tail) return;
    const itype = skb_in.head[at];
    if (itype > NR_ICMP_TYPES || icmp_pointers[itype].error) return;
  }
  local_bh_disable(net.kernel);
  const apply = { value: false };
  const dev_in = skb_in.dev;
  const loops = dev_in !== null && (dev_in.flags & IFF_LOOPBACK) !== 0;
  const allowed = loops || icmpv4_global_allow(net, type, code, apply);
  const sk = allowed ? icmp_xmit_lock(net) : null;
  if (sk !== null) {
    send_error(net, sk, skb_in, rt_in, iph, type, code, info, opt, apply.value);
    icmp_xmit_unlock(sk);
  }
  local_bh_enable(net.kernel);
}

/** @notrace */
function send_error(
  net: net,
  sk: sock,
  skb_in: sk_buff,
  rt_in: rtable,
  iph: iphdr,
  type: int,
  code: int,
  info: __be32,
  opt: ip_options,
  apply: bool,
): void {
  let saddr = iph.daddr;
  if ((rt_in.rt_flags & RTCF_LOCAL) === 0) {
    // The packet was not for us: the error comes from an address of the way it came, or of the way that it goes back.
    const dev = skb_in.dev;
    saddr =
      rt_is_input_route(rt_in) && net.ipv4.sysctl_icmp_errors_use_inbound_ifaddr !== 0 && dev !== null
        ? inet_select_addr(dev, iph.saddr, RT_SCOPE_LINK)
        : 0;
  }
  const error = icmp_pointers[type]?.error === true;
  const tos = error ? (iph.tos & IPTOS_TOS_MASK) | IPTOS_PREC_INTERNETCONTROL : iph.tos;
  const mark = net.ipv4.sysctl_fwmark_reflect !== 0 ? skb_in.mark : 0;
  const icmp_param = new icmp_bxm();
  if (__ip_options_echo(net, icmp_param.replyopts.opt, opt, skb_in) !== 0) return;
  const d = icmp_param.data;
  d[0] = type;
  d[1] = code;
  d[4] = info;
  d[5] = info >>> 8;
  d[6] = info >>> 16;
  d[7] = info >>> 24;
  icmp_param.skb = skb_in;
  icmp_param.offset = skb_network_offset(skb_in);
  inet_sk(sk).tos = tos;
  const ipc = new ipcm_cookie();
  ipc.addr = iph.saddr;
  if (icmp_param.replyopts.opt.optlen !== 0) ipc.opt = icmp_param.replyopts;
  ipc.sockc.mark = mark;
  const fl4 = new flowi4();
  const rt = icmp_route_lookup(net, fl4, skb_in, iph, saddr, tos, mark, type, code, icmp_param);
  if (typeof rt === 'number') return;
  const rtp: { rt: rtable | null } = { rt };
  if (icmpv4_xrlim_allow(net, rt, fl4, type, code, apply)) {
    // RFC 1812 4.3.2.3: as much as possible, up to 576 bytes.
    let room = Math.min(dst_mtu(rt), 576);
    room -= 20 + icmp_param.replyopts.opt.optlen + SIZEOF_ICMPHDR;
    if (room > 20) {
      icmp_param.data_len = Math.min(skb_in.len - icmp_param.offset, room);
      // A router without any address answers from the dummy one of RFC 7600.
      if (fl4.saddr === 0) fl4.saddr = htonl(0xc0000008);
      trace_icmp_send(skb_in, type, code);
      icmp_push_reply(sk, icmp_param, fl4, ipc, rtp);
    }
  }
  if (rtp.rt !== null) ip_rt_put(rtp.rt);
}
