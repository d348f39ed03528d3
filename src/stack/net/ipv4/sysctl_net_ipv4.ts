// The sysctls of net.ipv4.* (net/ipv4/sysctl_net_ipv4.c; Documentation/networking/ip-sysctl.rst).

import { tcp_sysctl_table } from './sysctl_net_ipv4/tcp.js';
import { EINVAL } from '../../include/linux/errno.js';
import type { net } from '../../include/net/net_namespace.js';
import type { netns_ipv4 } from '../../include/net/netns/ipv4.js';
import { int_entry, ints_entry, register_sysctl } from '../../kernel/sysctl.js';
import type { ctl_table } from '../../kernel/sysctl.js';
import { rt_cache_flush } from './route.js';
import type { int } from '../../include/linux/types.js';

type number_field = {
  [K in keyof netns_ipv4]: netns_ipv4[K] extends number ? K : never;
}[keyof netns_ipv4];

/** Fields that are what their file says: name, field, least, most. */
const PLAIN: readonly (readonly [string, number_field, number?, number?])[] = [
  ['icmp_echo_ignore_all', 'sysctl_icmp_echo_ignore_all', 0, 1],
  ['icmp_echo_enable_probe', 'sysctl_icmp_echo_enable_probe', 0, 1],
  ['icmp_echo_ignore_broadcasts', 'sysctl_icmp_echo_ignore_broadcasts', 0, 1],
  ['icmp_ignore_bogus_error_responses', 'sysctl_icmp_ignore_bogus_error_responses', 0, 1],
  ['icmp_errors_use_inbound_ifaddr', 'sysctl_icmp_errors_use_inbound_ifaddr', 0, 1],
  ['icmp_ratelimit', 'sysctl_icmp_ratelimit'],
  ['icmp_ratemask', 'sysctl_icmp_ratemask'],
  ['icmp_msgs_per_sec', 'sysctl_icmp_msgs_per_sec', 0],
  ['icmp_msgs_burst', 'sysctl_icmp_msgs_burst', 0],
  ['ip_default_ttl', 'sysctl_ip_default_ttl', 1, 255],
  ['ip_no_pmtu_disc', 'sysctl_ip_no_pmtu_disc', 0, 3],
  ['ip_forward_update_priority', 'sysctl_ip_fwd_update_priority', 0, 1],
  ['ip_forward_use_pmtu', 'sysctl_ip_fwd_use_pmtu', 0, 1],
  ['ip_nonlocal_bind', 'sysctl_ip_nonlocal_bind', 0, 1],
  ['ip_autobind_reuse', 'sysctl_ip_autobind_reuse', 0, 1],
  ['ip_dynaddr', 'sysctl_ip_dynaddr', 0, 255],
  ['ip_early_demux', 'sysctl_ip_early_demux', 0, 1],
  ['ip_unprivileged_port_start', 'sysctl_ip_prot_sock', 0, 65535],
  ['fwmark_reflect', 'sysctl_fwmark_reflect', 0, 255],
  ['fib_multipath_use_neigh', 'sysctl_fib_multipath_use_neigh', 0, 1],
  ['fib_multipath_hash_policy', 'sysctl_fib_multipath_hash_policy', 0, 3],
  ['igmp_link_local_mcast_reports', 'sysctl_igmp_llm_reports', 0, 1],
  ['igmp_max_memberships', 'sysctl_igmp_max_memberships'],
  ['igmp_max_msf', 'sysctl_igmp_max_msf'],
  ['igmp_qrv', 'sysctl_igmp_qrv', 1],
  ['udp_early_demux', 'sysctl_udp_early_demux', 0, 1],
  ['udp_l3mdev_accept', 'sysctl_udp_l3mdev_accept', 0, 1],
  ['udp_rmem_min', 'sysctl_udp_rmem_min', 1],
  ['udp_wmem_min', 'sysctl_udp_wmem_min', 1],
  ['raw_l3mdev_accept', 'sysctl_raw_l3mdev_accept', 0, 1],
  ['tcp_abort_on_overflow', 'sysctl_tcp_abort_on_overflow', 0, 255],
  ['tcp_app_win', 'sysctl_tcp_app_win', 0, 31],
  ['tcp_adv_win_scale', 'sysctl_tcp_adv_win_scale', -31, 31],
  ['tcp_autocorking', 'sysctl_tcp_autocorking', 0, 1],
  ['tcp_backlog_ack_defer', 'sysctl_tcp_backlog_ack_defer', 0, 1],
  ['tcp_base_mss', 'sysctl_tcp_base_mss'],
  ['tcp_challenge_ack_limit', 'sysctl_tcp_challenge_ack_limit'],
  ['tcp_child_ehash_entries', 'sysctl_tcp_child_ehash_entries', 0],
  ['tcp_comp_sack_delay_ns', 'sysctl_tcp_comp_sack_delay_ns', 0],
  ['tcp_comp_sack_nr', 'sysctl_tcp_comp_sack_nr', 0, 255],
  ['tcp_comp_sack_slack_ns', 'sysctl_tcp_comp_sack_slack_ns', 0],
  ['tcp_dsack', 'sysctl_tcp_dsack', 0, 255],
  ['tcp_early_demux', 'sysctl_tcp_early_demux', 0, 1],
  ['tcp_early_retrans', 'sysctl_tcp_early_retrans', 0, 4],
  ['tcp_ecn', 'sysctl_tcp_ecn', 0, 5],
  ['tcp_ecn_fallback', 'sysctl_tcp_ecn_fallback', 0, 1],
  ['tcp_ecn_option', 'sysctl_tcp_ecn_option', 0, 2],
  ['tcp_ecn_option_beacon', 'sysctl_tcp_ecn_option_beacon', 0, 3],
  ['tcp_fack', 'sysctl_tcp_fack', 0, 255],
  ['tcp_fastopen', 'sysctl_tcp_fastopen'],
  ['tcp_frto', 'sysctl_tcp_frto', 0, 255],
  ['tcp_fwmark_accept', 'sysctl_tcp_fwmark_accept', 0, 255],
  ['tcp_keepalive_probes', 'sysctl_tcp_keepalive_probes', 0, 255],
  ['tcp_l3mdev_accept', 'sysctl_tcp_l3mdev_accept', 0, 1],
  ['tcp_limit_output_bytes', 'sysctl_tcp_limit_output_bytes'],
  ['tcp_max_reordering', 'sysctl_tcp_max_reordering'],
  ['tcp_max_syn_backlog', 'sysctl_max_syn_backlog'],
  ['tcp_migrate_req', 'sysctl_tcp_migrate_req', 0, 1],
  ['tcp_min_rtt_wlen', 'sysctl_tcp_min_rtt_wlen', 0, 86400],
  ['tcp_min_snd_mss', 'sysctl_tcp_min_snd_mss', 48, 65535],
  ['tcp_min_tso_segs', 'sysctl_tcp_min_tso_segs', 1, 255],
  ['tcp_moderate_rcvbuf', 'sysctl_tcp_moderate_rcvbuf', 0, 255],
  ['tcp_mtu_probe_floor', 'sysctl_tcp_mtu_probe_floor', 48, 65535],
  ['tcp_mtu_probing', 'sysctl_tcp_mtu_probing', 0, 255],
  ['tcp_no_metrics_save', 'sysctl_tcp_nometrics_save', 0, 255],
  ['tcp_no_ssthresh_metrics_save', 'sysctl_tcp_no_ssthresh_metrics_save', 0, 1],
  ['tcp_notsent_lowat', 'sysctl_tcp_notsent_lowat', 0, 0xffffffff],
  ['tcp_orphan_retries', 'sysctl_tcp_orphan_retries', 0, 255],
  ['tcp_pacing_ca_ratio', 'sysctl_tcp_pacing_ca_ratio', 0, 1000],
  ['tcp_pacing_ss_ratio', 'sysctl_tcp_pacing_ss_ratio', 0, 1000],
  ['tcp_pingpong_thresh', 'sysctl_tcp_pingpong_thresh', 1, 255],
  ['tcp_plb_cong_thresh', 'sysctl_tcp_plb_cong_thresh', 0, 256],
  ['tcp_plb_enabled', 'sysctl_tcp_plb_enabled', 0, 1],
  ['tcp_plb_idle_rehash_rounds', 'sysctl_tcp_plb_idle_rehash_rounds', 0, 31],
  ['tcp_plb_rehash_rounds', 'sysctl_tcp_plb_rehash_rounds', 0, 31],
  ['tcp_plb_suspend_rto_sec', 'sysctl_tcp_plb_suspend_rto_sec', 0, 255],
  ['tcp_probe_interval', 'sysctl_tcp_probe_interval', 0],
  ['tcp_probe_threshold', 'sysctl_tcp_probe_threshold', 0],
  ['tcp_recovery', 'sysctl_tcp_recovery', 0, 255],
  ['tcp_reflect_tos', 'sysctl_tcp_reflect_tos', 0, 1],
  ['tcp_reordering', 'sysctl_tcp_reordering'],
  ['tcp_retrans_collapse', 'sysctl_tcp_retrans_collapse', 0, 255],
  ['tcp_retries1', 'sysctl_tcp_retries1', 0, 255],
  ['tcp_retries2', 'sysctl_tcp_retries2', 0, 255],
  ['tcp_rfc1337', 'sysctl_tcp_rfc1337', 0, 255],
  ['tcp_rto_max_ms', 'sysctl_tcp_rto_max_ms', 1000, 120000],
  ['tcp_rto_min_us', 'sysctl_tcp_rto_min_us', 1],
  ['tcp_sack', 'sysctl_tcp_sack', 0, 255],
  ['tcp_shrink_window', 'sysctl_tcp_shrink_window', 0, 1],
  ['tcp_slow_start_after_idle', 'sysctl_tcp_slow_start_after_idle', 0, 255],
  ['tcp_stdurg', 'sysctl_tcp_stdurg', 0, 255],
  ['tcp_syn_linear_timeouts', 'sysctl_tcp_syn_linear_timeouts', 0, 127],
  ['tcp_syn_retries', 'sysctl_tcp_syn_retries', 1, 127],
  ['tcp_synack_retries', 'sysctl_tcp_synack_retries', 0, 255],
  ['tcp_syncookies', 'sysctl_tcp_syncookies', 0, 255],
  ['tcp_thin_linear_timeouts', 'sysctl_tcp_thin_linear_timeouts', 0, 255],
  ['tcp_timestamps', 'sysctl_tcp_timestamps', 0, 255],
  ['tcp_tso_rtt_log', 'sysctl_tcp_tso_rtt_log', 0, 255],
  ['tcp_tso_win_divisor', 'sysctl_tcp_tso_win_divisor', 0, 255],
  ['tcp_tw_reuse', 'sysctl_tcp_tw_reuse', 0, 2],
  ['tcp_tw_reuse_delay', 'sysctl_tcp_tw_reuse_delay', 1],
  ['tcp_window_scaling', 'sysctl_tcp_window_scaling', 0, 255],
  ['tcp_workaround_signed_windows', 'sysctl_tcp_workaround_signed_windows', 0, 255],
];

