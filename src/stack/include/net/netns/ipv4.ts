// struct netns_ipv4: what a net namespace keeps for IPv4, first of all its sysctls with the kernel's defaults
// (include/net/netns/ipv4.h, net/ipv4/sysctl_net_ipv4.c). Times in sysctls are jiffies or as the field says.

import { ipv4_devconf } from '../../linux/inetdevice.js';
import { flowi } from '../flow.js';
import { inet_timewait_death_row } from '../inet_timewait_sock.js';
import type { fib_info, fib_table } from '../ip_fib.js';
import type { fib_rules_ops } from '../fib_rules.js';
import type { fqdir } from '../inet_frag.js';
import type { inet_peer_base } from '../inetpeer.js';
import type { ip_ra_chain } from '../ip_ra.js';
import type { sock } from '../sock.js';
import type { tcp_congestion_ops } from '../tcp.js';
import type { tcp_fastopen_context } from '../../linux/tcp.js';
import type { timer_list } from '../../linux/timer.js';
import type { udp_table } from '../udp.js';
import type { int, u32, u8, u16 } from '../../linux/types.js';

export class local_ports {
  range: [int, int] = [32768, 60999];
  warned: boolean = false;
}

export class ping_group_range {
  /** lowest and highest group that may open ping sockets; 1 … 0 lets no one */
  range: [int, int] = [1, 0];
}

export class netns_ipv4 {
  tcp_death_row: inet_timewait_death_row = new inet_timewait_death_row();
  udp_table: udp_table | null = null;

  devconf_all: ipv4_devconf = new ipv4_devconf();
  devconf_dflt: ipv4_devconf = new ipv4_devconf();
  ra_chain: ip_ra_chain | null = null;
  rules_ops: fib_rules_ops | null = null;
  fib_has_custom_rules: boolean = false;
  fib_rules_require_fldissect: u32 = 0;
  fib_main: fib_table | null = null;
  fib_default: fib_table | null = null;
  fib_has_custom_local_routes: boolean = false;
  fib_offload_disabled: boolean = false;
  fib_num_tclassid_users: int = 0;
  /** tables by number */
  fib_table_hash: Map<u32, fib_table> = new Map();
  /** all fib_infos of the namespace, by the key of their content */
  fib_info_hash: Map<string, fib_info[]> = new Map();
  fibnl: sock | null = null;
  fib_seq: u32 = 0;
  mc_autojoin_sk: sock | null = null;
  peers: inet_peer_base | null = null;
  fqdir: fqdir | null = null;
  /** sockets that the kernel itself sends ICMP messages and resets with */
  icmp_sk: sock | null = null;
  /** the ICMP socket is in use: an error about its own packet is not sent */
  icmp_sk_busy: boolean = false;
  tcp_sk: sock | null = null;

  sysctl_icmp_echo_ignore_all: u8 = 0;
  sysctl_icmp_echo_enable_probe: u8 = 0;
  sysctl_icmp_echo_ignore_broadcasts: u8 = 1;
  sysctl_icmp_ignore_bogus_error_responses: u8 = 1;
  sysctl_icmp_errors_use_inbound_ifaddr: u8 = 0;
  /** ms between two messages of one kind to one address */
  sysctl_icmp_ratelimit: int = 1000;
  sysctl_icmp_ratemask: int = 0x1818;
  sysctl_icmp_msgs_per_sec: int = 1000;
  sysctl_icmp_msgs_burst: int = 50;
  /** messages that the host may still send now, and when the bucket was last filled (jiffies) */
  icmp_global_credit: int = 0;
  icmp_global_stamp = 0;

  ip_rt_min_pmtu: u32 = 552;
  ip_rt_mtu_expires: int = 600;
  ip_rt_min_advmss: int = 256;
  /** redirects: jiffies at 1 kHz between two, how many before silence, and the silence */
  ip_rt_redirect_load: int = 20;
  ip_rt_redirect_number: int = 9;
  ip_rt_redirect_silence: int = 20 << 10;
  ip_rt_error_cost: int = 1000;
  ip_rt_error_burst: int = 5000;

