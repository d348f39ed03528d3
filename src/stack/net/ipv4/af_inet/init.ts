// The start of IPv4 on a host (net/ipv4/af_inet.c: inet_init).

import { htons } from '../../../include/linux/byteorder.js';
import { ETH_P_IP } from '../../../include/linux/if_ether.js';
import { IPPROTO_ICMP, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IP_PMTUDISC_DONT } from '../../../include/linux/in.js';
import { SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from '../../../include/linux/net.js';
import { packet_type } from '../../../include/linux/netdevice.js';
import type { packet_offload } from '../../../include/linux/netdevice.js';
import { AF_INET } from '../../../include/linux/socket.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { INET_PROTOSW_ICSK, INET_PROTOSW_PERMANENT, INET_PROTOSW_REUSE } from '../../../include/net/protocol.js';
import type { inet_protosw, net_protocol } from '../../../include/net/protocol.js';
import { TCP_MIB_MAXCONN, TCP_MIB_RTOALGORITHM, TCP_MIB_RTOMAX, TCP_MIB_RTOMIN } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { dev_add_pack } from '../../core/dev.js';
import { dev_add_offload } from '../../core/gro.js';
import { sock_register } from '../../socket/create.js';
import { arp_init } from '../arp.js';
import { icmp_err, icmp_rcv } from '../icmp.js';
import { inet_initpeers } from '../inetpeer.js';
import { ipfrag_init } from '../ip_fragment.js';
import { ip_rcv } from '../ip_input.js';
import { ping_init, ping_prot } from '../ping.js';
import { ipv4_proc_init } from '../proc.js';
import { inet_add_protocol } from '../protocol.js';
import { raw_init, raw_prot } from '../raw.js';
import { ip_rt_init } from '../route.js';
import { sysctl_ipv4_init } from '../sysctl_net_ipv4.js';
import { tcp_init } from '../tcp/index.js';
import { tcp_prot, tcp_v4_err, tcp_v4_rcv } from '../tcp_ipv4.js';
import { tcpv4_offload_init } from '../tcp_offload.js';
import { udp_err, udp_init, udp_prot, udp_rcv } from '../udp.js';
import { udpv4_offload_init } from '../udp_offload.js';
import { inet_ctl_sock_create, inet_register_protosw } from './create.js';
import { inet_gro_complete, inet_gro_receive, inet_gso_segment } from './gro.js';
import { inet_dgram_ops, inet_family_ops, inet_sockraw_ops, inet_stream_ops } from './ops.js';

/** The transports of a host. @notrace */
export function inet_protocols(): { tcp: net_protocol; udp: net_protocol; icmp: net_protocol } {
  return {
    icmp: { handler: icmp_rcv, err_handler: icmp_err, no_policy: true, icmp_strict_tag_validation: false },
    udp: { handler: udp_rcv, err_handler: udp_err, no_policy: true, icmp_strict_tag_validation: false },
    tcp: { handler: tcp_v4_rcv, err_handler: tcp_v4_err, no_policy: true, icmp_strict_tag_validation: true },
  };
}

/** The kinds of sockets that every host has. @notrace */
export function inetsw_array(): readonly inet_protosw[] {
  const P = INET_PROTOSW_PERMANENT;
  return [
    { type: SOCK_STREAM, protocol: IPPROTO_TCP, prot: tcp_prot, ops: inet_stream_ops, flags: P | INET_PROTOSW_ICSK },
    { type: SOCK_DGRAM, protocol: IPPROTO_UDP, prot: udp_prot, ops: inet_dgram_ops, flags: P },
    { type: SOCK_DGRAM, protocol: IPPROTO_ICMP, prot: ping_prot, ops: inet_sockraw_ops, flags: INET_PROTOSW_REUSE },
    { type: SOCK_RAW, protocol: IPPROTO_IP, prot: raw_prot, ops: inet_sockraw_ops, flags: INET_PROTOSW_REUSE },
  ];
}

export function ip_init(kernel: Kernel): void {
  ip_rt_init(kernel);
  inet_initpeers(kernel.init_net);
}

/** The kernel's own socket for ICMP. */
export function icmp_sk_init(net: net): void {
  const sk: { value: sock | null } = { value: null };
  if (inet_ctl_sock_create(sk, AF_INET, SOCK_RAW, IPPROTO_ICMP, net) !== 0 || sk.value === null) return;
  net.ipv4.icmp_sk = sk.value;
  // It has room for two messages of the largest size.
  sk.value.sk_sndbuf = 2 * (65536 + 576);
  inet_sk(sk.value).pmtudisc = IP_PMTUDISC_DONT;
  net.ipv4.icmp_global_credit = net.ipv4.sysctl_icmp_msgs_burst;
  net.ipv4.icmp_global_stamp = net.kernel.jiffies;
}

export function icmp_init(kernel: Kernel): number {
  icmp_sk_init(kernel.init_net);
  return 0;
}

export function ipv4_offload_init(kernel: Kernel): number {
  tcpv4_offload_init(kernel);
  udpv4_offload_init(kernel);
  const ip_packet_offload: packet_offload = {
    type: htons(ETH_P_IP),
    priority: 0,
    callbacks: { gso_segment: inet_gso_segment, gro_receive: inet_gro_receive, gro_complete: inet_gro_complete },
  };
  dev_add_offload(kernel, ip_packet_offload);
  return 0;
}

/** Counters that are no counters but say what TCP is (RFC 4022). */
export function init_ipv4_mibs(net: net): void {
  const tcp = net.mib.tcp_statistics;
  tcp[TCP_MIB_RTOALGORITHM] = 1;
  tcp[TCP_MIB_RTOMIN] = 200;
  tcp[TCP_MIB_RTOMAX] = 120000;
  tcp[TCP_MIB_MAXCONN] = -1;
}

/** Boot: everything that IPv4 registers. */
export function inet_init(kernel: Kernel): number {
  const net = kernel.init_net;
  init_ipv4_mibs(net);
  raw_init(kernel);
  ping_init(kernel);
  sock_register(kernel, inet_family_ops);
  const protocols = inet_protocols();
  inet_add_protocol(kernel, protocols.icmp, IPPROTO_ICMP);
  inet_add_protocol(kernel, protocols.udp, IPPROTO_UDP);
  inet_add_protocol(kernel, protocols.tcp, IPPROTO_TCP);
  for (const q of inetsw_array()) inet_register_protosw(kernel, q);
  arp_init(kernel);
  ip_init(kernel);
  udp_init(kernel);
  tcp_init(kernel);
  icmp_init(kernel);
  sysctl_ipv4_init(net);
  ipv4_proc_init(net);
  ipfrag_init(kernel);
  ipv4_offload_init(kernel);
  dev_add_pack(kernel, new packet_type(htons(ETH_P_IP), ip_rcv));
  return 0;
}