/** Fields in jiffies whose file has seconds, or milliseconds (tcp_invalid_ratelimit). */
const TIMES: readonly (readonly [string, number_field, 's' | 'ms'])[] = [
  ['tcp_fin_timeout', 'sysctl_tcp_fin_timeout', 's'],
  ['tcp_invalid_ratelimit', 'sysctl_tcp_invalid_ratelimit', 'ms'],
  ['tcp_keepalive_intvl', 'sysctl_tcp_keepalive_intvl', 's'],
  ['tcp_keepalive_time', 'sysctl_tcp_keepalive_time', 's'],
];

/** @notrace */
function time_entry(net: net, procname: string, field: number_field, unit: 's' | 'ms'): ctl_table {
  const scale = unit === 's' ? net.kernel.HZ : net.kernel.HZ / 1000;
  return {
    procname,
    get: () => String(Math.floor(net.ipv4[field] / scale)),
    set: (text) => {
      if (!/^\d+$/.test(text)) return -EINVAL;
      net.ipv4[field] = Math.ceil(Number(text) * scale);
      return 0;
    },
  };
}

/** Ports, as "1000-1005,2000", that are not given out. @notrace */
function reserved_ports_entry(net: net): ctl_table {
  return {
    procname: 'ip_local_reserved_ports',
    get: () => {
      const ports = [...net.ipv4.sysctl_local_reserved_ports].sort((a, b) => a - b);
      const ranges: string[] = [];
      for (let i = 0; i < ports.length;) {
        let j = i;
        while (j + 1 < ports.length && ports[j + 1] === ports[j] + 1) j++;
        ranges.push(i === j ? String(ports[i]) : `${ports[i]}-${ports[j]}`);
        i = j + 1;
      }
      return ranges.join(',');
    },
    set: (text) => {
      const set = new Set<number>();
      for (const part of text.split(',').filter((p) => p !== '')) {
        const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
        if (match === null) return -EINVAL;
        const lo = Number(match[1]);
        const hi = match[2] === undefined ? lo : Number(match[2]);
        if (hi < lo || hi > 65535) return -EINVAL;
        for (let port = lo; port <= hi; port++) set.add(port);
      }
      net.ipv4.sysctl_local_reserved_ports = set;
      return 0;
    },
  };
}

