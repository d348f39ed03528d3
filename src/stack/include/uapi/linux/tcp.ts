/**
 * TCP's socket options and struct tcp_info as programs see them.
 *
 * Read beside it: include/uapi/linux/tcp.h, tcp(7).
 */
import type { u16, u32, u64, u8 } from '../../linux/types.js';

export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_CORK = 3;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_SYNCNT = 7;
export const TCP_LINGER2 = 8;
export const TCP_DEFER_ACCEPT = 9;
export const TCP_WINDOW_CLAMP = 10;
export const TCP_INFO = 11;
export const TCP_QUICKACK = 12;
export const TCP_CONGESTION = 13;
export const TCP_MD5SIG = 14;
export const TCP_THIN_LINEAR_TIMEOUTS = 16;
export const TCP_THIN_DUPACK = 17;
export const TCP_USER_TIMEOUT = 18;
export const TCP_REPAIR = 19;
export const TCP_REPAIR_QUEUE = 20;
export const TCP_QUEUE_SEQ = 21;
export const TCP_REPAIR_OPTIONS = 22;
export const TCP_FASTOPEN = 23;
export const TCP_TIMESTAMP = 24;
export const TCP_NOTSENT_LOWAT = 25;
export const TCP_CC_INFO = 26;
export const TCP_SAVE_SYN = 27;
export const TCP_SAVED_SYN = 28;
export const TCP_REPAIR_WINDOW = 29;
export const TCP_FASTOPEN_CONNECT = 30;
export const TCP_ULP = 31;
export const TCP_MD5SIG_EXT = 32;
export const TCP_FASTOPEN_KEY = 33;
export const TCP_FASTOPEN_NO_COOKIE = 34;
export const TCP_ZEROCOPY_RECEIVE = 35;
export const TCP_INQ = 36;
export const TCP_CM_INQ = TCP_INQ;
export const TCP_TX_DELAY = 37;
export const TCP_IS_MPTCP = 43;
export const TCP_RTO_MAX_MS = 44;
export const TCP_RTO_MIN_US = 45;
export const TCP_DELACK_MAX_US = 46;

export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;
export const TCPI_OPT_ECN_SEEN = 16;
export const TCPI_OPT_SYN_DATA = 32;
export const TCPI_OPT_USEC_TS = 64;
export const TCPI_OPT_TFO_CHILD = 128;

/** Values of tcpi_fastopen_client_fail. */
export const TFO_STATUS_UNSPEC = 0;
export const TFO_COOKIE_UNAVAILABLE = 1;
export const TFO_DATA_NOT_ACKED = 2;
export const TFO_SYN_RETRANSMITTED = 3;

