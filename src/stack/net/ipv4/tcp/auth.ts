/**
 * Signed segments. No socket here has keys, so whatever is signed is refused.
 *
 * Read beside it: net/ipv4/tcp.c (tcp_inbound_hash); RFC 2385. Left out: keys, and TCP-AO (RFC 5925), as in a
 * kernel without CONFIG_TCP_AO.
 */
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sizeof_tcphdr, tcphdr } from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_TCP_AUTH_HDR,
  SKB_DROP_REASON_TCP_MD5UNEXPECTED,
  SKB_NOT_DROPPED_YET,
} from '../../../include/net/dropreason.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPMD5UNEXPECTED } from '../../../include/net/snmp.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCPOLEN_TIMESTAMP, TCPOLEN_TSTAMP_ALIGNED, TCPOPT_NOP, TCPOPT_TIMESTAMP } from '../../../include/net/tcp.js';
import { tcp_do_parse_auth_options } from '../tcp_input/options.js';

/** A segment with nothing but a time stamp, or no option at all: most are. @notrace */
function unsigned(th: tcphdr): boolean {
  const { buf, doff } = th;
  const at = th.off + sizeof_tcphdr;
  return (
    doff * 4 === sizeof_tcphdr ||
    (doff * 4 === sizeof_tcphdr + TCPOLEN_TSTAMP_ALIGNED &&
      buf[at] === TCPOPT_NOP &&
      buf[at + 1] === TCPOPT_NOP &&
      buf[at + 2] === TCPOPT_TIMESTAMP &&
      buf[at + 3] === TCPOLEN_TIMESTAMP)
  );
}

/** A segment signed with MD5 for which there is no key. @returns a drop reason */
function tcp_inbound_md5_hash(sk: sock): int {
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMD5UNEXPECTED);
  return SKB_DROP_REASON_TCP_MD5UNEXPECTED;
}

/**
 * Whether a segment's signature, or the lack of one, is what its socket wants.
 * @param skb with its header at data
 * @returns 0, or a drop reason
 * @EXPORT_SYMBOL
 */
export function tcp_inbound_hash(sk: sock, skb: sk_buff): int {
  const th = new tcphdr(skb.head, skb.data);
  if (unsigned(th)) return SKB_NOT_DROPPED_YET;
  const md5_hash = { value: -1 };
  if (tcp_do_parse_auth_options(th, md5_hash) !== 0) return SKB_DROP_REASON_TCP_AUTH_HDR;
  return md5_hash.value < 0 ? SKB_NOT_DROPPED_YET : tcp_inbound_md5_hash(sk);
}
