// The line of `ss -i`: struct tcp_info as iproute2 words it (ss(8), TCP_INFO in tcp(7)). What is left out:
// MD5 keys, ULPs, MPTCP, the state of DCTCP and BBR.

import { inet_csk } from '../../stack/include/net/inet_connection_sock.js';
import type { sock } from '../../stack/include/net/sock.js';
import { TCP_LISTEN } from '../../stack/include/net/tcp_states.js';
import {
  TCPI_OPT_ECN,
  TCPI_OPT_ECN_SEEN,
  TCPI_OPT_SACK,
  TCPI_OPT_SYN_DATA,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
  tcp_info,
} from '../../stack/include/uapi/linux/tcp.js';
import { tcp_get_info } from '../../stack/net/ipv4/tcp/info.js';

/** RTO in µs that a connection has before it knows better: not worth a word (iproute2). */
const FIRST_RTO = 3_000_000;
/** Segments out of order that TCP expects from the start. */
const FIRST_REORDERING = 3;
/** Slow-start thresholds from here on stand for none. */
const NO_SSTHRESH = 0xffff;
const NO_RTT = 0xffffffff;

function info(sk: sock): tcp_info {
  const values = new tcp_info();
  tcp_get_info(sk, values);
  return values;
}

/** As %g of printf(3). */
function g(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The options that both sides agreed on: shown with -o. */
export function tcpOptionsText(sk: sock): string {
  const { tcpi_options } = info(sk);
  const names: readonly (readonly [number, string])[] = [
    [TCPI_OPT_TIMESTAMPS, 'ts'],
    [TCPI_OPT_SACK, 'sack'],
    [TCPI_OPT_ECN, 'ecn'],
    [TCPI_OPT_ECN_SEEN, 'ecnseen'],
    [TCPI_OPT_SYN_DATA, 'fastopen'],
  ];
  return names
    .filter(([bit]) => (tcpi_options & bit) !== 0)
    .map(([, name]) => ` ${name}`)
    .join('');
}

/** Times in ms, rates in bits per second, the rest as in tcp_info; each word begins with a space. */
export function tcpInfoText(sk: sock): string {
  const i = info(sk);
  const listening = i.tcpi_state === TCP_LISTEN;
  const words: string[] = [];
  const word = (shown: boolean, text: string): void => {
    if (shown) words.push(text);
  };
  const count = (name: string, value: number): void => word(value !== 0, `${name}:${value}`);
  const finite = (rate: number): boolean => rate > 0 && Number.isFinite(rate);
  const bits = (rate: number): string => `${Math.round(rate * 8)}bps`;
  const limited = (name: string, time: number): void =>
    word(
      time > 0,
      `${name}:${Math.floor(time / 1000)}ms(${((100 * time) / Math.max(1, i.tcpi_busy_time)).toFixed(1)}%)`,
    );
  word(inet_csk(sk).icsk_ca_ops !== null, inet_csk(sk).icsk_ca_ops?.name ?? '');
  word((i.tcpi_options & TCPI_OPT_WSCALE) !== 0, `wscale:${i.tcpi_snd_wscale},${i.tcpi_rcv_wscale}`);
  word(i.tcpi_rto !== 0 && i.tcpi_rto !== FIRST_RTO, `rto:${g(i.tcpi_rto / 1000)}`);
  count('backoff', i.tcpi_backoff);
  word(i.tcpi_rtt !== 0, `rtt:${g(i.tcpi_rtt / 1000)}/${g(i.tcpi_rttvar / 1000)}`);
  word(i.tcpi_ato !== 0, `ato:${g(i.tcpi_ato / 1000)}`);
  count('mss', i.tcpi_snd_mss);
  count('pmtu', i.tcpi_pmtu);
  count('rcvmss', i.tcpi_rcv_mss);
  count('advmss', i.tcpi_advmss);
  count('cwnd', i.tcpi_snd_cwnd);
  word(i.tcpi_snd_ssthresh !== 0 && i.tcpi_snd_ssthresh < NO_SSTHRESH, `ssthresh:${i.tcpi_snd_ssthresh}`);
  count('bytes_sent', i.tcpi_bytes_sent);
  count('bytes_retrans', i.tcpi_bytes_retrans);
  count('bytes_acked', i.tcpi_bytes_acked);
  count('bytes_received', i.tcpi_bytes_received);
  count('segs_out', i.tcpi_segs_out);
  count('segs_in', i.tcpi_segs_in);
  count('data_segs_out', i.tcpi_data_segs_out);
  count('data_segs_in', i.tcpi_data_segs_in);
  const window = i.tcpi_snd_cwnd * i.tcpi_snd_mss;
  word(i.tcpi_rtt > 0 && window > 0, `send ${Math.floor((window * 8e6) / i.tcpi_rtt)}bps`);
  count('lastsnd', i.tcpi_last_data_sent);
  count('lastrcv', i.tcpi_last_data_recv);
  count('lastack', i.tcpi_last_ack_recv);
  const most = finite(i.tcpi_max_pacing_rate) ? `/${bits(i.tcpi_max_pacing_rate)}` : '';
  word(finite(i.tcpi_pacing_rate), `pacing_rate ${bits(i.tcpi_pacing_rate)}${most}`);
  word(i.tcpi_delivery_rate > 0, `delivery_rate ${bits(i.tcpi_delivery_rate)}`);
  count('delivered', i.tcpi_delivered);
  count('delivered_ce', i.tcpi_delivered_ce);
  word(i.tcpi_delivery_rate_app_limited !== 0, 'app_limited');
  word(i.tcpi_busy_time > 0, `busy:${Math.floor(i.tcpi_busy_time / 1000)}ms`);
  limited('rwnd_limited', i.tcpi_rwnd_limited);
  limited('sndbuf_limited', i.tcpi_sndbuf_limited);
  count('unacked', i.tcpi_unacked);
  word(i.tcpi_retrans !== 0 || i.tcpi_total_retrans !== 0, `retrans:${i.tcpi_retrans}/${i.tcpi_total_retrans}`);
  count('lost', i.tcpi_lost);
  // A listener has the length of its queue here.
  if (!listening) count('sacked', i.tcpi_sacked);
  count('dsack_dups', i.tcpi_dsack_dups);
  word(i.tcpi_reordering !== 0 && i.tcpi_reordering !== FIRST_REORDERING, `reordering:${i.tcpi_reordering}`);
  count('reord_seen', i.tcpi_reord_seen);
  word(i.tcpi_rcv_rtt !== 0, `rcv_rtt:${g(i.tcpi_rcv_rtt / 1000)}`);
  count('rcv_space', i.tcpi_rcv_space);
  count('rcv_ssthresh', i.tcpi_rcv_ssthresh);
  count('notsent', i.tcpi_notsent_bytes);
  word(i.tcpi_min_rtt !== 0 && i.tcpi_min_rtt !== NO_RTT, `minrtt:${g(i.tcpi_min_rtt / 1000)}`);
  count('rcv_ooopack', i.tcpi_rcv_ooopack);
  count('snd_wnd', i.tcpi_snd_wnd);
  return words.map((text) => ` ${text}`).join('');
}
