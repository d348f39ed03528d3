// Accurate ECN: both ends count marks and tell each other the counts, three bits in the header's flags, and counts
// of bytes in an option.
// Read beside: include/net/tcp_ecn.h, net/ipv4/tcp_input.c (tcp_accecn_process); RFC 9768.

import type { sk_buff } from '../../linux/skbuff.js';
import { skb_shinfo } from '../../linux/skbuff.js';
import type { tcp_sock, tcphdr } from '../../linux/tcp.js';
import { tcp_hdr, tcp_sk } from '../../linux/tcp.js';
import type { bool, int, s32, u16, u32, u8 } from '../../linux/types.js';
import { ICSK_ACK_NOW, inet_csk } from '../inet_connection_sock.js';
import {
  INET_ECN_CE,
  INET_ECN_ECT_0,
  INET_ECN_ECT_1,
  INET_ECN_is_ce,
  INET_ECN_is_not_ect,
  INET_ECN_MASK,
  INET_ECN_NOT_ECT,
} from '../inet_ecn.js';
import type { sock } from '../sock.js';
import { sock_net } from '../sock.js';
import {
  TCP_CA_CWR,
  TCP_CA_Open,
  TCP_ECN_MODE_ACCECN,
  TCP_ECN_MODE_ANY,
  TCP_ECN_MODE_RFC3168,
  TCP_ECN_SEEN,
  tcp_is_sack,
  TCP_SKB_CB,
  TCP_SYN_RECV,
  TCPHDR_ACE,
  TCPOLEN_ACCECN_BASE,
  TCPOLEN_ACCECN_PERFIELD,
  TCPOPT_ACCECN0,
  TCPOPT_ACCECN1,
} from '../tcp.js';

/** Every counter begins where a zero would show that somebody on the path clears bits. */
export const TCP_ACCECN_CEP_INIT_OFFSET = 5;
export const TCP_ACCECN_E1B_INIT_OFFSET = 1;
export const TCP_ACCECN_E0B_INIT_OFFSET = 1;
export const TCP_ACCECN_CEB_INIT_OFFSET = 0;
export const TCP_ACCECN_CEP_ACE_MASK = 7;
/** So many marks may wait for being told before the three bits become ambiguous. */
const TCP_ACCECN_ACE_MAX_DELTA = 6;
/** How much smaller than a segment each the marked bytes may be. */
const TCP_ACCECN_SAFETY_SHIFT = 1;
export const TCP_ACCECN_NUMFIELDS = 3;

/** tcp_sock.saw_accecn_opt */
export const TCP_ACCECN_OPT_NOT_SEEN = 0;
export const TCP_ACCECN_OPT_EMPTY_SEEN = 1;
export const TCP_ACCECN_OPT_COUNTER_SEEN = 2;
export const TCP_ACCECN_OPT_FAIL_SEEN = 3;

/** tcp_sock.accecn_fail_mode */
export const TCP_ACCECN_ACE_FAIL_SEND = 1;
export const TCP_ACCECN_ACE_FAIL_RECV = 2;
export const TCP_ACCECN_OPT_FAIL_SEND = 4;
export const TCP_ACCECN_OPT_FAIL_RECV = 8;

/** sysctl tcp_ecn_option: sparingly, and on every segment that has room. */
export const TCP_ACCECN_OPTION_MINIMUM = 1;
export const TCP_ACCECN_OPTION_FULL = 2;

// What tcp_ack() knows of an ACK (FLAG_* of tcp_input.c).
const FLAG_SYN_ACKED = 0x10;
const FLAG_SLOWPATH = 0x100;
const FLAG_FORWARD_PROGRESS = 0x34;
const FLAG_TS_PROGRESS = 0x40000;

/** @notrace */
export function tcp_ecn_mode_any(tp: tcp_sock): bool {
  return (tp.ecn_flags & TCP_ECN_MODE_ANY) !== 0;
}

/** @notrace */
export function tcp_ecn_mode_rfc3168(tp: tcp_sock): bool {
  return (tp.ecn_flags & TCP_ECN_MODE_ANY) === TCP_ECN_MODE_RFC3168;
}