/** Times in µs but the four tcpi_last_*, which are ms. */
export class tcp_info {
  tcpi_state: u8 = 0;
  tcpi_ca_state: u8 = 0;
  tcpi_retransmits: u8 = 0;
  tcpi_probes: u8 = 0;
  tcpi_backoff: u8 = 0;
  tcpi_options: u8 = 0;
  tcpi_snd_wscale: u8 = 0;
  tcpi_rcv_wscale: u8 = 0;
  tcpi_delivery_rate_app_limited: u8 = 0;
  tcpi_fastopen_client_fail: u8 = 0;
  tcpi_rto: u32 = 0;
  tcpi_ato: u32 = 0;
  tcpi_snd_mss: u32 = 0;
  tcpi_rcv_mss: u32 = 0;
  tcpi_unacked: u32 = 0;
  tcpi_sacked: u32 = 0;
  tcpi_lost: u32 = 0;
  tcpi_retrans: u32 = 0;
  tcpi_fackets: u32 = 0;
  tcpi_last_data_sent: u32 = 0;
  tcpi_last_ack_sent: u32 = 0;
  tcpi_last_data_recv: u32 = 0;
  tcpi_last_ack_recv: u32 = 0;
  tcpi_pmtu: u32 = 0;
  tcpi_rcv_ssthresh: u32 = 0;
  tcpi_rtt: u32 = 0;
  tcpi_rttvar: u32 = 0;
  tcpi_snd_ssthresh: u32 = 0;
  tcpi_snd_cwnd: u32 = 0;
  tcpi_advmss: u32 = 0;
  tcpi_reordering: u32 = 0;
  tcpi_rcv_rtt: u32 = 0;
  tcpi_rcv_space: u32 = 0;
  tcpi_total_retrans: u32 = 0;
  /** Bytes per second; Infinity when there is no limit. */
  tcpi_pacing_rate: u64 = 0;
  tcpi_max_pacing_rate: u64 = 0;
  tcpi_bytes_acked: u64 = 0;
  tcpi_bytes_received: u64 = 0;
  tcpi_segs_out: u32 = 0;
  tcpi_segs_in: u32 = 0;
  tcpi_notsent_bytes: u32 = 0;
  tcpi_min_rtt: u32 = 0;
  tcpi_data_segs_in: u32 = 0;
  tcpi_data_segs_out: u32 = 0;
  tcpi_delivery_rate: u64 = 0;
  tcpi_busy_time: u64 = 0;
  tcpi_rwnd_limited: u64 = 0;
  tcpi_sndbuf_limited: u64 = 0;
  tcpi_delivered: u32 = 0;
  tcpi_delivered_ce: u32 = 0;
  tcpi_bytes_sent: u64 = 0;
  tcpi_bytes_retrans: u64 = 0;
  tcpi_dsack_dups: u32 = 0;
  tcpi_reord_seen: u32 = 0;
  tcpi_rcv_ooopack: u32 = 0;
  tcpi_snd_wnd: u32 = 0;
  tcpi_rcv_wnd: u32 = 0;
  tcpi_rehash: u32 = 0;
  tcpi_total_rto: u16 = 0;
  tcpi_total_rto_recoveries: u16 = 0;
  tcpi_total_rto_time: u32 = 0;
  /** Accurate ECN: segments and bytes by mark, as they came and as the peer told of ours. */
  tcpi_received_ce: u32 = 0;
  tcpi_delivered_e1_bytes: u32 = 0;
  tcpi_delivered_e0_bytes: u32 = 0;
  tcpi_delivered_ce_bytes: u32 = 0;
  tcpi_received_e1_bytes: u32 = 0;
  tcpi_received_e0_bytes: u32 = 0;
  tcpi_received_ce_bytes: u32 = 0;
  tcpi_accecn_fail_mode: u16 = 0;
  tcpi_accecn_opt_seen: u16 = 0;
}

/** Bytes of struct tcp_info. */
export const sizeof_tcp_info = 280;

