// ICMP messages that come in (net/ipv4/icmp.c; RFC 792, RFC 1122 3.2.2, RFC 1191, RFC 1812 4.3).

import { in_ntoa } from '../../../include/linux/in_addr.js';
import { ntohl, ntohs } from '../../../include/linux/byteorder.js';
import {
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
} from '../../../include/linux/errno.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_EXT_ECHO,
  ICMP_EXT_ECHOREPLY,
  ICMP_FRAG_NEEDED,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PARAMETERPROB,
  ICMP_PORT_UNREACH,
  ICMP_PROT_UNREACH,
  ICMP_REDIRECT,
  ICMP_SR_FAILED,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMPREPLY,
  ICMP_TIME_EXCEEDED,
  ICMP_EXC_FRAGTIME,
  NR_ICMP_TYPES,
  NR_ICMP_UNREACH,
  SIZEOF_ICMPHDR,
  icmp_hdr,
} from '../../../include/linux/icmp.js';
import { iphdr, ip_hdr } from '../../../include/linux/ip.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  SKB_DROP_REASON_ICMP_CSUM,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_NOT_DROPPED_YET,
} from '../../../include/net/dropreason.js';
import type { icmp_err } from '../../../include/net/icmp.js';
import type { net } from '../../../include/net/net_namespace.js';
import { RTCF_BROADCAST, RTCF_MULTICAST, RTN_BROADCAST } from '../../../include/linux/rtnetlink.js';
import { skb_rtable } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { ICMP_MIB_CSUMERRORS, ICMP_MIB_INERRORS, ICMP_MIB_INMSGS } from '../../../include/net/snmp.js';
import { consume_skb, kfree_skb_reason, skb_pull } from '../../core/skbuff.js';
import { pskb_may_pull, skb_checksum_simple_validate } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { pr_info } from '../../../kernel/printk.js';
import { inet_addr_type_dev_table } from '../fib_frontend.js';
import { inet_current_timestamp, put_be32 } from '../ip_options.js';
import { ping_err, ping_rcv } from '../ping.js';
import { raw_icmp_error } from '../raw.js';
import { ipv4_redirect, ipv4_update_pmtu } from '../route.js';
import { icmp_bxm, icmp_reply } from './send.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';

/** By code of "destination unreachable": the error that a socket gets, and whether it is the end of a connection. */
export const icmp_err_convert: readonly icmp_err[] = [
  { errno: ENETUNREACH, fatal: false },
  { errno: EHOSTUNREACH, fatal: false },
  { errno: ENOPROTOOPT, fatal: true },
  { errno: ECONNREFUSED, fatal: true },
  { errno: EMSGSIZE, fatal: false },
  { errno: EOPNOTSUPP, fatal: false },
  { errno: ENETUNREACH, fatal: true },
  { errno: EHOSTDOWN, fatal: true },
  { errno: ENONET, fatal: true },
  { errno: ENETUNREACH, fatal: true },
  { errno: EHOSTUNREACH, fatal: true },
  { errno: ENETUNREACH, fatal: false },
  { errno: EHOSTUNREACH, fatal: false },
  { errno: EHOSTUNREACH, fatal: true },
  { errno: EHOSTUNREACH, fatal: true },
  { errno: EHOSTUNREACH, fatal: true },
];

/** Whether the inner packet's protocol wants to see enough of it to tell a forgery. */
export function icmp_tag_validation(net: net, proto: int): bool {
  const ipprot = net.kernel.inet_protos[proto];
  return ipprot !== null && ipprot.icmp_strict_tag_validation;
}

/** Hands an error to raw sockets and to the protocol of the packet that it quotes. */
export function icmp_socket_deliver(skb: sk_buff, info: u32): void {
  const net = (skb.dev as net_device).nd_net;
  const iph = new iphdr(skb.head, skb.data);
  const protocol = iph.protocol;
  // Ports, or what stands in their place, must be there.
  if (!pskb_may_pull(skb, iph.ihl * 4 + 8)) {
    net.mib.icmp_statistics[ICMP_MIB_INERRORS]++;
    return;
  }
  raw_icmp_error(skb, protocol, info);
  const ipprot = net.kernel.inet_protos[protocol];
  if (ipprot !== null && ipprot.err_handler !== null) ipprot.err_handler(skb, info);
}