/** @notrace */
export function tcp_ecn_mode_accecn(tp: tcp_sock): bool {
  return (tp.ecn_flags & TCP_ECN_MODE_ANY) === TCP_ECN_MODE_ACCECN;
}

/** @notrace */
export function tcp_ecn_mode_pending(tp: tcp_sock): bool {
  return (tp.ecn_flags & TCP_ECN_MODE_ANY) === TCP_ECN_MODE_ANY;
}

/** @notrace */
export function tcp_ecn_mode_set(tp: tcp_sock, mode: u8): void {
  tp.ecn_flags = (tp.ecn_flags & ~TCP_ECN_MODE_ANY) | mode;
}

/** @notrace */
export function tcp_accecn_fail_mode_set(tp: tcp_sock, mode: u8): void {
  tp.accecn_fail_mode |= mode;
}

/** The three bits of a header: AE, CWR, ECE. @notrace */
export function tcp_accecn_ace(th: tcphdr): u8 {
  return (th.ae << 2) | (th.cwr << 1) | th.ece;
}

/** @notrace */
export function tcp_accecn_syn_requested(th: tcphdr): bool {
  const ace = tcp_accecn_ace(th);
  return ace !== 0 && ace !== 3;
}

/** The flags that tell the peer which ECN field its SYN or SYN-ACK arrived with. @param ect INET_ECN_* */
export function tcp_accecn_reflector_flags(ect: u8): u16 {
  return (ect === INET_ECN_CE ? 6 : ect + 2) << 6;
}

/** The same in a SYN-ACK's header. */
export function tcp_accecn_echo_syn_ect(th: tcphdr, ect: u8): void {
  th.ae = (ect & INET_ECN_ECT_0) !== 0 ? 1 : 0;
  th.cwr = ect !== INET_ECN_ECT_0 ? 1 : 0;
  th.ece = ect === INET_ECN_ECT_1 ? 1 : 0;
}

/** The ECN field that the peer says our SYN or SYN-ACK had. @notrace */
export function tcp_accecn_extract_syn_ect(ace: u8): u8 {
  if ((ace & 1) !== 0) return INET_ECN_ECT_1;
  if ((ace & 2) === 0) return INET_ECN_ECT_0;
  return (ace & 4) !== 0 ? INET_ECN_CE : INET_ECN_NOT_ECT;
}

/** Whether the field can have changed so on an honest path: not at all, or from capable to marked. */
export function tcp_accecn_validate_syn_feedback(sk: sock, ace: u8, sent_ect: u8): bool {
  if (sock_net(sk).ipv4.sysctl_tcp_ecn_fallback === 0) return true;
  const ect = tcp_accecn_extract_syn_ect(ace);
  if (ect === sent_ect || (ect === INET_ECN_CE && sent_ect !== INET_ECN_NOT_ECT)) return true;
  tcp_accecn_fail_mode_set(tcp_sk(sk), TCP_ACCECN_ACE_FAIL_RECV);
  return false;
}

/** Which counter stands i-th in an option: bytes of ECT(0) first, or (order1) of ECT(1). @notrace */
function tcp_accecn_optfield_to_ecnfield(i: u8, order1: bool): u8 {
  if (i === 1) return INET_ECN_CE;
  return (i === 0) === order1 ? INET_ECN_ECT_1 : INET_ECN_ECT_0;
}

/** Fields that an option needs so that this one's counter is in it. @notrace */
function tcp_ecnfield_to_accecn_optfield(ecnfield: u8): u8 {
  if (ecnfield === INET_ECN_ECT_1) return 1;
  return ecnfield === INET_ECN_CE ? 2 : 3;
}

/** @notrace */
function tcp_accecn_field_init_offset(ecnfield: u8): u32 {
  if (ecnfield === INET_ECN_ECT_0) return TCP_ACCECN_E0B_INIT_OFFSET;
  return ecnfield === INET_ECN_ECT_1 ? TCP_ACCECN_E1B_INIT_OFFSET : TCP_ACCECN_CEB_INIT_OFFSET;
}

