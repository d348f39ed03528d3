// struct inet_sock: a socket with IPv4 addresses and options; ip_options; the cork (include/net/inet_sock.h).

import { sock } from './sock/struct.js';
import { request_sock } from './request_sock.js';
import { flowi } from './flow.js';
import type { dst_entry } from './dst.js';
import type { ip_mc_socklist } from '../linux/igmp.js';
import type { net } from './net_namespace.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { __be16, __be32, bool, int, ktime_t, s16, u16, u32, u8 } from '../linux/types.js';

/** IP options, parsed: rr, srr, ts are offsets from the begin of the IP header, 0 where absent. */
export class ip_options {
  faddr: __be32 = 0;
  nexthop: __be32 = 0;
  optlen: u8 = 0;
  srr: u8 = 0;
  rr: u8 = 0;
  ts: u8 = 0;
  is_strictroute: bool = false;
  srr_is_hit: bool = false;
  is_changed: bool = false;
  rr_needaddr: bool = false;
  ts_needtime: bool = false;
  ts_needaddr: bool = false;
  router_alert: u8 = 0;
  cipso: u8 = 0;
  /** the options as they stand in the packet, for those that a sender has set; as long as optlen */
  __data: Uint8Array = NO_DATA;
}

const NO_DATA = new Uint8Array(0);

/** Makes `opt` empty again. @notrace */
export function ip_options_clear(opt: ip_options): void {
  opt.faddr = 0;
  opt.nexthop = 0;
  opt.optlen = 0;
  opt.srr = 0;
  opt.rr = 0;
  opt.ts = 0;
  opt.is_strictroute = false;
  opt.srr_is_hit = false;
  opt.is_changed = false;
  opt.rr_needaddr = false;
  opt.ts_needtime = false;
  opt.ts_needaddr = false;
  opt.router_alert = 0;
  opt.cipso = 0;
  opt.__data = NO_DATA;
}

/** `to = *from`. @notrace */
export function ip_options_copy(to: ip_options, from: ip_options): void {
  to.faddr = from.faddr;
  to.nexthop = from.nexthop;
  to.optlen = from.optlen;
  to.srr = from.srr;
  to.rr = from.rr;
  to.ts = from.ts;
  to.is_strictroute = from.is_strictroute;
  to.srr_is_hit = from.srr_is_hit;
  to.is_changed = from.is_changed;
  to.rr_needaddr = from.rr_needaddr;
  to.ts_needtime = from.ts_needtime;
  to.ts_needaddr = from.ts_needaddr;
  to.router_alert = from.router_alert;
  to.cipso = from.cipso;
  to.__data = from.__data;
}

export class ip_options_rcu {
  opt: ip_options = new ip_options();
}

/** struct inet_request_sock: a connection request with what IPv4 and TCP's options need. @packed */
export class inet_request_sock extends request_sock {
  snd_wscale: u8 = 0;
  rcv_wscale: u8 = 0;
  tstamp_ok: bool = false;
  sack_ok: bool = false;
  wscale_ok: bool = false;
  ecn_ok: bool = false;
  acked: bool = false;
  no_srccheck: bool = false;
  smc_ok: bool = false;
  ir_mark: u32 = 0;
  ireq_opt: ip_options_rcu | null = null;
  get req(): request_sock {
    return this;
  }
  get ir_loc_addr(): __be32 {
    return this.skc_rcv_saddr;
  }
  set ir_loc_addr(v: __be32) {
    this.skc_rcv_saddr = v;
  }
  get ir_rmt_addr(): __be32 {
    return this.skc_daddr;
  }
  set ir_rmt_addr(v: __be32) {
    this.skc_daddr = v;
  }
  /** host order */
  get ir_num(): u16 {
    return this.skc_num;
  }
  set ir_num(v: u16) {
    this.skc_num = v;
  }
  get ir_rmt_port(): __be16 {
    return this.skc_dport;
  }
  set ir_rmt_port(v: __be16) {
    this.skc_dport = v;
  }
  get ir_iif(): int {
    return this.skc_bound_dev_if;
  }
  set ir_iif(v: int) {
    this.skc_bound_dev_if = v;
  }
}

