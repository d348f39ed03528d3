// /proc/net/{snmp,netstat,sockstat,raw,route} (net/ipv4/proc.c, raw.c, fib_trie.c; proc(5)).

import { ntohs } from '../../include/linux/byteorder.js';
import {
  RTF_GATEWAY,
  RTF_HOST,
  RTF_REJECT,
  RTF_UP,
  RTN_PROHIBIT,
  RTN_UNREACHABLE,
  RTAX_ADVMSS,
  RTAX_WINDOW,
  RTN_BROADCAST,
  RTN_MULTICAST,
  RT_TABLE_MAIN,
} from '../../include/linux/rtnetlink.js';
import { inet_make_mask } from '../../include/linux/inetdevice.js';
import { inet_sk } from '../../include/net/inet_sock.js';
import type { net } from '../../include/net/net_namespace.js';
import {
  ICMP_MIB_CSUMERRORS,
  ICMP_MIB_INERRORS,
  ICMP_MIB_INMSGS,
  ICMP_MIB_OUTERRORS,
  ICMP_MIB_OUTMSGS,
  ICMP_MIB_RATELIMITGLOBAL,
  ICMP_MIB_RATELIMITHOST,
  snmp4_net_list,
  snmp4_tcp_list,
  snmp4_udp_list,
} from '../../include/net/snmp.js';
import * as mib from '../../include/net/snmp.js';
import type { snmp_mib, snmp_mib_counters } from '../../include/net/snmp.js';
import { sk_rmem_alloc_get, sk_wmem_alloc_get } from '../../include/net/sock.js';
import { sock_inuse_get, sock_prot_inuse_get } from '../core/sock.js';
import { fib_get_table } from './fib_frontend.js';
import { fib_table_dump } from './fib_trie.js';
import { raw_prot } from './raw.js';
import { tcp_prot } from './tcp_ipv4.js';
import { udp_prot } from './udp.js';
import type { int } from '../../include/linux/types.js';

/** ICMP types that have counters of their own, in the order of the file. */
const icmpmibmap: readonly (readonly [string, int])[] = [
  ['DestUnreachs', 3],
  ['TimeExcds', 11],
  ['ParmProbs', 12],
  ['SrcQuenchs', 4],
  ['Redirects', 5],
  ['Echos', 8],
  ['EchoReps', 0],
  ['Timestamps', 13],
  ['TimestampReps', 14],
  ['AddrMasks', 17],
  ['AddrMaskReps', 18],
];

/** Counters of the line Ip and of the line IpExt, in the order of the files. */
const snmp4_ipstats_list: readonly snmp_mib[] = [
  { name: 'InReceives', entry: mib.IPSTATS_MIB_INPKTS },
  { name: 'InHdrErrors', entry: mib.IPSTATS_MIB_INHDRERRORS },
  { name: 'InAddrErrors', entry: mib.IPSTATS_MIB_INADDRERRORS },
  { name: 'ForwDatagrams', entry: mib.IPSTATS_MIB_OUTFORWDATAGRAMS },
  { name: 'InUnknownProtos', entry: mib.IPSTATS_MIB_INUNKNOWNPROTOS },
  { name: 'InDiscards', entry: mib.IPSTATS_MIB_INDISCARDS },
  { name: 'InDelivers', entry: mib.IPSTATS_MIB_INDELIVERS },
  { name: 'OutRequests', entry: mib.IPSTATS_MIB_OUTREQUESTS },
  { name: 'OutDiscards', entry: mib.IPSTATS_MIB_OUTDISCARDS },
  { name: 'OutNoRoutes', entry: mib.IPSTATS_MIB_OUTNOROUTES },
  { name: 'ReasmTimeout', entry: mib.IPSTATS_MIB_REASMTIMEOUT },
  { name: 'ReasmReqds', entry: mib.IPSTATS_MIB_REASMREQDS },
  { name: 'ReasmOKs', entry: mib.IPSTATS_MIB_REASMOKS },
  { name: 'ReasmFails', entry: mib.IPSTATS_MIB_REASMFAILS },
  { name: 'FragOKs', entry: mib.IPSTATS_MIB_FRAGOKS },
  { name: 'FragFails', entry: mib.IPSTATS_MIB_FRAGFAILS },
  { name: 'FragCreates', entry: mib.IPSTATS_MIB_FRAGCREATES },
  { name: 'OutTransmits', entry: mib.IPSTATS_MIB_OUTPKTS },
];
const snmp4_ipextstats_list: readonly snmp_mib[] = [
  { name: 'InNoRoutes', entry: mib.IPSTATS_MIB_INNOROUTES },
  { name: 'InTruncatedPkts', entry: mib.IPSTATS_MIB_INTRUNCATEDPKTS },
  { name: 'InMcastPkts', entry: mib.IPSTATS_MIB_INMCASTPKTS },
  { name: 'OutMcastPkts', entry: mib.IPSTATS_MIB_OUTMCASTPKTS },
  { name: 'InBcastPkts', entry: mib.IPSTATS_MIB_INBCASTPKTS },
  { name: 'OutBcastPkts', entry: mib.IPSTATS_MIB_OUTBCASTPKTS },
  { name: 'InOctets', entry: mib.IPSTATS_MIB_INOCTETS },
  { name: 'OutOctets', entry: mib.IPSTATS_MIB_OUTOCTETS },
  { name: 'InMcastOctets', entry: mib.IPSTATS_MIB_INMCASTOCTETS },
  { name: 'OutMcastOctets', entry: mib.IPSTATS_MIB_OUTMCASTOCTETS },
  { name: 'InBcastOctets', entry: mib.IPSTATS_MIB_INBCASTOCTETS },
  { name: 'OutBcastOctets', entry: mib.IPSTATS_MIB_OUTBCASTOCTETS },
  { name: 'InCsumErrors', entry: mib.IPSTATS_MIB_CSUMERRORS },
  { name: 'InNoECTPkts', entry: mib.IPSTATS_MIB_NOECTPKTS },
  { name: 'InECT1Pkts', entry: mib.IPSTATS_MIB_ECT1PKTS },
  { name: 'InECT0Pkts', entry: mib.IPSTATS_MIB_ECT0PKTS },
  { name: 'InCEPkts', entry: mib.IPSTATS_MIB_CEPKTS },
  { name: 'ReasmOverlaps', entry: mib.IPSTATS_MIB_REASM_OVERLAPS },
];