  ip_local_ports: local_ports = new local_ports();
  sysctl_local_reserved_ports: Set<u16> = new Set();
  sysctl_ip_prot_sock: int = 1024;

  sysctl_ip_default_ttl: u8 = 64;
  /** What the timers of delayed ACKs and keepalives run: those of a socket are set up when they are first armed. @hidden */
  csk_delack_handler: ((t: timer_list) => void) | null = null;
  /** @hidden */
  csk_keepalive_handler: ((t: timer_list) => void) | null = null;
  /** The flow of the socket whose segment is being sent, see inet_sk_flow(). @hidden */
  readonly sk_flow: flowi = new flowi();
  sysctl_ip_no_pmtu_disc: u8 = 0;
  sysctl_ip_fwd_update_priority: u8 = 1;
  sysctl_ip_fwd_use_pmtu: u8 = 0;
  sysctl_ip_nonlocal_bind: u8 = 0;
  sysctl_ip_autobind_reuse: u8 = 0;
  sysctl_ip_dynaddr: u8 = 0;
  sysctl_ip_early_demux: u8 = 1;
  sysctl_raw_l3mdev_accept: u8 = 1;
  sysctl_tcp_early_demux: u8 = 1;
  sysctl_udp_early_demux: u8 = 1;
  sysctl_nexthop_compat_mode: u8 = 1;
  sysctl_fwmark_reflect: u8 = 0;
  sysctl_tcp_fwmark_accept: u8 = 0;
  sysctl_fib_multipath_use_neigh: u8 = 0;
  sysctl_fib_multipath_hash_policy: u8 = 0;
  sysctl_fib_notify_on_flag_change: u8 = 0;