/** @notrace */
export function inet_rsk(sk: request_sock): inet_request_sock {
  return sk as inet_request_sock;
}

export class inet_cork {
  flags = 0;
  addr: __be32 = 0;
  opt: ip_options | null = null;
  /** fragment size: the path's MTU at the first append */
  fragsize: int = 0;
  length: int = 0;
  dst: dst_entry | null = null;
  tx_flags: u8 = 0;
  ttl: u8 = 0;
  tos: s16 = 0;
  priority: u32 = 0;
  gso_size: u16 = 0;
  ts_opt_id: u32 = 0;
  transmit_time: ktime_t = 0;
  mark: u32 = 0;
}

export class inet_cork_full {
  base: inet_cork = new inet_cork();
  fl: flowi = new flowi();
}

export const IPCORK_OPT = 1;
export const IPCORK_TS_OPT_ID = 2;

/** Bits of inet_sock.inet_flags. */
export const INET_FLAGS_PKTINFO = 0;
export const INET_FLAGS_TTL = 1;
export const INET_FLAGS_TOS = 2;
export const INET_FLAGS_RECVOPTS = 3;
export const INET_FLAGS_RETOPTS = 4;
export const INET_FLAGS_PASSSEC = 5;
export const INET_FLAGS_ORIGDSTADDR = 6;
export const INET_FLAGS_CHECKSUM = 7;
export const INET_FLAGS_RECVFRAGSIZE = 8;
export const INET_FLAGS_RECVERR = 9;
export const INET_FLAGS_RECVERR_RFC4884 = 10;
export const INET_FLAGS_FREEBIND = 11;
export const INET_FLAGS_HDRINCL = 12;
export const INET_FLAGS_MC_LOOP = 13;
export const INET_FLAGS_MC_ALL = 14;
export const INET_FLAGS_TRANSPARENT = 15;
export const INET_FLAGS_IS_ICSK = 16;
export const INET_FLAGS_NODEFRAG = 17;
export const INET_FLAGS_BIND_ADDRESS_NO_PORT = 18;
export const INET_FLAGS_DEFER_CONNECT = 19;
export const INET_FLAGS_RTALERT = 30;

/** The control messages that a reader asked for. */
export const INET_CMSG_FLAGS =
  (1 << INET_FLAGS_PKTINFO) |
  (1 << INET_FLAGS_TTL) |
  (1 << INET_FLAGS_TOS) |
  (1 << INET_FLAGS_RECVOPTS) |
  (1 << INET_FLAGS_RETOPTS) |
  (1 << INET_FLAGS_PASSSEC) |
  (1 << INET_FLAGS_ORIGDSTADDR) |
  (1 << INET_FLAGS_CHECKSUM) |
  (1 << INET_FLAGS_RECVFRAGSIZE);

/** A socket with IPv4 addresses. @packed */
export class inet_sock extends sock {
  inet_flags: u32 = 0;
  inet_saddr: __be32 = 0;
  /** unicast TTL, or -1: the route's, else sysctl_ip_default_ttl */
  uc_ttl: s16 = -1;
  inet_sport: __be16 = 0;
  /** @rare */
  inet_opt: ip_options_rcu | null = null;
  inet_id: u16 = 0;
  tos: u8 = 0;
  min_ttl: u8 = 0;
  mc_ttl: u8 = 1;
  pmtudisc: u8 = 0;
  rcv_tos: u8 = 0;
  convert_csum: u8 = 0;
  uc_index: int = 0;
  mc_index: int = 0;
  mc_addr: __be32 = 0;
  /** low port in the low half, high port in the high half; 0 for the sysctl's range */
  local_port_range: u32 = 0;
  /** @rare */
  mc_list: ip_mc_socklist | null = null;
  /** @rare */
  cork: inet_cork_full = new inet_cork_full();