/** "low high"; ping_group_range may be empty, "1 0". @notrace */
function range_entry(procname: string, range: [int, int], min: int, max: int): ctl_table {
  return {
    procname,
    get: () => range.join('\t'),
    set: (text) => {
      const given = text.split(/\s+/).map(Number);
      if (given.length !== 2 || given.some((v) => !Number.isInteger(v) || v < min || v > max)) return -EINVAL;
      if (given[1] < given[0] && procname !== 'ping_group_range') return -EINVAL;
      range[0] = given[0];
      range[1] = given[1];
      return 0;
    },
  };
}

export function sysctl_ipv4_init(net: net): int {
  const ipv4 = net.ipv4;
  const HZ = net.kernel.HZ;
  // The defaults are written for 1000 ticks a second.
  for (const [, field] of TIMES) ipv4[field] = Math.ceil((ipv4[field] * HZ) / 1000);
  const table: ctl_table[] = PLAIN.map(([procname, field, min, max]) => {
    const flush = procname === 'ip_forward_use_pmtu' ? (): void => rt_cache_flush(net) : undefined;
    return int_entry(procname, ipv4, field, min, max, flush);
  });
  for (const [procname, field, unit] of TIMES) table.push(time_entry(net, procname, field, unit));
  table.push(
    int_entry('tcp_max_tw_buckets', ipv4.tcp_death_row, 'sysctl_max_tw_buckets'),
    ints_entry('tcp_wmem', ipv4.sysctl_tcp_wmem, 1),
    ints_entry('tcp_rmem', ipv4.sysctl_tcp_rmem, 1),
    range_entry('ip_local_port_range', ipv4.ip_local_ports.range, 1, 65535),
    range_entry('ping_group_range', ipv4.ping_group_range.range, 0, 0x7fffffff),
    reserved_ports_entry(net),
    ...tcp_sysctl_table(net),
  );
  register_sysctl(net.kernel, 'net/ipv4', table);
  return 0;
}