/** @notrace */
function get24(buf: Uint8Array, at: int): u32 {
  return (buf[at] << 16) | (buf[at + 1] << 8) | buf[at + 2];
}

/**
 * Looks at the first option of the peer.
 * @param opt_offset of the option in the header
 * @returns TCP_ACCECN_OPT_*
 */
export function tcp_accecn_option_init(skb: sk_buff, opt_offset: u8): u8 {
  const th = tcp_hdr(skb);
  const { buf } = th;
  const at = th.off + opt_offset;
  const length = buf[at + 1];
  // With ECT marks off the path an empty one is sent.
  if (length < TCPOLEN_ACCECN_BASE + TCPOLEN_ACCECN_PERFIELD) return TCP_ACCECN_OPT_EMPTY_SEEN;
  const ecnfield = tcp_accecn_optfield_to_ecnfield(0, buf[at] === TCPOPT_ACCECN1);
  // Counters of ECT begin at one: a zero was put there by somebody else.
  return tcp_accecn_field_init_offset(ecnfield) !== 0 && get24(buf, at + 2) === 0
    ? TCP_ACCECN_OPT_FAIL_SEEN
    : TCP_ACCECN_OPT_COUNTER_SEEN;
}

/** Notes what tcp_accecn_option_init() said. @notrace */
export function tcp_accecn_saw_opt_fail_recv(tp: tcp_sock, saw_opt: u8): void {
  tp.saw_accecn_opt = saw_opt;
  if (saw_opt === TCP_ACCECN_OPT_FAIL_SEEN) tcp_accecn_fail_mode_set(tp, TCP_ACCECN_OPT_FAIL_RECV);
}

/** Counters of a connection's bytes by ECN field; made when the connection turns out to use them. */
export function tcp_accecn_init_counters(tp: tcp_sock): void {
  tp.received_ce = 0;
  tp.received_ce_pending = 0;
  tp.received_ecn_bytes = [0, 0, 0];
  tp.delivered_ecn_bytes = [0, 0, 0];
  tp.accecn_minlen = 0;
  tp.accecn_opt_demand = 0;
  tp.est_ecnfield = 0;
}

/** Asks for the option on at least so many of the next segments. @notrace */
export function tcp_accecn_opt_demand_min(sk: sock, opt_demand_min: u8): void {
  const tp = tcp_sk(sk);
  tp.accecn_opt_demand = Math.max(opt_demand_min, tp.accecn_opt_demand);
}

/** Counts the IP header's mark of a segment that was taken in. @param len bytes of payload */
export function tcp_ecn_received_counters(sk: sock, skb: sk_buff, len: u32): void {
  const tp = tcp_sk(sk);
  if (!tcp_ecn_mode_accecn(tp)) return;
  const ecnfield = TCP_SKB_CB(skb).ip_dsfield & INET_ECN_MASK;
  const is_ce = INET_ECN_is_ce(ecnfield);
  if (!INET_ECN_is_not_ect(ecnfield)) {
    tp.ecn_flags |= TCP_ECN_SEEN;
    if (is_ce) {
      const pcount = Math.max(1, skb_shinfo(skb).gso_segs);
      tp.received_ce = (tp.received_ce + pcount) >>> 0;
      tp.received_ce_pending = Math.min(tp.received_ce_pending + pcount, 15);
    }
    if (len > 0) {
      const before = tp.received_ecn_bytes[ecnfield - 1];
      const bytes = (before + len) >>> 0;
      tp.received_ecn_bytes[ecnfield - 1] = bytes;
      tp.accecn_minlen = Math.max(tp.accecn_minlen, tcp_ecnfield_to_accecn_optfield(ecnfield));
      // Half a wrap of a counter of 24 bits must not go by unseen.
      if (bytes >>> 22 !== before >>> 22) tcp_accecn_opt_demand_min(sk, 1);
    }
  }
  const ecn_edge = tp.prev_ecnfield !== ecnfield;
  if (ecn_edge || is_ce) {
    tp.prev_ecnfield = ecnfield;
    // The sender is to learn at once where marking began or ended; of two ACKs the second tells for certain.
    if (ecn_edge) inet_csk(sk).icsk_ack.pending |= ICSK_ACK_NOW;
    tp.accecn_opt_demand = 2;
  }
}

