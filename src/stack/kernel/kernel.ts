// One host's kernel: what Linux keeps in global variables of a machine is a field here, so that hundreds
// of machines live side by side in a process. The clock (event queue) is shared by all hosts of a lab; the
// random stream is the host's own. Subsystems add their fields with types only, and fill them when they
// are initialised (init/main.ts).

import type { net } from '../include/net/net_namespace.js';
import type { inet_hashinfo } from '../include/net/inet_hashtables.js';
import type { tcp_metrics_block } from '../net/ipv4/tcp_metrics.js';
import type { tcp_congestion_ops } from '../include/net/tcp.js';
import { cubic_parameters } from '../include/net/tcp_cubic.js';
import type { net_secrets } from '../net/core/secure_seq.js';
import { task_struct } from '../include/linux/sched.js';
import type { Qdisc_ops } from '../include/net/sch_generic.js';
import type { net_proto_family } from '../include/linux/net.js';
import type { packet_offload, packet_type, softnet_data } from '../include/linux/netdevice.js';
import type { notifier_block } from '../net/core/dev/notifier.js';
import type { net_hotdata } from '../net/core/dev/softirq.js';
import type { neigh_table } from '../include/net/neighbour.js';
import type { in_ifaddr } from '../include/linux/inetdevice.js';
import type { inet_frags } from '../include/net/inet_frag.js';
import type { ping_table } from '../include/net/ping.js';
import type { inet_protosw, net_offload, net_protocol } from '../include/net/protocol.js';
import type { raw_hashinfo } from '../include/net/raw.js';
import type { sock } from '../include/net/sock.js';
import type { proto_memory } from '../include/net/sock/struct.js';
import type { udp_table } from '../include/net/udp.js';
import type { ip_ident_state } from '../net/ipv4/route/ident.js';
import type { nf_sockopt_ops } from '../net/netfilter/nf_sockopt.js';
import type { ctl_dir } from './sysctl.js';
import type { EventQueue } from './events.js';
import { Random } from './random.js';
import { softirq_state } from './softirq.js';
import { timer_base } from './time/timer_base.js';
import { printk_buffer } from './printk.js';
import { ramfs } from '../fs/ramfs.js';

/** HZ at boot, in jiffies: five minutes before the 32-bit counter wraps, as Linux starts (jiffies.h). */
const INITIAL_UPTIME_SECONDS = 300;

export interface KernelOptions {
  /** Host name. */
  name: string;
  /** The lab's event queue. */
  events: EventQueue;
  /** Seed of the lab's random streams. */
  seed: number;
  /** Timer interrupts a second; 1000 unless told otherwise. */
  HZ?: number;
  /** ns since 1970 at virtual time 0. */
  epoch_ns?: bigint;
  /** Number of the first task, 1 unless told otherwise. */
  first_pid?: number;
}

/** 2025-01-01 00:00:00 UTC: where the virtual wall clock starts unless told otherwise. */
export const DEFAULT_EPOCH_NS = 1_735_689_600_000_000_000n;

export class Kernel {
  name: string;
  readonly events: EventQueue;
  readonly random: Random;
  readonly HZ: number;
  readonly tick_ns: number;
  readonly INITIAL_JIFFIES: number;
  readonly epoch_ns: bigint;
  readonly seed: number;

  readonly softirq = new softirq_state();
  readonly timers: timer_base;
  readonly log = new printk_buffer();
  readonly fs = new ramfs();
  /** Texts of the warnings that were given once. */
  readonly warned = new Set<string>();
  readonly idle: task_struct;
  readonly tasks = new Map<number, task_struct>();
  next_pid: number;
  /** Named values under /proc/sys. */
  readonly sysctl: ctl_dir = new Map();
  /** Parameters of modules under /sys/module by `module.parameter`: take the text, give 0 or a negative errno. */
  readonly module_parameters = new Map<string, (text: string) => number>();
  /** Text files under /proc, made when read: `net/snmp` → its text. */
  readonly proc = new Map<string, () => string>();
  /** What takes a text that is written to a file under /proc. */
  readonly proc_write = new Map<string, (text: string) => void>();

