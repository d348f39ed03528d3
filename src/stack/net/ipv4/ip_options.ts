// IP options: compiled from packets and from users, echoed, fulfilled on the way (net/ipv4/ip_options.c; RFC 791 3.1,
// RFC 1122 3.2.1.8, RFC 2113).

import { htonl } from '../../include/linux/byteorder.js';
import { EINVAL } from '../../include/linux/errno.js';
import { ICMP_PARAMETERPROB } from '../../include/linux/icmp.js';
import {
  IPOPT_CIPSO,
  IPOPT_COPIED,
  IPOPT_END,
  IPOPT_LSRR,
  IPOPT_NOOP,
  IPOPT_RA,
  IPOPT_RR,
  IPOPT_SEC,
  IPOPT_SID,
  IPOPT_SSRR,
  IPOPT_TIMESTAMP,
  IPOPT_TS_PRESPEC,
  IPOPT_TS_TSANDADDR,
  IPOPT_TS_TSONLY,
  MAX_IPOPTLEN,
  SIZEOF_IPHDR,
  ip_hdr,
} from '../../include/linux/ip.js';
import { PACKET_HOST } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { SKB_NOT_DROPPED_YET } from '../../include/net/dropreason.js';
import { dst_hold, skb_dst_drop } from '../../include/net/dst.js';
import { dst_release } from '../core/dst.js';
import { icmp_send } from '../../include/net/icmp.js';
import { IPCB, ip_send_check } from '../../include/net/ip.js';
import { ip_options, ip_options_copy, ip_options_rcu } from '../../include/net/inet_sock.js';
import type { net } from '../../include/net/net_namespace.js';
import { RTN_LOCAL, RTN_UNICAST } from '../../include/linux/rtnetlink.js';
import { skb_rtable } from '../../include/net/route.js';
import type { rtable } from '../../include/net/route.js';
import { skb_dst_set } from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { ktime_get_real_ns } from '../../include/linux/jiffies.js';
import { fib_compute_spec_dst, inet_addr_type } from './fib_frontend.js';
import { inet_select_addr } from './devinet.js';
import { ip_route_input_noref } from './route.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { __be32, int, u32 } from '../../include/linux/types.js';