/** @notrace */
function two_lines(title: string, names: readonly string[], values: readonly number[]): string {
  return `${title}: ${names.join(' ')}\n${title}: ${values.join(' ')}\n`;
}

/** @notrace */
function mib_lines(title: string, list: readonly snmp_mib[], counters: snmp_mib_counters): string {
  return two_lines(
    title,
    list.map((m) => m.name),
    list.map((m) => counters[m.entry]),
  );
}

/** @notrace */
function icmp_put(net: net): string {
  const m = net.mib.icmp_statistics;
  const types = net.mib.icmpmsg_statistics;
  return two_lines(
    'Icmp',
    [
      'InMsgs',
      'InErrors',
      'InCsumErrors',
      ...icmpmibmap.map(([name]) => `In${name}`),
      'OutMsgs',
      'OutErrors',
      'OutRateLimitGlobal',
      'OutRateLimitHost',
      ...icmpmibmap.map(([name]) => `Out${name}`),
    ],
    [
      m[ICMP_MIB_INMSGS],
      m[ICMP_MIB_INERRORS],
      m[ICMP_MIB_CSUMERRORS],
      ...icmpmibmap.map(([, type]) => types[type]),
      m[ICMP_MIB_OUTMSGS],
      m[ICMP_MIB_OUTERRORS],
      m[ICMP_MIB_RATELIMITGLOBAL],
      m[ICMP_MIB_RATELIMITHOST],
      ...icmpmibmap.map(([, type]) => types[256 + type]),
    ],
  );
}

/** Types that were seen, each with its number. @notrace */
function icmpmsg_put(net: net): string {
  const types = net.mib.icmpmsg_statistics;
  const names: string[] = [];
  const values: number[] = [];
  for (let i = 0; i < types.length; i++) {
    if (types[i] === 0) continue;
    names.push(i < 256 ? `InType${i}` : `OutType${i - 256}`);
    values.push(types[i]);
  }
  return names.length === 0 ? '' : two_lines('IcmpMsg', names, values);
}

/** The text of /proc/net/snmp. */
export function snmp_seq_show(net: net): string {
  const forwarding = net.ipv4.devconf_all.data[0] !== 0 ? 1 : 2;
  const ip = net.mib.ip_statistics;
  return (
    two_lines(
      'Ip',
      ['Forwarding', 'DefaultTTL', ...snmp4_ipstats_list.map((m) => m.name)],
      [forwarding, net.ipv4.sysctl_ip_default_ttl, ...snmp4_ipstats_list.map((m) => ip[m.entry])],
    ) +
    icmp_put(net) +
    icmpmsg_put(net) +
    mib_lines('Tcp', snmp4_tcp_list, net.mib.tcp_statistics) +
    mib_lines('Udp', snmp4_udp_list, net.mib.udp_statistics) +
    mib_lines('UdpLite', snmp4_udp_list, net.mib.udplite_statistics)
  );
}