/** Destination unreachable, time exceeded, source quench, parameter problem. @returns a drop reason */
export function icmp_unreach(skb: sk_buff): int {
  const net = (skb.dev as net_device).nd_net;
  if (!pskb_may_pull(skb, 20)) return in_error(net, SKB_DROP_REASON_PKT_TOO_SMALL);
  const icmph = icmp_hdr(skb);
  const iph = new iphdr(skb.head, skb.data);
  if (iph.ihl < 5) return in_error(net, SKB_DROP_REASON_NOT_SPECIFIED);
  let info = 0;
  switch (icmph.type) {
    case ICMP_DEST_UNREACH:
      switch (icmph.code & 15) {
        case ICMP_NET_UNREACH:
        case ICMP_HOST_UNREACH:
        case ICMP_PROT_UNREACH:
        case ICMP_PORT_UNREACH:
          break;
        case ICMP_FRAG_NEEDED:
          // With discovery off (1: only; 2: for all) the message is ignored; with 3 it is believed with good proof alone.
          switch (net.ipv4.sysctl_ip_no_pmtu_disc) {
            case 2:
              return SKB_DROP_REASON_NOT_SPECIFIED;
            case 3:
              if (!icmp_tag_validation(net, iph.protocol)) return SKB_DROP_REASON_NOT_SPECIFIED;
              info = ntohs(icmph.mtu);
              break;
            case 0:
              info = ntohs(icmph.mtu);
          }
          break;
        case ICMP_SR_FAILED:
          pr_info(net.kernel, `ICMP: ${in_ntoa(iph.daddr)}: Source Route Failed`);
          break;
      }
      if (icmph.code > NR_ICMP_UNREACH) return SKB_NOT_DROPPED_YET;
      break;
    case ICMP_PARAMETERPROB:
      info = ntohl(icmph.gateway) >>> 24;
      break;
    case ICMP_TIME_EXCEEDED:
      if (icmph.code === ICMP_EXC_FRAGTIME) return SKB_NOT_DROPPED_YET;
      break;
  }
  // RFC 1122 3.2.2.1: whoever answers a broadcast with an error is ignored.
  if (
    net.ipv4.sysctl_icmp_ignore_bogus_error_responses === 0 &&
    inet_addr_type_dev_table(net, skb.dev, iph.daddr) === RTN_BROADCAST
  ) {
    const text = `${in_ntoa(ip_hdr(skb).saddr)} sent an invalid ICMP type ${icmph.type}, code ${icmph.code} error to a broadcast: ${in_ntoa(iph.daddr)} on ${(skb.dev as net_device).name}`;
    pr_info(net.kernel, text);
    return SKB_NOT_DROPPED_YET;
  }
  icmp_socket_deliver(skb, info);
  return SKB_NOT_DROPPED_YET;
}

/** @notrace */
function in_error(net: net, reason: int): int {
  net.mib.icmp_statistics[ICMP_MIB_INERRORS]++;
  return reason;
}

export function icmp_redirect(skb: sk_buff): int {
  const net = (skb.dev as net_device).nd_net;
  if (skb.len < 20) return in_error(net, SKB_DROP_REASON_PKT_TOO_SMALL);
  if (!pskb_may_pull(skb, 20)) return SKB_DROP_REASON_NOT_SPECIFIED;
  icmp_socket_deliver(skb, ntohl(icmp_hdr(skb).gateway));
  return SKB_NOT_DROPPED_YET;
}

/** Answers an echo request with the same data (RFC 1122 3.2.2.6). */
export function icmp_echo(skb: sk_buff): int {
  const net = (skb.dev as net_device).nd_net;
  if (net.ipv4.sysctl_icmp_echo_ignore_all !== 0) return SKB_NOT_DROPPED_YET;
  const icmp_param = new icmp_bxm();
  const th = skb.transport_header;
  icmp_param.data.set(skb.head.subarray(th, th + SIZEOF_ICMPHDR), 0);
  icmp_param.skb = skb;
  icmp_param.offset = 0;
  icmp_param.data_len = skb.len;
  if (icmp_hdr(skb).type === ICMP_ECHO) icmp_param.data[0] = ICMP_ECHOREPLY;
  else return SKB_NOT_DROPPED_YET;
  icmp_reply(icmp_param, skb);
  return SKB_NOT_DROPPED_YET;
}

/** Answers with the time of day (RFC 1122 3.2.2.8). */
export function icmp_timestamp(skb: sk_buff): int {
  const net = (skb.dev as net_device).nd_net;
  if (skb.len < 4) return in_error(net, SKB_DROP_REASON_PKT_TOO_SMALL);
  if (!pskb_may_pull(skb, 4)) return SKB_DROP_REASON_NOT_SPECIFIED;
  const icmp_param = new icmp_bxm();
  const now = inet_current_timestamp(net.kernel);
  const th = skb.transport_header;
  icmp_param.data.set(skb.head.subarray(th, th + SIZEOF_ICMPHDR), 0);
  icmp_param.data[0] = ICMP_TIMESTAMPREPLY;
  icmp_param.data[1] = 0;
  // Its own time, then the time of arrival and of departure.
  icmp_param.data.set(skb.head.subarray(skb.data, skb.data + 4), SIZEOF_ICMPHDR);
  put_be32(icmp_param.data, SIZEOF_ICMPHDR + 4, now);
  put_be32(icmp_param.data, SIZEOF_ICMPHDR + 8, now);
  icmp_param.head_len = SIZEOF_ICMPHDR + 12;
  icmp_reply(icmp_param, skb);
  return SKB_NOT_DROPPED_YET;
}