  sysctl_tcp_ecn: u8 = 2;
  sysctl_tcp_ecn_fallback: u8 = 1;
  sysctl_tcp_ecn_option: u8 = 2;
  sysctl_tcp_ecn_option_beacon: u8 = 3;
  sysctl_tcp_l3mdev_accept: u8 = 0;
  sysctl_tcp_mtu_probing: u8 = 0;
  sysctl_tcp_mtu_probe_floor: int = 48;
  sysctl_tcp_base_mss: int = 1024;
  sysctl_tcp_min_snd_mss: int = 48;
  sysctl_tcp_probe_threshold: int = 8;
  /** seconds */
  sysctl_tcp_probe_interval: u32 = 600;
  /** jiffies at 1 kHz */
  sysctl_tcp_keepalive_time: int = 7200000;
  sysctl_tcp_keepalive_intvl: int = 75000;
  sysctl_tcp_keepalive_probes: u8 = 9;
  sysctl_tcp_syn_retries: u8 = 6;
  sysctl_tcp_synack_retries: u8 = 5;
  sysctl_tcp_syncookies: u8 = 1;
  sysctl_tcp_migrate_req: u8 = 0;
  sysctl_tcp_comp_sack_nr: u8 = 44;
  sysctl_tcp_backlog_ack_defer: u8 = 1;
  sysctl_tcp_pingpong_thresh: u8 = 1;
  sysctl_tcp_reordering: int = 3;
  sysctl_tcp_retries1: u8 = 3;
  sysctl_tcp_retries2: u8 = 15;
  sysctl_tcp_orphan_retries: u8 = 0;
  sysctl_tcp_tw_reuse: u8 = 2;
  /** ms */
  sysctl_tcp_tw_reuse_delay: u32 = 1000;
  sysctl_tcp_fin_timeout: int = 60000;
  sysctl_tcp_notsent_lowat: u32 = 0xffffffff;
  sysctl_tcp_sack: u8 = 1;
  sysctl_tcp_window_scaling: u8 = 1;
  sysctl_tcp_timestamps: u8 = 1;
  sysctl_tcp_early_retrans: u8 = 3;
  sysctl_tcp_recovery: u8 = 1;
  sysctl_tcp_thin_linear_timeouts: u8 = 0;
  sysctl_tcp_slow_start_after_idle: u8 = 1;
  sysctl_tcp_retrans_collapse: u8 = 1;
  sysctl_tcp_stdurg: u8 = 0;
  sysctl_tcp_rfc1337: u8 = 0;
  sysctl_tcp_abort_on_overflow: u8 = 0;
  sysctl_tcp_fack: u8 = 0;
  sysctl_tcp_max_reordering: int = 300;
  sysctl_tcp_adv_win_scale: int = 1;
  sysctl_tcp_dsack: u8 = 1;
  sysctl_tcp_app_win: u8 = 31;
  sysctl_tcp_frto: u8 = 2;
  sysctl_tcp_nometrics_save: u8 = 0;
  sysctl_tcp_no_ssthresh_metrics_save: u8 = 1;
  sysctl_tcp_moderate_rcvbuf: u8 = 1;
  sysctl_tcp_tso_win_divisor: u8 = 3;
  sysctl_tcp_workaround_signed_windows: u8 = 0;
  sysctl_tcp_limit_output_bytes: int = 4194304;
  sysctl_tcp_challenge_ack_limit: int = 0x7fffffff;
  sysctl_tcp_min_rtt_wlen: int = 300;
  sysctl_tcp_min_tso_segs: u8 = 2;
  sysctl_tcp_tso_rtt_log: u8 = 9;
  sysctl_tcp_autocorking: u8 = 1;
  sysctl_tcp_reflect_tos: u8 = 0;
  /** jiffies at 1 kHz */
  sysctl_tcp_invalid_ratelimit: int = 500;
  sysctl_tcp_pacing_ss_ratio: int = 200;
  sysctl_tcp_pacing_ca_ratio: int = 120;
  sysctl_tcp_wmem: [int, int, int] = [4096, 16384, 4194304];
  sysctl_tcp_rmem: [int, int, int] = [4096, 131072, 33554432];
  sysctl_tcp_child_ehash_entries: u32 = 0;
  sysctl_tcp_comp_sack_delay_ns: int = 1000000;
  sysctl_tcp_comp_sack_slack_ns: int = 100000;
  sysctl_max_syn_backlog: int = 1024;
  sysctl_tcp_fastopen: int = 1;
  tcp_congestion_control: tcp_congestion_ops | null = null;
  tcp_fastopen_ctx: tcp_fastopen_context | null = null;
  sysctl_tcp_fastopen_blackhole_timeout: int = 0;
  tfo_active_disable_times: int = 0;
  tfo_active_disable_stamp = 0;
  tcp_challenge_timestamp: u32 = 0;
  tcp_challenge_count: u32 = 0;
  sysctl_tcp_plb_enabled: u8 = 0;
  sysctl_tcp_plb_idle_rehash_rounds: u8 = 3;
  sysctl_tcp_plb_rehash_rounds: u8 = 12;
  sysctl_tcp_plb_suspend_rto_sec: u8 = 60;
  sysctl_tcp_plb_cong_thresh: int = 128;
  sysctl_tcp_shrink_window: u8 = 0;
  sysctl_tcp_syn_linear_timeouts: u8 = 4;
  /** ms and us */
  sysctl_tcp_rto_max_ms: int = 120000;
  sysctl_tcp_rto_min_us: int = 200000;

  sysctl_udp_wmem_min: int = 4096;
  sysctl_udp_rmem_min: int = 4096;
  sysctl_udp_l3mdev_accept: u8 = 0;
  sysctl_udp_child_hash_entries: u32 = 0;

  sysctl_igmp_llm_reports: u8 = 1;
  sysctl_igmp_max_memberships: int = 20;
  sysctl_igmp_max_msf: int = 10;
  sysctl_igmp_qrv: int = 2;

  ping_group_range: ping_group_range = new ping_group_range();
  /** ns of virtual time at which the device's addresses last changed: generation of what was derived of them */
  dev_addr_genid: int = 0;
  rt_genid: int = 0;
  ip_id_key0: u32 = 0;
  ip_id_key1: u32 = 0;
}