/** The text of /proc/net/netstat. */
export function netstat_seq_show(net: net): string {
  return (
    mib_lines('TcpExt', snmp4_net_list, net.mib.net_statistics) +
    mib_lines('IpExt', snmp4_ipextstats_list, net.mib.ip_statistics)
  );
}

/** The text of /proc/net/sockstat. */
export function sockstat_seq_show(net: net): string {
  const kernel = net.kernel;
  const tcp_mem = tcp_prot.memory?.(kernel);
  const orphans = 0;
  const tw = net.ipv4.tcp_death_row.tw_refcount - 1;
  return (
    `sockets: used ${sock_inuse_get(net)}\n` +
    `TCP: inuse ${sock_prot_inuse_get(net, tcp_prot)} orphan ${orphans} tw ${tw} alloc ${tcp_mem?.sockets_allocated ?? 0} mem ${tcp_mem?.memory_allocated ?? 0}\n` +
    `UDP: inuse ${sock_prot_inuse_get(net, udp_prot)} mem ${kernel.udp_memory.memory_allocated}\n` +
    'UDPLITE: inuse 0\n' +
    `RAW: inuse ${sock_prot_inuse_get(net, raw_prot)}\n` +
    `FRAG: inuse ${net.ipv4.fqdir?.rhashtable.size ?? 0} memory ${net.ipv4.fqdir?.mem ?? 0}\n`
  );
}

/** @notrace */
function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}

/** The text of /proc/net/raw. */
export function raw_seq_show(net: net): string {
  let out =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';
  net.kernel.raw_v4_hashinfo.ht.forEach((slot, i) => {
    for (const sp of slot) {
      const inet = inet_sk(sp);
      const queues = `${hex(sk_wmem_alloc_get(sp), 8)}:${hex(sk_rmem_alloc_get(sp), 8)}`;
      const local = `${hex(inet.inet_rcv_saddr, 8)}:${hex(inet.inet_num, 4)}`;
      const remote = `${hex(inet.inet_daddr, 8)}:${hex(ntohs(inet.inet_dport), 4)}`;
      const uid = String(sp.sk_uid).padStart(5);
      out += `${String(i).padStart(4)}: ${local} ${remote} ${hex(sp.sk_state, 2)} ${queues} 00:00000000 00000000 ${uid}        0 ${sp.sk_cookie} ${sp.sk_refcnt} 0000000000000000 ${sp.sk_drops}\n`;
    }
  });
  return out;
}

/** The text of /proc/net/route: the main table. */
export function fib_route_seq_show(net: net): string {
  const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  let out = `${header.padEnd(127)}\n`;
  const tb = fib_get_table(net, RT_TABLE_MAIN);
  if (tb === null) return out;
  for (const { dst, fa } of fib_table_dump(tb)) {
    if (fa.fa_type === RTN_BROADCAST || fa.fa_type === RTN_MULTICAST) continue;
    const fi = fa.fa_info;
    const nh = fi.fib_nh[0];
    const mask = inet_make_mask(32 - fa.fa_slen);
    let flags = RTF_UP;
    if (fa.fa_type === RTN_UNREACHABLE || fa.fa_type === RTN_PROHIBIT) flags = RTF_REJECT;
    if (nh.nhc_gw4 !== 0) flags |= RTF_GATEWAY;
    if (mask === 0xffffffff) flags |= RTF_HOST;
    flags |= RTF_UP;
    const advmss = fi.fib_metrics?.[RTAX_ADVMSS - 1] ?? 0;
    const window = fi.fib_metrics?.[RTAX_WINDOW - 1] ?? 0;
    const dev = nh.nhc_dev?.name ?? '*';
    const line = `${dev}\t${hex(dst, 8)}\t${hex(nh.nhc_gw4, 8)}\t${hex(flags, 4)}\t0\t0\t${fi.fib_priority}\t${hex(mask, 8)}\t${advmss !== 0 ? advmss + 40 : 0}\t${window}\t0`;
    out += `${line.padEnd(127)}\n`;
  }
  return out;
}

export function ipv4_proc_init(net: net): int {
  const proc = net.kernel.proc;
  proc.set('net/snmp', () => snmp_seq_show(net));
  proc.set('net/netstat', () => netstat_seq_show(net));
  proc.set('net/sockstat', () => sockstat_seq_show(net));
  proc.set('net/raw', () => raw_seq_show(net));
  proc.set('net/route', () => fib_route_seq_show(net));
  return 0;
}
