// Reading the options of a segment.
// Read beside: net/ipv4/tcp_input.c (tcp_parse_options); RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413.
// Left out: AO, MPTCP, SMC.

import type { net } from '../../../include/net/net_namespace.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_fastopen_cookie, tcp_options_received, tcp_sock, tcphdr } from '../../../include/linux/tcp.js';
import {
  sizeof_tcphdr,
  TCP_FASTOPEN_COOKIE_MAX,
  TCP_FASTOPEN_COOKIE_MIN,
  tcp_hdr,
  TCP_SACK_SEEN,
} from '../../../include/linux/tcp.js';
import { EEXIST, EINVAL } from '../../../include/linux/errno.js';
import type { bool, int, u16, u32, u8 } from '../../../include/linux/types.js';
import {
  TCP_MAX_WSCALE,
  tcp_sack_reset,
  TCP_SKB_CB,
  TCPOLEN_EXP_FASTOPEN_BASE,
  TCPOLEN_FASTOPEN_BASE,
  TCPOLEN_MD5SIG,
  TCPOLEN_MSS,
  TCPOLEN_SACK_BASE,
  TCPOLEN_SACK_PERBLOCK,
  TCPOLEN_SACK_PERM,
  TCPOLEN_TIMESTAMP,
  TCPOLEN_TSTAMP_ALIGNED,
  TCPOLEN_WINDOW,
  TCPOPT_ACCECN0,
  TCPOPT_ACCECN1,
  TCPOPT_EOL,
  TCPOPT_EXP,
  TCPOPT_FASTOPEN,
  TCPOPT_FASTOPEN_MAGIC,
  TCPOPT_MD5SIG,
  TCPOPT_MSS,
  TCPOPT_NOP,
  TCPOPT_SACK,
  TCPOPT_SACK_PERM,
  TCPOPT_TIMESTAMP,
  TCPOPT_WINDOW,
} from '../../../include/net/tcp.js';

/** @notrace */
function be16(b: Uint8Array, p: number): u16 {
  return (b[p] << 8) | b[p + 1];
}
/** @notrace */
function be32(b: Uint8Array, p: number): u32 {
  return ((b[p] << 24) | (b[p + 1] << 16) | (b[p + 2] << 8) | b[p + 3]) >>> 0;
}

/** @param cookie offset of the cookie in buf @param len its bytes */
export function tcp_parse_fastopen_option(
  len: int,
  buf: Uint8Array,
  cookie: int,
  syn: bool,
  foc: tcp_fastopen_cookie | null,
  exp_opt: bool,
): void {
  if (foc === null || !syn || len < 0 || (len & 1) !== 0) return;
  if (len >= TCP_FASTOPEN_COOKIE_MIN && len <= TCP_FASTOPEN_COOKIE_MAX) {
    for (let i = 0; i < len; i++) foc.val[i] = buf[cookie + i];
  } else if (len !== 0) {
    len = -1;
  }
  foc.len = len;
  foc.exp = exp_opt;
}

/** The MSS option of a SYN alone, 0 if there is none. @param user_mss upper limit, 0 for none @EXPORT_SYMBOL */
export function tcp_parse_mss_option(th: tcphdr, user_mss: u16): u16 {
  const buf = th.buf;
  let length = th.doff * 4 - sizeof_tcphdr;
  let ptr = th.off + sizeof_tcphdr;
  let mss = 0;
  while (length > 0) {
    const opcode = buf[ptr++];
    if (opcode === TCPOPT_EOL) return mss;
    if (opcode === TCPOPT_NOP) {
      length--;
      continue;
    }
    if (length < 2) return mss;
    const opsize = buf[ptr++];
    if (opsize < 2 || opsize > length) return mss;
    if (opcode === TCPOPT_MSS && opsize === TCPOLEN_MSS) {
      const in_mss = be16(buf, ptr);
      if (in_mss !== 0) mss = user_mss !== 0 && user_mss < in_mss ? user_mss : in_mss;
    }
    ptr += opsize - 2;
    length -= opsize;
  }
  return mss;
}

/**
 * Reads all options.
 * @param estab whether the connection exists: only what was agreed in the handshake counts
 * @param foc out: Fast Open cookie of a SYN
 * @EXPORT_SYMBOL
 */