  /** The host's one network namespace, made by setup_net() at boot. */
  init_net!: net;
  /** The processor's packet queues (net/core/dev.c). */
  softnet_data!: softnet_data;
  net_hotdata!: net_hotdata;
  /** Receivers of packets: of all, and of one protocol each, by the low bits of its number. */
  readonly ptype_all: packet_type[] = [];
  readonly ptype_base: packet_type[][] = Array.from({ length: 16 }, () => []);
  readonly netdev_chain: notifier_block[] = [];
  /** Kinds of queueing disciplines by name (net/sched/sch_api.c). */
  readonly qdisc_base = new Map<string, Qdisc_ops>();
  /** The kind that a device with a queue gets: sysctl net.core.default_qdisc. */
  default_qdisc!: Qdisc_ops;
  /** How many want arriving packets stamped with the time. */
  netstamp_needed = 0;
  napi_id = 0;
  /** GRO and GSO of the network protocols, by priority (net/core/gro.c). */
  readonly offload_base: packet_offload[] = [];
  /** IPv4's neighbours (net/ipv4/arp.c). */
  arp_tbl!: neigh_table;
  /** Transport protocols by number, and their segmentation offloads (net/ipv4/protocol.c). */
  readonly inet_protos: (net_protocol | null)[] = new Array<net_protocol | null>(256).fill(null);
  readonly inet_offloads: (net_offload | null)[] = new Array<net_offload | null>(256).fill(null);
  /** Socket kinds of AF_INET by SOCK_* (net/ipv4/af_inet.c). */
  readonly inetsw: inet_protosw[][] = Array.from({ length: 11 }, () => []);
  readonly inetaddr_chain: ((event: number, ifa: in_ifaddr) => void)[] = [];
  /** Counters of the IP header's identification (net/ipv4/route.c). */
  ip_ident!: ip_ident_state;
  /** Where reassembly, UDP, ping and raw sockets are kept (net/ipv4/). */
  ip4_frags!: inet_frags;
  udp_table!: udp_table;
  udp_memory: proto_memory = { memory_allocated: 0, memory_pressure: 0, sockets_allocated: 0 };
  /** Pages that UDP may use: no care below the first, none given above the third. */
  sysctl_udp_mem: number[] = [];
  ping_table!: ping_table;
  raw_v4_hashinfo!: raw_hashinfo;
  /** Socket options of netfilter's modules (net/netfilter/nf_sockopt.c). */
  readonly nf_sockopts: nf_sockopt_ops[] = [];
  /** TCP (net/ipv4/tcp.c, tcp_metrics.c, inet_hashtables.c, core/secure_seq.c). */
  tcp_hashinfo!: inet_hashinfo;
  readonly tcp_memory: proto_memory = { memory_allocated: 0, memory_pressure: 0, sockets_allocated: 0 };
  /** Pages: below the first no care is taken, above the third nothing is given. */
  sysctl_tcp_mem: [number, number, number] = [49152, 65536, 98304];
  sysctl_tcp_max_orphans = 16384;
  tcp_orphan_count = 0;
  /** First sequence number for a SYN that follows a connection in TIME_WAIT, 0 for none. */
  tcp_tw_isn = 0;
  /** TCP sockets of which packets have left the host, to be served by tcp_tsq_workfn(). */
  tsq_head: sock[] = [];
  /** Congestion controls by name, and the parameters of the cubic module. */
  readonly tcp_cong_list = new Map<string, tcp_congestion_ops>();
  readonly tcp_cubic = new cubic_parameters();
  readonly tcp_metrics_hash = new Map<number, tcp_metrics_block>();
  readonly inet_table_perturb = new Map<number, number>();
  readonly net_secrets: net_secrets = { net_secret: null, ts_secret: null, syncookie_secret: null };
  /** By address family (net/socket.c). */
  readonly net_families: (net_proto_family | null)[] = [];

  constructor(options: KernelOptions) {
    this.name = options.name;
    this.events = options.events;
    this.seed = options.seed;
    this.next_pid = options.first_pid ?? 1;
    this.random = new Random(options.seed, options.name);
    this.HZ = options.HZ ?? 1000;
    this.tick_ns = 1e9 / this.HZ;
    this.INITIAL_JIFFIES = 0x100000000 - INITIAL_UPTIME_SECONDS * this.HZ;
    this.epoch_ns = options.epoch_ns ?? DEFAULT_EPOCH_NS;
    this.idle = new task_struct(this, 0, 'swapper/0');
    this.timers = new timer_base(this);
  }

  /** ktime_get(): ns since boot. */
  get now(): number {
    return this.events.now;
  }

  /** Timer ticks, counted from INITIAL_JIFFIES; does not wrap (a 64-bit unsigned long). */
  get jiffies(): number {
    return this.INITIAL_JIFFIES + Math.floor(this.events.now / this.tick_ns);
  }
}