/** Loads an address of 4 bytes. @notrace */
export function get_be32(b: Uint8Array, at: int): __be32 {
  return (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
}
/** @notrace */
export function put_be32(b: Uint8Array, at: int, v: __be32): void {
  b[at] = v;
  b[at + 1] = v >>> 8;
  b[at + 2] = v >>> 16;
  b[at + 3] = v >>> 24;
}

/** ms since midnight UTC, in network order, as the timestamp option counts. */
export function inet_current_timestamp(kernel: Kernel): __be32 {
  const ms = ktime_get_real_ns(kernel) / 1_000_000n;
  return htonl(Number(ms % 86_400_000n));
}

/** Address of ours to write into a record of the packet's route. @notrace */
export function ip_rt_get_source(skb: sk_buff, rt: rtable): __be32 {
  const dev = rt.dev as net_device;
  if (rt.rt_is_input === 0) return ip_hdr(skb).saddr;
  const iph = ip_hdr(skb);
  const nexthop = rt.rt_gw_family !== 0 ? rt.rt_gw4 : iph.daddr;
  return inet_select_addr(dev, nexthop, 0);
}

/** Writes a sender's options behind the header, whose place is made. @param daddr the real destination */
export function ip_options_build(skb: sk_buff, opt: ip_options, daddr: __be32, rt: rtable): void {
  const b = skb.head;
  const iph = skb.network_header;
  const cb = IPCB(skb).opt;
  ip_options_copy(cb, opt);
  b.set(opt.__data.subarray(0, opt.optlen), iph + SIZEOF_IPHDR);
  // The last address of a source route is the destination itself.
  if (opt.srr !== 0) put_be32(b, iph + opt.srr + b[iph + opt.srr + 1] - 4, daddr);
  if (opt.rr_needaddr) put_be32(b, iph + opt.rr + b[iph + opt.rr + 2] - 5, ip_rt_get_source(skb, rt));
  if (opt.ts_needaddr) put_be32(b, iph + opt.ts + b[iph + opt.ts + 2] - 9, ip_rt_get_source(skb, rt));
  if (opt.ts_needtime) {
    const now = inet_current_timestamp((rt.dev as net_device).nd_net.kernel);
    put_be32(b, iph + opt.ts + b[iph + opt.ts + 2] - 5, now);
  }
}

/**
 * The options of a reply to a packet with options: routes turned round, records copied.
 * @param dopt filled in
 * @returns 0 or -EINVAL
 */
export function __ip_options_echo(net: net, dopt: ip_options, sopt: ip_options, skb: sk_buff): int {
  if (sopt.optlen === 0) return 0;
  const out = new Uint8Array(MAX_IPOPTLEN);
  const b = skb.head;
  const sptr = skb.network_header;
  let len = 0;
  if (sopt.rr !== 0) {
    const optlen = b[sptr + sopt.rr + 1];
    const soffset = b[sptr + sopt.rr + 2];
    dopt.rr = len + SIZEOF_IPHDR;
    out.set(b.subarray(sptr + sopt.rr, sptr + sopt.rr + optlen), len);
    if (sopt.rr_needaddr && soffset <= optlen) {
      if (soffset + 3 > optlen) return -EINVAL;
      out[len + 2] = soffset + 4;
      dopt.rr_needaddr = true;
    }
    len += optlen;
  }
  if (sopt.ts !== 0) {
    const optlen = b[sptr + sopt.ts + 1];
    const soffset = b[sptr + sopt.ts + 2];
    dopt.ts = len + SIZEOF_IPHDR;
    out.set(b.subarray(sptr + sopt.ts, sptr + sopt.ts + optlen), len);
    if (soffset <= optlen) {
      let at = soffset;
      if (sopt.ts_needaddr) {
        if (soffset + 3 > optlen) return -EINVAL;
        dopt.ts_needaddr = true;
        at += 4;
      }
      if (sopt.ts_needtime) {
        if (at + 3 > optlen) return -EINVAL;
        if ((out[len + 3] & 0xf) !== IPOPT_TS_PRESPEC) {
          dopt.ts_needtime = true;
          at += 4;
        } else {
          dopt.ts_needtime = false;
          if (at + 7 <= optlen && inet_addr_type(net, get_be32(b, sptr + sopt.ts + at - 1)) !== RTN_UNICAST) {
            dopt.ts_needtime = true;
            at += 8;
          }
        }
      }
      out[len + 2] = at;
    }
    len += optlen;
  }
  if (sopt.srr !== 0) {
    const start = sptr + sopt.srr;
    const optlen = b[start + 1];
    let soffset = b[start + 2];
    if (soffset > optlen) soffset = optlen + 1;
    soffset -= 4;
    let doffset = 4;
    if (soffset > 3) {
      const faddr = get_be32(b, start + soffset - 1);
      for (soffset -= 4; soffset > 3; soffset -= 4, doffset += 4) {
        out.set(b.subarray(start + soffset - 1, start + soffset + 3), len + doffset - 1);
      }
      // RFC 1812: a router that is itself the first hop is left out of the way back.
      if (ip_hdr(skb).saddr === get_be32(b, start + soffset + 3)) doffset -= 4;
      dopt.faddr = faddr;
    }
    if (doffset > 3) {
      put_be32(out, len + doffset - 1, ip_hdr(skb).saddr);
      out[len] = b[start];
      out[len + 1] = doffset + 3;
      out[len + 2] = 4;
      dopt.srr = len + SIZEOF_IPHDR;
      len += doffset + 3;
      dopt.is_strictroute = sopt.is_strictroute;
    }
  }
  if (sopt.cipso !== 0) {
    const optlen = b[sptr + sopt.cipso + 1];
    dopt.cipso = len + SIZEOF_IPHDR;
    out.set(b.subarray(sptr + sopt.cipso, sptr + sopt.cipso + optlen), len);
    len += optlen;
  }
  while ((len & 3) !== 0) out[len++] = IPOPT_END;
  dopt.optlen = len;
  dopt.__data = out;
  return 0;
}

/** @notrace */
export function ip_options_echo(net: net, dopt: ip_options, skb: sk_buff): int {
  return __ip_options_echo(net, dopt, IPCB(skb).opt, skb);
}

/** After the first fragment: options that are not to be copied into the others become no-operations. */
export function ip_options_fragment(skb: sk_buff): void {
  const b = skb.head;
  const opt = IPCB(skb).opt;
  let at = skb.network_header + SIZEOF_IPHDR;
  let l = opt.optlen;
  while (l > 0) {
    if (b[at] === IPOPT_END) return;
    if (b[at] === IPOPT_NOOP) {
      l--;
      at++;
      continue;
    }
    const optlen = b[at + 1];
    if (optlen < 2 || optlen > l) return;
    if (!IPOPT_COPIED(b[at])) b.fill(IPOPT_NOOP, at, at + optlen);
    l -= optlen;
    at += optlen;
  }
  opt.ts = 0;
  opt.rr = 0;
  opt.rr_needaddr = false;
  opt.ts_needaddr = false;
  opt.ts_needtime = false;
}

/**
 * Reads options and checks them; in a packet, fills in what asks for our address or the time.
 * @param skb the packet; null: the options stand in opt.__data
 * @param info gets the place of the error as ICMP wants it: offset from the header's begin in the top byte
 * @returns 0 or -EINVAL
 * @EXPORT_SYMBOL
 */
export function __ip_options_compile(
  net: net,
  opt: ip_options,
  skb: sk_buff | null,
  info: { value: __be32 } | null,
): int {
  const rt = skb !== null ? skb_rtable(skb) : null;
  const b = skb !== null ? skb.head : opt.__data;
  // iph + 20 is the first byte of the options in both cases.
  const iph = skb !== null ? skb.network_header : -SIZEOF_IPHDR;
  let at = iph + SIZEOF_IPHDR;
  let spec_dst: __be32 | null = null;
  const our_address = (): __be32 => {
    if (spec_dst === null) spec_dst = skb === null ? 0 : fib_compute_spec_dst(skb);
    return spec_dst;
  };
  const bad = (pp: int): int => {
    if (info !== null) info.value = htonl(((pp - iph) << 24) >>> 0);
    return -EINVAL;
  };

  for (let l = opt.optlen; l > 0;) {
    const type = b[at];
    if (type === IPOPT_END) {
      for (at++, l--; l > 0; at++, l--) {
        if (b[at] !== IPOPT_END) {
          b[at] = IPOPT_END;
          opt.is_changed = true;
        }
      }
      break;
    }
    if (type === IPOPT_NOOP) {
      l--;
      at++;
      continue;
    }
    if (l < 2) return bad(at);
    const optlen = b[at + 1];
    if (optlen < 2 || optlen > l) return bad(at);
    switch (type) {
      case IPOPT_SSRR:
      case IPOPT_LSRR: {
        if (optlen < 3) return bad(at + 1);
        if (b[at + 2] < 4) return bad(at + 2);
        // RFC 1122 3.2.1.8: not more than one source route.
        if (opt.srr !== 0) return bad(at);
        if (skb === null) {
          if (b[at + 2] !== 4 || optlen < 7 || ((optlen - 3) & 3) !== 0) return bad(at + 1);
          opt.faddr = get_be32(b, at + 3);
          if (optlen > 7) b.copyWithin(at + 3, at + 7, at + optlen);
        }
        opt.is_strictroute = type === IPOPT_SSRR;
        opt.srr = at - iph;
        break;
      }
      case IPOPT_RR:
        if (opt.rr !== 0) return bad(at);
        if (optlen < 3) return bad(at + 1);
        if (b[at + 2] < 4) return bad(at + 2);
        if (b[at + 2] <= optlen) {
          if (b[at + 2] + 3 > optlen) return bad(at + 2);
          if (rt !== null) {
            put_be32(b, at + b[at + 2] - 1, our_address());
            opt.is_changed = true;
          }
          b[at + 2] += 4;
          opt.rr_needaddr = true;
        }
        opt.rr = at - iph;
        break;
      case IPOPT_TIMESTAMP: {
        if (opt.ts !== 0) return bad(at);
        if (optlen < 4) return bad(at + 1);
        if (b[at + 2] < 5) return bad(at + 2);
        if (b[at + 2] <= optlen) {
          let timeptr = -1;
          if (b[at + 2] + 3 > optlen) return bad(at + 2);
          switch (b[at + 3] & 0xf) {
            case IPOPT_TS_TSONLY:
              if (skb !== null) timeptr = at + b[at + 2] - 1;
              opt.ts_needtime = true;
              b[at + 2] += 4;
              break;
            case IPOPT_TS_TSANDADDR:
              if (b[at + 2] + 7 > optlen) return bad(at + 2);
              if (rt !== null) {
                put_be32(b, at + b[at + 2] - 1, our_address());
                timeptr = at + b[at + 2] + 3;
              }
              opt.ts_needaddr = true;
              opt.ts_needtime = true;
              b[at + 2] += 8;
              break;
            case IPOPT_TS_PRESPEC:
              if (b[at + 2] + 7 > optlen) return bad(at + 2);
              if (inet_addr_type(net, get_be32(b, at + b[at + 2] - 1)) === RTN_UNICAST) break;
              if (skb !== null) timeptr = at + b[at + 2] + 3;
              opt.ts_needtime = true;
              b[at + 2] += 8;
              break;
            default:
              return bad(at + 3);
          }
          if (timeptr >= 0) {
            put_be32(b, timeptr, inet_current_timestamp(net.kernel));
            opt.is_changed = true;
          }
        } else if ((b[at + 3] & 0xf) !== IPOPT_TS_PRESPEC) {
          // No room: the overflow count goes up, until it overflows itself.
          const overflow = b[at + 3] >>> 4;
          if (overflow === 15) return bad(at + 3);
          if (skb !== null) {
            b[at + 3] = (b[at + 3] & 0xf) | ((overflow + 1) << 4);
            opt.is_changed = true;
          }
        }
        opt.ts = at - iph;
        break;
      }
      case IPOPT_RA:
        if (optlen < 4) return bad(at + 1);
        if (b[at + 2] === 0 && b[at + 3] === 0) opt.router_alert = (at - iph) & 0xff;
        break;
      case IPOPT_CIPSO:
        opt.cipso = at - iph;
        break;
      case IPOPT_SEC:
      case IPOPT_SID:
      default:
        // A user may not send what the kernel does not know.
        if (skb === null) return bad(at);
        break;
    }
    l -= optlen;
    at += optlen;
  }
  return 0;
}

/** As __ip_options_compile() for a packet: its sender is told of an error. @returns 0 or -EINVAL @EXPORT_SYMBOL */
export function ip_options_compile(net: net, opt: ip_options, skb: sk_buff): int {
  const info = { value: 0 };
  const ret = __ip_options_compile(net, opt, skb, info);
  if (ret !== 0) icmp_send(skb, ICMP_PARAMETERPROB, 0, info.value);
  return ret;
}

/** Takes back what compiling did to options that a user asks for again. */
export function ip_options_undo(opt: ip_options): void {
  const b = opt.__data;
  if (opt.srr !== 0) {
    const at = opt.srr - SIZEOF_IPHDR;
    b.copyWithin(at + 7, at + 3, at + b[at + 1] - 4);
    put_be32(b, at + 3, opt.faddr);
  }
  if (opt.rr_needaddr) {
    const at = opt.rr - SIZEOF_IPHDR;
    b[at + 2] -= 4;
    b.fill(0, at + b[at + 2] - 1, at + b[at + 2] + 3);
  }
  if (opt.ts !== 0) {
    const at = opt.ts - SIZEOF_IPHDR;
    if (opt.ts_needtime) {
      b[at + 2] -= 4;
      b.fill(0, at + b[at + 2] - 1, at + b[at + 2] + 3);
      if ((b[at + 3] & 0xf) === IPOPT_TS_PRESPEC) b[at + 2] -= 4;
    }
    if (opt.ts_needaddr) {
      b[at + 2] -= 4;
      b.fill(0, at + b[at + 2] - 1, at + b[at + 2] + 3);
    }
  }
}

/** Options that a user gives to a socket. @returns them compiled, or -EINVAL */
export function ip_options_get(net: net, data: Uint8Array, optlen: u32): ip_options_rcu | int {
  if (optlen > MAX_IPOPTLEN) return -EINVAL;
  const inet_opt = new ip_options_rcu();
  const padded = (optlen + 3) & ~3;
  inet_opt.opt.__data = new Uint8Array(padded);
  inet_opt.opt.__data.set(data.subarray(0, optlen));
  inet_opt.opt.optlen = padded;
  if (padded !== 0 && __ip_options_compile(net, inet_opt.opt, null, null) !== 0) return -EINVAL;
  return inet_opt;
}

/** What a router writes into the options of a packet that it sends on. */
export function ip_forward_options(skb: sk_buff): void {
  const opt = IPCB(skb).opt;
  const rt = skb_rtable(skb) as rtable;
  const b = skb.head;
  const raw = skb.network_header;
  if (opt.rr_needaddr) {
    put_be32(b, raw + opt.rr + b[raw + opt.rr + 2] - 5, ip_rt_get_source(skb, rt));
    opt.is_changed = true;
  }
  if (opt.srr_is_hit) {
    const at = raw + opt.srr;
    const end = b[at + 1];
    let srrptr = b[at + 2];
    for (; srrptr <= end; srrptr += 4) {
      if (srrptr + 3 > end) return;
      if (opt.nexthop === get_be32(b, at + srrptr - 1)) break;
    }
    if (srrptr + 3 <= end) {
      opt.is_changed = true;
      ip_hdr(skb).daddr = opt.nexthop;
      put_be32(b, at + srrptr - 1, ip_rt_get_source(skb, rt));
      b[at + 2] = srrptr + 4;
    }
  }
  if (opt.ts_needaddr) {
    put_be32(b, raw + opt.ts + b[raw + opt.ts + 2] - 9, ip_rt_get_source(skb, rt));
    opt.is_changed = true;
  }
  if (opt.is_changed) {
    opt.is_changed = false;
    ip_send_check(ip_hdr(skb));
  }
}

/** A packet that its source routed through us: finds the next of its stations. @returns 0 or -EINVAL */
export function ip_options_rcv_srr(skb: sk_buff, dev: net_device): int {
  const opt = IPCB(skb).opt;
  const iph = ip_hdr(skb);
  const b = skb.head;
  const at = skb.network_header + opt.srr;
  const rt = skb_rtable(skb) as rtable;
  if (skb.pkt_type !== PACKET_HOST) return -EINVAL;
  if (rt.rt_type === RTN_UNICAST) {
    if (!opt.is_strictroute) return 0;
    icmp_send(skb, ICMP_PARAMETERPROB, 0, htonl(16 << 24));
    return -EINVAL;
  }
  if (rt.rt_type !== RTN_LOCAL) return -EINVAL;
  const end = b[at + 1];
  let srrptr = b[at + 2];
  let nexthop = 0;
  for (; srrptr <= end; srrptr += 4) {
    if (srrptr + 3 > end) {
      icmp_send(skb, ICMP_PARAMETERPROB, 0, htonl(((opt.srr + 2) << 24) >>> 0));
      return -EINVAL;
    }
    nexthop = get_be32(b, at + srrptr - 1);
    const orefdst = skb._skb_refdst as rtable;
    const noref = skb._skb_refdst_noref;
    // The route so far is kept in case that the station has none.
    if (!noref) dst_hold(orefdst);
    skb_dst_drop(skb);
    const reason = ip_route_input_noref(skb, nexthop, iph.saddr, iph.tos, dev);
    const rt2 = skb_rtable(skb);
    if (reason !== SKB_NOT_DROPPED_YET || rt2 === null || (rt2.rt_type !== RTN_UNICAST && rt2.rt_type !== RTN_LOCAL)) {
      skb_dst_drop(skb);
      restore(skb, orefdst, noref);
      return -EINVAL;
    }
    if (!noref) dst_release(orefdst);
    if (rt2.rt_type !== RTN_LOCAL) break;
    // The station is ourselves: on to the one after it.
    iph.daddr = nexthop;
    opt.is_changed = true;
  }
  if (srrptr <= end) {
    opt.srr_is_hit = true;
    opt.nexthop = nexthop;
    opt.is_changed = true;
  }
  return 0;
}

/** @notrace */
function restore(skb: sk_buff, dst: rtable, noref: boolean): void {
  if (noref) {
    skb._skb_refdst = dst;
    skb._skb_refdst_noref = true;
  } else skb_dst_set(skb, dst);
}