  get sk(): sock {
    return this;
  }
  get inet_daddr(): __be32 {
    return this.sk_daddr;
  }
  set inet_daddr(v: __be32) {
    this.sk_daddr = v;
  }
  get inet_rcv_saddr(): __be32 {
    return this.sk_rcv_saddr;
  }
  set inet_rcv_saddr(v: __be32) {
    this.sk_rcv_saddr = v;
  }
  get inet_dport(): __be16 {
    return this.sk_dport;
  }
  set inet_dport(v: __be16) {
    this.sk_dport = v;
  }
  /** local port in host order */
  get inet_num(): u16 {
    return this.sk_num;
  }
  set inet_num(v: u16) {
    this.sk_num = v;
  }
}

/** @notrace */
export function inet_sk(sk: sock): inet_sock {
  return sk as inet_sock;
}

/** @notrace */
export function inet_test_bit(nr: int, sk: sock): bool {
  return (((sk as inet_sock).inet_flags >>> nr) & 1) !== 0;
}
/** @notrace */
export function inet_set_bit(nr: int, sk: sock): void {
  (sk as inet_sock).inet_flags |= 1 << nr;
}
/** @notrace */
export function inet_clear_bit(nr: int, sk: sock): void {
  (sk as inet_sock).inet_flags &= ~(1 << nr);
}
/** @notrace */
export function inet_assign_bit(nr: int, sk: sock, val: bool): void {
  if (val) inet_set_bit(nr, sk);
  else inet_clear_bit(nr, sk);
}
/** @returns whether the bit was set before @notrace */
export function inet_test_and_clear_bit(nr: int, sk: sock): bool {
  const was = inet_test_bit(nr, sk);
  inet_clear_bit(nr, sk);
  return was;
}
/** @notrace */
export function inet_cmsg_flags(inet: inet_sock): u32 {
  return inet.inet_flags & INET_CMSG_FLAGS;
}

/** Mark of a connection made on account of `skb` (tcp_fwmark_accept). @notrace */
export function inet_request_mark(sk: sock, skb: sk_buff): u32 {
  if (sk.sk_mark === 0 && sock_net_of(sk).ipv4.sysctl_tcp_fwmark_accept !== 0) return skb.mark;
  return sk.sk_mark;
}

/** @notrace */
function sock_net_of(sk: sock): net {
  return sk.sk_net;
}

/** @notrace */
export function inet_request_bound_dev_if(sk: sock, _skb: sk_buff): int {
  return sk.sk_bound_dev_if;
}

export const INET_RCV_SADDR_ANY = 0;

/** Whether the socket may be bound to an address that is not ours. @notrace */
export function inet_can_nonlocal_bind(net: net, inet: inet_sock): bool {
  return (
    net.ipv4.sysctl_ip_nonlocal_bind !== 0 ||
    (inet.inet_flags & ((1 << INET_FLAGS_FREEBIND) | (1 << INET_FLAGS_TRANSPARENT))) !== 0
  );
}

/** @param addr_type RTN_* of the address @notrace */
export function inet_addr_valid_or_nonlocal(net: net, inet: inet_sock, addr: __be32, addr_type: int): bool {
  return inet_can_nonlocal_bind(net, inet) || addr === 0 || addr_type === 2 || addr_type === 5 || addr_type === 3;
}

/** Whether the socket that a packet is for was found with its routing decision at hand (IP_TRANSPARENT). @notrace */
export function inet_sk_transparent(sk: sock): bool {
  return inet_test_bit(INET_FLAGS_TRANSPARENT, sk);
}

/** @notrace */
export function inet_is_local_unbindable_port(_net: net, _port: u16): bool {
  return false;
}

/** How many readers want checksums converted (IP_CHECKSUM). @notrace */
export function inet_inc_convert_csum(sk: sock): void {
  inet_sk(sk).convert_csum++;
}
/** @notrace */
export function inet_dec_convert_csum(sk: sock): void {
  if (inet_sk(sk).convert_csum > 0) inet_sk(sk).convert_csum--;
}
/** @notrace */
export function inet_get_convert_csum(sk: sock): bool {
  return inet_sk(sk).convert_csum !== 0;
}