/** Offset and width of each field but the bit fields of bytes 6 and 7. */
const LAYOUT: readonly (readonly [keyof tcp_info, number, 1 | 2 | 4 | 8])[] = [
  ['tcpi_state', 0, 1],
  ['tcpi_ca_state', 1, 1],
  ['tcpi_retransmits', 2, 1],
  ['tcpi_probes', 3, 1],
  ['tcpi_backoff', 4, 1],
  ['tcpi_options', 5, 1],
  ['tcpi_rto', 8, 4],
  ['tcpi_ato', 12, 4],
  ['tcpi_snd_mss', 16, 4],
  ['tcpi_rcv_mss', 20, 4],
  ['tcpi_unacked', 24, 4],
  ['tcpi_sacked', 28, 4],
  ['tcpi_lost', 32, 4],
  ['tcpi_retrans', 36, 4],
  ['tcpi_fackets', 40, 4],
  ['tcpi_last_data_sent', 44, 4],
  ['tcpi_last_ack_sent', 48, 4],
  ['tcpi_last_data_recv', 52, 4],
  ['tcpi_last_ack_recv', 56, 4],
  ['tcpi_pmtu', 60, 4],
  ['tcpi_rcv_ssthresh', 64, 4],
  ['tcpi_rtt', 68, 4],
  ['tcpi_rttvar', 72, 4],
  ['tcpi_snd_ssthresh', 76, 4],
  ['tcpi_snd_cwnd', 80, 4],
  ['tcpi_advmss', 84, 4],
  ['tcpi_reordering', 88, 4],
  ['tcpi_rcv_rtt', 92, 4],
  ['tcpi_rcv_space', 96, 4],
  ['tcpi_total_retrans', 100, 4],
  ['tcpi_pacing_rate', 104, 8],
  ['tcpi_max_pacing_rate', 112, 8],
  ['tcpi_bytes_acked', 120, 8],
  ['tcpi_bytes_received', 128, 8],
  ['tcpi_segs_out', 136, 4],
  ['tcpi_segs_in', 140, 4],
  ['tcpi_notsent_bytes', 144, 4],
  ['tcpi_min_rtt', 148, 4],
  ['tcpi_data_segs_in', 152, 4],
  ['tcpi_data_segs_out', 156, 4],
  ['tcpi_delivery_rate', 160, 8],
  ['tcpi_busy_time', 168, 8],
  ['tcpi_rwnd_limited', 176, 8],
  ['tcpi_sndbuf_limited', 184, 8],
  ['tcpi_delivered', 192, 4],
  ['tcpi_delivered_ce', 196, 4],
  ['tcpi_bytes_sent', 200, 8],
  ['tcpi_bytes_retrans', 208, 8],
  ['tcpi_dsack_dups', 216, 4],
  ['tcpi_reord_seen', 220, 4],
  ['tcpi_rcv_ooopack', 224, 4],
  ['tcpi_snd_wnd', 228, 4],
  ['tcpi_rcv_wnd', 232, 4],
  ['tcpi_rehash', 236, 4],
  ['tcpi_total_rto', 240, 2],
  ['tcpi_total_rto_recoveries', 242, 2],
  ['tcpi_total_rto_time', 244, 4],
  ['tcpi_received_ce', 248, 4],
  ['tcpi_delivered_e1_bytes', 252, 4],
  ['tcpi_delivered_e0_bytes', 256, 4],
  ['tcpi_delivered_ce_bytes', 260, 4],
  ['tcpi_received_e1_bytes', 264, 4],
  ['tcpi_received_e0_bytes', 268, 4],
  ['tcpi_received_ce_bytes', 272, 4],
  ['tcpi_accecn_fail_mode', 276, 2],
  ['tcpi_accecn_opt_seen', 278, 2],
];

/** The structure's bytes, little-endian, as a program of x86 gets them. @notrace */
export function tcp_info_bytes(info: tcp_info): Uint8Array {
  const bytes = new Uint8Array(sizeof_tcp_info);
  const view = new DataView(bytes.buffer);
  for (const [field, offset, width] of LAYOUT) {
    const value = info[field];
    if (width === 1) view.setUint8(offset, value);
    else if (width === 2) view.setUint16(offset, value, true);
    else if (width === 4) view.setUint32(offset, value, true);
    else view.setBigUint64(offset, Number.isFinite(value) ? BigInt(Math.trunc(value)) : (1n << 64n) - 1n, true);
  }
  bytes[6] = (info.tcpi_snd_wscale & 15) | (info.tcpi_rcv_wscale << 4);
  bytes[7] = (info.tcpi_delivery_rate_app_limited & 1) | (info.tcpi_fastopen_client_fail << 1);
  return bytes;
}

/** The structure out of its bytes; a short buffer leaves the rest zero. @notrace */
export function tcp_info_parse(bytes: Uint8Array): tcp_info {
  const info = new tcp_info();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [field, offset, width] of LAYOUT) {
    if (offset + width > bytes.length) continue;
    if (width === 1) info[field] = view.getUint8(offset);
    else if (width === 2) info[field] = view.getUint16(offset, true);
    else if (width === 4) info[field] = view.getUint32(offset, true);
    else info[field] = Number(view.getBigUint64(offset, true));
  }
  if (bytes.length > 7) {
    info.tcpi_snd_wscale = bytes[6] & 15;
    info.tcpi_rcv_wscale = bytes[6] >> 4;
    info.tcpi_delivery_rate_app_limited = bytes[7] & 1;
    info.tcpi_fastopen_client_fail = (bytes[7] >> 1) & 3;
  }
  return info;
}