export function icmp_discard(_skb: sk_buff): int {
  return SKB_NOT_DROPPED_YET;
}

interface icmp_control {
  readonly handler: (skb: sk_buff) => int;
  /** whether the type reports an error */
  readonly error: bool;
}
const discard: icmp_control = { handler: icmp_discard, error: false };
const discard_error: icmp_control = { handler: icmp_discard, error: true };

/** By type: what is done with a message. */
export const icmp_pointers: readonly icmp_control[] = [
  { handler: ping_rcv, error: false },
  discard_error,
  discard_error,
  { handler: icmp_unreach, error: true },
  { handler: icmp_unreach, error: true },
  { handler: icmp_redirect, error: true },
  discard_error,
  discard_error,
  { handler: icmp_echo, error: false },
  discard_error,
  discard_error,
  { handler: icmp_unreach, error: true },
  { handler: icmp_unreach, error: true },
  { handler: icmp_timestamp, error: false },
  discard,
  discard,
  discard,
  discard,
  discard,
];

/** Handler of IPPROTO_ICMP. @returns 0 or 1 (NET_RX_DROP), for delivered */
export function icmp_rcv(skb: sk_buff): int {
  const rt = skb_rtable(skb) as rtable;
  const net = (skb.dev as net_device).nd_net;
  let reason = SKB_DROP_REASON_NOT_SPECIFIED;
  net.mib.icmp_statistics[ICMP_MIB_INMSGS]++;
  if (skb_checksum_simple_validate(skb) !== 0) {
    net.mib.icmp_statistics[ICMP_MIB_CSUMERRORS]++;
    return drop(net, skb, SKB_DROP_REASON_ICMP_CSUM);
  }
  if (!pskb_may_pull(skb, SIZEOF_ICMPHDR)) return drop(net, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
  skb_pull(skb, SIZEOF_ICMPHDR);
  const icmph = icmp_hdr(skb);
  const type = icmph.type;
  net.mib.icmpmsg_statistics[type]++;

  // RFC 8335 probes are off (icmp_echo_enable_probe 0); a reply goes to whoever may have asked.
  if (type === ICMP_EXT_ECHO) return finish(skb, SKB_NOT_DROPPED_YET);
  if (type === ICMP_EXT_ECHOREPLY) {
    reason = ping_rcv(skb);
    return reason !== SKB_NOT_DROPPED_YET ? 1 : 0;
  }
  // RFC 1122 3.2.2: unknown types are silently discarded.
  if (type > NR_ICMP_TYPES) return drop(net, skb, SKB_DROP_REASON_UNHANDLED_PROTO);
  if ((rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
    // RFC 1122 3.2.2.6, 3.2.2.8: a request to a broadcast may be discarded.
    if ((type === ICMP_ECHO || type === ICMP_TIMESTAMP) && net.ipv4.sysctl_icmp_echo_ignore_broadcasts !== 0) {
      return drop(net, skb, SKB_DROP_REASON_INVALID_PROTO);
    }
    if (type !== ICMP_ECHO && type !== ICMP_TIMESTAMP && type !== 17 && type !== 18) {
      return drop(net, skb, SKB_DROP_REASON_INVALID_PROTO);
    }
  }
  reason = icmp_pointers[type].handler(skb);
  // ping_rcv() itself disposes of a reply.
  return type === ICMP_ECHOREPLY ? 0 : finish(skb, reason);
}

/** @notrace */
function finish(skb: sk_buff, reason: int): int {
  if (reason === SKB_NOT_DROPPED_YET) consume_skb(skb);
  else kfree_skb_reason(skb, reason);
  return 0;
}

/** @notrace */
function drop(net: net, skb: sk_buff, reason: int): int {
  net.mib.icmp_statistics[ICMP_MIB_INERRORS]++;
  kfree_skb_reason(skb, reason);
  return 0;
}

/** An ICMP error about an ICMP message of ours. */
export function icmp_err(skb: sk_buff, info: u32): int {
  const iph = new iphdr(skb.head, skb.data);
  const offset = iph.ihl * 4;
  const itype = skb.head[skb.data + offset];
  const net = (skb.dev as net_device).nd_net;
  const type = icmp_hdr(skb).type;
  const code = icmp_hdr(skb).code;
  // All but replies, which the kernel itself sends, are a ping socket's.
  if (itype !== ICMP_ECHOREPLY) {
    ping_err(skb, offset, info);
    return 0;
  }
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) ipv4_update_pmtu(skb, net, info, 0, 1);
  else if (type === ICMP_REDIRECT) ipv4_redirect(skb, net, 0, 1);
  return 0;
}