/** @notrace */
export function tcp_ecn_received_counters_payload(sk: sock, skb: sk_buff): void {
  tcp_ecn_received_counters(sk, skb, skb.len - tcp_hdr(skb).doff * 4);
}

/** The count of marks into the header, unless the flags already bear the answer to a SYN-ACK. */
export function tcp_accecn_set_ace(tp: tcp_sock, skb: sk_buff, th: tcphdr): void {
  if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_ACE) !== 0) return;
  const wire_ace = tp.received_ce + TCP_ACCECN_CEP_INIT_OFFSET;
  th.ece = wire_ace & 1;
  th.cwr = (wire_ace >>> 1) & 1;
  th.ae = (wire_ace >>> 2) & 1;
  tp.received_ce_pending = 0;
}

/** What the ACK of our SYN-ACK says of it. @param sent_ect the ECN field that the SYN-ACK was sent with */
export function tcp_accecn_third_ack(sk: sock, skb: sk_buff, sent_ect: u8): void {
  const tp = tcp_sk(sk);
  const ace = tcp_accecn_ace(tcp_hdr(skb));
  if (ace === 0) {
    tcp_accecn_fail_mode_set(tp, TCP_ACCECN_ACE_FAIL_RECV);
    return;
  }
  // Values without a meaning here, and those of a segment that is not the bare ACK.
  if (ace === 1 || ace === 5 || ace === 7) return;
  const cb = TCP_SKB_CB(skb);
  if (cb.seq !== cb.end_seq || cb.sacked !== 0) return;
  if (!tcp_accecn_validate_syn_feedback(sk, ace, sent_ect)) return;
  if (tcp_accecn_extract_syn_ect(ace) === INET_ECN_CE && tp.delivered_ce === 0) tp.delivered_ce++;
}

/** One counter of 24 bits of an option. @returns by how much it grew */
function tcp_update_ecn_bytes(counts: u32[], index: int, wire: u32, init_offset: u32): s32 {
  const ecn_bytes = (wire - init_offset) & 0xffffff;
  const delta = ((ecn_bytes - counts[index]) << 8) >> 8;
  counts[index] = (counts[index] + delta) >>> 0;
  return delta;
}

/**
 * Takes in the byte counts of an ACK's option, or estimates them where it has none.
 * @param delivered_bytes newly (selectively) acknowledged
 * @returns whether the counts are up to date
 */
export function tcp_accecn_process_option(tp: tcp_sock, skb: sk_buff, delivered_bytes: u32, flag: int): bool {
  if ((tp.accecn_fail_mode & TCP_ACCECN_OPT_FAIL_RECV) !== 0) return false;
  if ((flag & FLAG_SLOWPATH) === 0 || tp.rx_opt.accecn === 0) {
    if (tp.saw_accecn_opt === TCP_ACCECN_OPT_NOT_SEEN) {
      // A counter may have wrapped by now: too late to begin with options.
      if (tp.bytes_sent >= 2 ** 23 - 1) tcp_accecn_saw_opt_fail_recv(tp, TCP_ACCECN_OPT_FAIL_SEEN);
      return false;
    }
    if (tp.est_ecnfield === 0) return false;
    // All of one kind so far: most likely these, too.
    tp.delivered_ecn_bytes[tp.est_ecnfield - 1] = (tp.delivered_ecn_bytes[tp.est_ecnfield - 1] + delivered_bytes) >>> 0;
    return true;
  }
  const th = tcp_hdr(skb);
  const { buf } = th;
  const at = th.off + tp.rx_opt.accecn;
  const order1 = buf[at] === TCPOPT_ACCECN1;
  if (!order1 && buf[at] !== TCPOPT_ACCECN0) return false;
  if (tp.saw_accecn_opt < TCP_ACCECN_OPT_COUNTER_SEEN)
    tcp_accecn_saw_opt_fail_recv(tp, tcp_accecn_option_init(skb, tp.rx_opt.accecn));

  const fields = Math.floor((buf[at + 1] - TCPOLEN_ACCECN_BASE) / TCPOLEN_ACCECN_PERFIELD);
  let res = tp.est_ecnfield !== 0;
  let first_changed = true;
  let ambiguous = false;
  for (let i = 0; i < Math.min(fields, TCP_ACCECN_NUMFIELDS); i++) {
    const ecnfield = tcp_accecn_optfield_to_ecnfield(i, order1);
    const wire = get24(buf, at + TCPOLEN_ACCECN_BASE + i * TCPOLEN_ACCECN_PERFIELD);
    const offset = tcp_accecn_field_init_offset(ecnfield);
    const delta = tcp_update_ecn_bytes(tp.delivered_ecn_bytes, ecnfield - 1, wire, offset);
    if (delta === 0) continue;
    if (delta < 0) {
      res = false;
      ambiguous = true;
    }
    if (ecnfield !== tp.est_ecnfield) {
      if (first_changed) tp.est_ecnfield = ecnfield;
      else ambiguous = true;
      first_changed = false;
      res = true;
    }
  }
  if (ambiguous) tp.est_ecnfield = 0;
  return res;
}