export function tcp_parse_options(
  net: net,
  skb: sk_buff,
  opt_rx: tcp_options_received,
  estab: int,
  foc: tcp_fastopen_cookie | null,
): void {
  const th = tcp_hdr(skb);
  const buf = th.buf;
  const ipv4 = net.ipv4;
  const syn = th.syn !== 0;
  let length = th.doff * 4 - sizeof_tcphdr;
  let ptr = th.off + sizeof_tcphdr;
  opt_rx.saw_tstamp = 0;
  opt_rx.saw_unknown = 0;
  opt_rx.accecn = 0;
  while (length > 0) {
    const opcode: u8 = buf[ptr++];
    if (opcode === TCPOPT_EOL) return;
    if (opcode === TCPOPT_NOP) {
      length--;
      continue;
    }
    if (length < 2) return;
    const opsize: u8 = buf[ptr++];
    if (opsize < 2 || opsize > length) return;
    switch (opcode) {
      case TCPOPT_MSS:
        if (opsize === TCPOLEN_MSS && syn && estab === 0) {
          let in_mss = be16(buf, ptr);
          if (in_mss !== 0) {
            if (opt_rx.user_mss !== 0 && opt_rx.user_mss < in_mss) in_mss = opt_rx.user_mss;
            opt_rx.mss_clamp = in_mss;
          }
        }
        break;
      case TCPOPT_WINDOW:
        if (opsize === TCPOLEN_WINDOW && syn && estab === 0 && ipv4.sysctl_tcp_window_scaling !== 0) {
          opt_rx.wscale_ok = 1;
          opt_rx.snd_wscale = Math.min(buf[ptr], TCP_MAX_WSCALE);
        }
        break;
      case TCPOPT_TIMESTAMP:
        if (opsize === TCPOLEN_TIMESTAMP && (estab !== 0 ? opt_rx.tstamp_ok !== 0 : ipv4.sysctl_tcp_timestamps !== 0)) {
          opt_rx.saw_tstamp = 1;
          opt_rx.rcv_tsval = be32(buf, ptr);
          opt_rx.rcv_tsecr = be32(buf, ptr + 4);
        }
        break;
      case TCPOPT_SACK_PERM:
        if (opsize === TCPOLEN_SACK_PERM && syn && estab === 0 && ipv4.sysctl_tcp_sack !== 0) {
          opt_rx.sack_ok = TCP_SACK_SEEN;
          tcp_sack_reset(opt_rx);
        }
        break;
      case TCPOPT_SACK:
        if (
          opsize >= TCPOLEN_SACK_BASE + TCPOLEN_SACK_PERBLOCK &&
          (opsize - TCPOLEN_SACK_BASE) % TCPOLEN_SACK_PERBLOCK === 0 &&
          opt_rx.sack_ok !== 0
        )
          TCP_SKB_CB(skb).sacked = ptr - 2 - th.off;
        break;
      case TCPOPT_ACCECN0:
      case TCPOPT_ACCECN1:
        opt_rx.accecn = ptr - 2 - th.off;
        break;
      case TCPOPT_FASTOPEN:
        tcp_parse_fastopen_option(opsize - TCPOLEN_FASTOPEN_BASE, buf, ptr, syn, foc, false);
        break;
      case TCPOPT_EXP:
        // Experimental options share a number; two bytes of their own tell them apart (RFC 6994).
        if (opsize >= TCPOLEN_EXP_FASTOPEN_BASE && be16(buf, ptr) === TCPOPT_FASTOPEN_MAGIC)
          tcp_parse_fastopen_option(opsize - TCPOLEN_EXP_FASTOPEN_BASE, buf, ptr + 2, syn, foc, true);
        else opt_rx.saw_unknown = 1;
        break;
      default:
        opt_rx.saw_unknown = 1;
    }
    ptr += opsize - 2;
    length -= opsize;
  }
}

/** The usual case: two NOPs and a time stamp, nothing else. @returns whether it is that */
export function tcp_parse_aligned_timestamp(tp: tcp_sock, th: tcphdr): bool {
  const b = th.buf;
  const p = th.off + sizeof_tcphdr;
  if (b[p] !== TCPOPT_NOP || b[p + 1] !== TCPOPT_NOP || b[p + 2] !== TCPOPT_TIMESTAMP || b[p + 3] !== TCPOLEN_TIMESTAMP)
    return false;
  const opt = tp.rx_opt;
  opt.accecn = 0;
  opt.saw_tstamp = 1;
  opt.rcv_tsval = be32(b, p + 4);
  const ecr = be32(b, p + 8);
  opt.rcv_tsecr = ecr !== 0 ? (ecr - tp.tsoffset) >>> 0 : 0;
  return true;
}

/** Options of a segment of a connection. @returns false if there are none */
export function tcp_fast_parse_options(net: net, skb: sk_buff, th: tcphdr, tp: tcp_sock): bool {
  const doff = th.doff;
  if (doff === sizeof_tcphdr / 4) {
    tp.rx_opt.accecn = 0;
    tp.rx_opt.saw_tstamp = 0;
    return false;
  }
  if (
    tp.rx_opt.tstamp_ok !== 0 &&
    doff === (sizeof_tcphdr + TCPOLEN_TSTAMP_ALIGNED) / 4 &&
    tcp_parse_aligned_timestamp(tp, th)
  )
    return true;
  tcp_parse_options(net, skb, tp.rx_opt, 1, null);
  if (tp.rx_opt.saw_tstamp !== 0 && tp.rx_opt.rcv_tsecr !== 0)
    tp.rx_opt.rcv_tsecr = (tp.rx_opt.rcv_tsecr - tp.tsoffset) >>> 0;
  return true;
}

/**
 * Finds the signature of a segment.
 * @param md5_hash out: offset of the MD5 digest in the header's buffer, unchanged if there is none
 * @returns 0, -EINVAL for a malformed option, -EEXIST for two signatures
 */
export function tcp_do_parse_auth_options(th: tcphdr, md5_hash: { value: int }): int {
  const { buf } = th;
  let length = th.doff * 4 - sizeof_tcphdr;
  let ptr = th.off + sizeof_tcphdr;
  while (length > 0) {
    const opcode: u8 = buf[ptr++];
    if (opcode === TCPOPT_EOL) return 0;
    if (opcode === TCPOPT_NOP) {
      length--;
      continue;
    }
    if (length < 2) return -EINVAL;
    const opsize: u8 = buf[ptr++];
    if (opsize < 2 || opsize > length) return -EINVAL;
    if (opcode === TCPOPT_MD5SIG) {
      if (opsize !== TCPOLEN_MD5SIG) return -EINVAL;
      if (md5_hash.value >= 0) return -EEXIST;
      md5_hash.value = ptr;
    }
    ptr += opsize - 2;
    length -= opsize;
  }
  return 0;
}
