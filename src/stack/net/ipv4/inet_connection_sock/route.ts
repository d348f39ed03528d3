// The routes of requests, of connections, and what a smaller path MTU does to them.
// Read beside: net/ipv4/inet_connection_sock.c.

import { htons } from '../../../include/linux/byteorder.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { dst_release } from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { flowi4, flowi4_init_output } from '../../../include/net/flow.js';
import { inet_rsk, inet_sk } from '../../../include/net/inet_sock.js';
import type { ip_options_rcu } from '../../../include/net/inet_sock.js';
import {
  inet_sk_flowi_flags,
  ip_route_output_ports,
  ip_sock_rt_scope,
  ip_sock_rt_tos,
} from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { sock_net, __sk_dst_check } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { IPSTATS_MIB_OUTNOROUTES } from '../../../include/net/snmp.js';
import { __IP_INC_STATS } from '../../../include/net/ip.js';
import { sk_setup_caps } from '../../core/sock.js';
import { ip_route_output_flow } from '../route.js';

/**
 * The route on which a connection request is answered.
 * @param fl4 filled with the flow
 * @returns null when there is no route
 * @EXPORT_SYMBOL
 */
export function inet_csk_route_req(sk: sock, fl4: flowi4, req: request_sock): dst_entry | null {
  return route_of_request(sk, req, inet_rsk(req).ireq_opt, fl4);
}

/** Counts what has no route, and refuses a gateway where the source route is strict. @notrace */
function route_or_null(sk: sock, rt: rtable | int | null, strict: bool): dst_entry | null {
  if (rt === null || typeof rt === 'number') {
    __IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
    return null;
  }
  if (strict && rt.rt_uses_gateway) {
    dst_release(rt);
    __IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
    return null;
  }
  return rt;
}

/** The way back to who asked, with the options that came with the request. @notrace */
function route_of_request(sk: sock, req: request_sock, opt: ip_options_rcu | null, fl4: flowi4): dst_entry | null {
  const ireq = inet_rsk(req);
  flowi4_init_output(
    fl4,
    ireq.ir_iif,
    ireq.ir_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    sk.sk_protocol,
    inet_sk_flowi_flags(sk),
    opt && opt.opt.srr ? opt.opt.faddr : ireq.ir_rmt_addr,
    ireq.ir_loc_addr,
    ireq.ir_rmt_port,
    htons(ireq.ir_num),
    sk.sk_uid,
  );
  return route_or_null(sk, ip_route_output_flow(sock_net(sk), fl4, sk), opt !== null && opt.opt.is_strictroute);
}

/** The route of a child that a request becomes. @EXPORT_SYMBOL */
export function inet_csk_route_child_sock(sk: sock, newsk: sock, req: request_sock): dst_entry | null {
  return route_of_request(sk, req, inet_sk(newsk).inet_opt, new flowi4());
}

/** Looks up a connection's route anew. @returns null when there is none */
function inet_csk_rebuild_route(sk: sock, fl4: flowi4): dst_entry | null {
  const inet = inet_sk(sk);
  const opt = inet.inet_opt;
  const daddr = opt && opt.opt.srr ? opt.opt.faddr : inet.inet_daddr;
  const rt = ip_route_output_ports(
    sock_net(sk),
    fl4,
    sk,
    daddr,
    inet.inet_saddr,
    inet.inet_dport,
    inet.inet_sport,
    sk.sk_protocol,
    ip_sock_rt_tos(sk),
    sk.sk_bound_dev_if,
  );
  if (rt === null || typeof rt === 'number') return null;
  sk_setup_caps(sk, rt);
  return rt;
}

/** Tells the route of a smaller path MTU. @param mtu bytes @EXPORT_SYMBOL */
export function inet_csk_update_pmtu(sk: sock, mtu: u32): dst_entry | null {
  const fl4 = new flowi4();
  let dst = __sk_dst_check(sk, 0);
  if (!dst) {
    dst = inet_csk_rebuild_route(sk, fl4);
    if (!dst) return null;
  }
  dst.ops.update_pmtu?.(dst, sk, null, mtu, true);
  dst = __sk_dst_check(sk, 0);
  return dst ?? inet_csk_rebuild_route(sk, fl4);
}