/** @returns segments newly marked */
export function __tcp_accecn_process(
  sk: sock,
  skb: sk_buff,
  delivered_pkts: u32,
  delivered_bytes: u32,
  flag: int,
): u32 {
  const tp = tcp_sk(sk);
  // A reordered ACK would count backwards.
  if ((flag & (FLAG_FORWARD_PROGRESS | FLAG_TS_PROGRESS)) === 0) return 0;
  // In the handshake the bits mean something else.
  if ((flag & FLAG_SYN_ACKED) !== 0 || sk.sk_state === TCP_SYN_RECV) return 0;
  const old_ceb = tp.delivered_ecn_bytes[INET_ECN_CE - 1];
  const opt_deltas_valid = tcp_accecn_process_option(tp, skb, delivered_bytes, flag);
  // The fast path has compared the bits: only so many segments that they can have gone round need thought.
  if ((flag & FLAG_SLOWPATH) === 0 && delivered_pkts <= TCP_ACCECN_CEP_ACE_MASK) return 0;
  if (tp.received_ce_pending >= TCP_ACCECN_ACE_MAX_DELTA) inet_csk(sk).icsk_ack.pending |= ICSK_ACK_NOW;

  const corrected_ace = tcp_accecn_ace(tcp_hdr(skb)) - TCP_ACCECN_CEP_INIT_OFFSET;
  const delta = (corrected_ace - tp.delivered_ce) & TCP_ACCECN_CEP_ACE_MASK;
  if (delivered_pkts <= TCP_ACCECN_CEP_ACE_MASK) return delta;
  // As many as there can be with these three bits.
  const safe_delta = delivered_pkts - ((delivered_pkts - delta) & TCP_ACCECN_CEP_ACE_MASK);
  if (!opt_deltas_valid) return safe_delta;
  const d_ceb = tp.delivered_ecn_bytes[INET_ECN_CE - 1] - old_ceb;
  if (d_ceb === 0) return delta;
  const orderly = tcp_is_sack(tp) || tp.icsk_ca_state === TCP_CA_Open || tp.icsk_ca_state === TCP_CA_CWR;
  if (delivered_pkts >= (TCP_ACCECN_CEP_ACE_MASK + 1) * 2 && orderly) {
    if (delivered_bytes <= d_ceb) return safe_delta;
    const est_d_cep = Math.ceil((d_ceb * delivered_pkts) / delivered_bytes);
    return Math.min(safe_delta, delta + (est_d_cep & ~TCP_ACCECN_CEP_ACE_MASK));
  }
  if (d_ceb > delta * tp.mss_cache) return safe_delta;
  if (d_ceb < (safe_delta * tp.mss_cache) >>> TCP_ACCECN_SAFETY_SHIFT) return delta;
  return safe_delta;
}
