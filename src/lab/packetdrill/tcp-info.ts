// struct tcp_info as %{ … }% blocks see it: tcpi_snd_cwnd and so on, from the bytes that getsockopt(TCP_INFO)
// gives (include/uapi/linux/tcp.h), and the constants that scripts compare with.

/** Fields in order: name and width in bytes. The bit fields behind tcpi_options are read apart. */
const FIELDS: readonly (readonly [name: string, width: 1 | 2 | 4 | 8])[] = [
  ['tcpi_state', 1],
  ['tcpi_ca_state', 1],
  ['tcpi_retransmits', 1],
  ['tcpi_probes', 1],
  ['tcpi_backoff', 1],
  ['tcpi_options', 1],
  ['tcpi_wscales', 1],
  ['tcpi_bits', 1],
  ['tcpi_rto', 4],
  ['tcpi_ato', 4],
  ['tcpi_snd_mss', 4],
  ['tcpi_rcv_mss', 4],
  ['tcpi_unacked', 4],
  ['tcpi_sacked', 4],
  ['tcpi_lost', 4],
  ['tcpi_retrans', 4],
  ['tcpi_fackets', 4],
  ['tcpi_last_data_sent', 4],
  ['tcpi_last_ack_sent', 4],
  ['tcpi_last_data_recv', 4],
  ['tcpi_last_ack_recv', 4],
  ['tcpi_pmtu', 4],
  ['tcpi_rcv_ssthresh', 4],
  ['tcpi_rtt', 4],
  ['tcpi_rttvar', 4],
  ['tcpi_snd_ssthresh', 4],
  ['tcpi_snd_cwnd', 4],
  ['tcpi_advmss', 4],
  ['tcpi_reordering', 4],
  ['tcpi_rcv_rtt', 4],
  ['tcpi_rcv_space', 4],
  ['tcpi_total_retrans', 4],
  ['tcpi_pacing_rate', 8],
  ['tcpi_max_pacing_rate', 8],
  ['tcpi_bytes_acked', 8],
  ['tcpi_bytes_received', 8],
  ['tcpi_segs_out', 4],
  ['tcpi_segs_in', 4],
  ['tcpi_notsent_bytes', 4],
  ['tcpi_min_rtt', 4],
  ['tcpi_data_segs_in', 4],
  ['tcpi_data_segs_out', 4],
  ['tcpi_delivery_rate', 8],
  ['tcpi_busy_time', 8],
  ['tcpi_rwnd_limited', 8],
  ['tcpi_sndbuf_limited', 8],
  ['tcpi_delivered', 4],
  ['tcpi_delivered_ce', 4],
  ['tcpi_bytes_sent', 8],
  ['tcpi_bytes_retrans', 8],
  ['tcpi_dsack_dups', 4],
  ['tcpi_reord_seen', 4],
  ['tcpi_rcv_ooopack', 4],
  ['tcpi_snd_wnd', 4],
  ['tcpi_rcv_wnd', 4],
  ['tcpi_rehash', 4],
  ['tcpi_total_rto', 2],
  ['tcpi_total_rto_recoveries', 2],
  ['tcpi_total_rto_time', 4],
  ['tcpi_received_ce', 4],
  ['tcpi_delivered_e1_bytes', 4],
  ['tcpi_delivered_e0_bytes', 4],
  ['tcpi_delivered_ce_bytes', 4],
  ['tcpi_received_e1_bytes', 4],
  ['tcpi_received_e0_bytes', 4],
  ['tcpi_received_ce_bytes', 4],
  ['tcpi_accecn_fail_mode', 2],
  ['tcpi_accecn_opt_seen', 2],
];

const CONSTANTS: Readonly<Record<string, number>> = {
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  TCPI_OPT_ECN_SEEN: 16,
  TCPI_OPT_SYN_DATA: 32,
  TCP_ESTABLISHED: 1,
  TCP_SYN_SENT: 2,
  TCP_SYN_RECV: 3,
  TCP_FIN_WAIT1: 4,
  TCP_FIN_WAIT2: 5,
  TCP_TIME_WAIT: 6,
  TCP_CLOSE: 7,
  TCP_CLOSE_WAIT: 8,
  TCP_LAST_ACK: 9,
  TCP_LISTEN: 10,
  TCP_CLOSING: 11,
  TCP_INFINITE_SSTHRESH: 0x7fffffff,
};

/** What getsockopt(SO_MEMINFO) gives, in order: SK_MEMINFO_RMEM_ALLOC and so on. */
export const SK_MEMINFO: readonly string[] = [
  'RMEM_ALLOC',
  'RCVBUF',
  'WMEM_ALLOC',
  'SNDBUF',
  'FWD_ALLOC',
  'WMEM_QUEUED',
  'OPTMEM',
  'BACKLOG',
  'DROPS',
];

/** Room for the struct in bytes. */
export const SIZEOF_TCP_INFO = FIELDS.reduce((sum, [, width]) => sum + width, 0);

/** @param bytes what getsockopt() gave, where fields beyond its end are 0; null: it failed, and there are only constants */
export function tcpInfoNames(bytes: Uint8Array | null): Map<string, number> {
  const names = new Map<string, number>(Object.entries(CONSTANTS));
  if (bytes === null) return names;
  const whole = new Uint8Array(SIZEOF_TCP_INFO);
  whole.set(bytes.subarray(0, SIZEOF_TCP_INFO));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const [name, width] of FIELDS) {
    if (width === 1) names.set(name, view.getUint8(at));
    else if (width === 2) names.set(name, view.getUint16(at, true));
    else if (width === 4) names.set(name, view.getUint32(at, true));
    else names.set(name, Number(view.getBigUint64(at, true)));
    at += width;
  }
  const scales = names.get('tcpi_wscales') ?? 0;
  const bits = names.get('tcpi_bits') ?? 0;
  names.set('tcpi_snd_wscale', scales & 15);
  names.set('tcpi_rcv_wscale', scales >>> 4);
  names.set('tcpi_delivery_rate_app_limited', bits & 1);
  names.set('tcpi_fastopen_client_fail', (bits >>> 1) & 3);
  return names;
}
