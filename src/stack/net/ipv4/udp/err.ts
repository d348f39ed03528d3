// ICMP errors about our datagrams (net/ipv4/udp.c; RFC 1122 4.1.3.3).

import { EHOSTUNREACH, EMSGSIZE, ENOENT, EPROTO } from '../../../include/linux/errno.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  NR_ICMP_UNREACH,
  icmp_hdr,
} from '../../../include/linux/icmp.js';
import { IP_PMTUDISC_DONT } from '../../../include/linux/in.js';
import { iphdr } from '../../../include/linux/ip.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { SIZEOF_UDPHDR, udphdr } from '../../../include/linux/udp.js';
import { INET_FLAGS_RECVERR, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { ICMP_MIB_INERRORS } from '../../../include/net/snmp.js';
import { TCP_ESTABLISHED } from '../../../include/net/tcp_states.js';
import { ip_icmp_error } from '../ip_sockglue.js';
import { ip_flush_pending_frames } from '../ip_output.js';
import { icmp_err_convert } from '../icmp.js';
import { ipv4_sk_redirect, ipv4_sk_update_pmtu } from '../route.js';
import { udp_sk } from '../../../include/linux/udp.js';
import type { sock } from '../../../include/net/sock.js';
import { __udp4_lib_lookup } from './lookup.js';
import type { int, u32 } from '../../../include/linux/types.js';

/** @param skb the ICMP message, its data at the quoted IP header @returns 0, or -ENOENT if there is no such socket */
export function __udp4_lib_err(skb: sk_buff, info: u32): int {
  const iph = new iphdr(skb.head, skb.data);
  const uh = new udphdr(skb.head, skb.data + iph.ihl * 4);
  const type = icmp_hdr(skb).type;
  const code = icmp_hdr(skb).code;
  const dev = skb.dev as net_device;
  const net = dev.nd_net;
  // The quoted datagram went the other way.
  const sk = __udp4_lib_lookup(net, iph.daddr, uh.dest, iph.saddr, uh.source, dev.ifindex, 0, null);
  if (sk === null) {
    net.mib.icmp_statistics[ICMP_MIB_INERRORS]++;
    return -ENOENT;
  }
  let err = 0;
  let harderr = false;
  const inet = inet_sk(sk);
  switch (type) {
    default:
    case ICMP_TIME_EXCEEDED:
      err = EHOSTUNREACH;
      break;
    case ICMP_SOURCE_QUENCH:
      return 0;
    case ICMP_PARAMETERPROB:
      err = EPROTO;
      harderr = true;
      break;
    case ICMP_DEST_UNREACH:
      if (code === ICMP_FRAG_NEEDED) {
        ipv4_sk_update_pmtu(skb, sk, info);
        if (inet.pmtudisc !== IP_PMTUDISC_DONT) {
          err = EMSGSIZE;
          harderr = true;
          break;
        }
        return 0;
      }
      err = EHOSTUNREACH;
      if (code <= NR_ICMP_UNREACH) {
        harderr = icmp_err_convert[code].fatal;
        err = icmp_err_convert[code].errno;
      }
      break;
    case ICMP_REDIRECT:
      ipv4_sk_redirect(skb, sk);
      return 0;
  }
  // BSD passes errors on to connected sockets alone; IP_RECVERR asks for all, without loss.
  if (!inet_test_bit(INET_FLAGS_RECVERR, sk)) {
    if (!harderr || sk.sk_state !== TCP_ESTABLISHED) return 0;
  } else ip_icmp_error(sk, skb, err, uh.dest, info, uh.off + SIZEOF_UDPHDR);
  sk.sk_err = err;
  sk.sk_error_report(sk);
  return 0;
}

export function udp_err(skb: sk_buff, info: u32): int {
  return __udp4_lib_err(skb, info);
}

/** Throws away what is being corked. @EXPORT_SYMBOL */
export function udp_flush_pending_frames(sk: sock): void {
  const up = udp_sk(sk);
  if (up.pending !== 0) {
    up.len = 0;
    up.pending = 0;
    ip_flush_pending_frames(sk);
  }
}
