// A packet in answer to one that no socket of ours sent for: TCP's resets and ACKs (net/ipv4/ip_output.c).

import { csum_add, csum_fold } from '../../../include/net/checksum.js';
import { flowi4, flowi4_init_output } from '../../../include/net/flow.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import type { ip_options } from '../../../include/net/inet_sock.js';
import { ip_options_rcu } from '../../../include/net/inet_sock.js';
import { ip_reply_arg_flowi_flags, ipcm_cookie } from '../../../include/net/ip.js';
import type { ip_reply_arg } from '../../../include/net/ip.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { MSG_DONTWAIT } from '../../../include/linux/socket.js';
import { RT_SCOPE_UNIVERSE } from '../../../include/linux/rtnetlink.js';
import { ip_rt_put } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { csum_partial } from '../../../include/net/checksum.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { CHECKSUM_NONE, skb_peek } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { tcp_hdr } from '../../../include/linux/tcp.js';
import { __ip_options_echo } from '../ip_options.js';
import { ip_route_output_flow } from '../route.js';
import { ip_append_data, ip_flush_pending_frames, ip_push_pending_frames } from './append.js';
import type { __be32, int, u32 } from '../../../include/linux/types.js';

/** Copies a reply's bytes and sums them. */
export function ip_reply_glue_bits(
  from: Uint8Array,
  to: Uint8Array,
  at: int,
  offset: int,
  len: int,
  _odd: int,
  skb: sk_buff,
): int {
  to.set(from.subarray(offset, offset + len), at);
  skb.csum = csum_add(skb.csum, csum_partial(to, at, len, 0));
  return 0;
}

/**
 * Sends `arg.iov` back to where `skb` came from.
 * @param sk the kernel's own socket
 * @param sopt options of the packet that is answered
 * @param daddr to where, network order @param saddr from which address of ours
 * @param len bytes of arg.iov
 */
export function ip_send_unicast_reply(
  sk: sock,
  _orig_sk: sock | null,
  skb: sk_buff,
  sopt: ip_options,
  daddr: __be32,
  saddr: __be32,
  arg: ip_reply_arg,
  len: int,
  transmit_time: number,
  txhash: u32,
): void {
  const net = sock_net(sk);
  const replyopts = new ip_options_rcu();
  if (__ip_options_echo(net, replyopts.opt, sopt, skb) !== 0) return;
  const ipc = new ipcm_cookie();
  ipc.addr = daddr;
  ipc.sockc.transmit_time = transmit_time;
  if (replyopts.opt.optlen !== 0) {
    ipc.opt = replyopts;
    if (replyopts.opt.srr !== 0) daddr = replyopts.opt.faddr;
  }
  const mark = net.ipv4.sysctl_fwmark_reflect !== 0 ? skb.mark : sk.sk_mark;
  const oif = arg.bound_dev_if;
  const th = tcp_hdr(skb);
  const proto = ip_hdr(skb).protocol;
  const flags = ip_reply_arg_flowi_flags(arg);
  const fl4 = new flowi4();
  flowi4_init_output(
    fl4,
    oif,
    mark,
    arg.tos & 0xfc,
    RT_SCOPE_UNIVERSE,
    proto,
    flags,
    daddr,
    saddr,
    th.source,
    th.dest,
    arg.uid,
  );
  const rt = ip_route_output_flow(net, fl4, sk);
  if (typeof rt === 'number') return;

  const inet = inet_sk(sk);
  inet.tos = arg.tos & 0xff;
  sk.sk_protocol = proto;
  sk.sk_bound_dev_if = oif;
  sk.sk_sndbuf = net.core.sysctl_wmem_default;
  ipc.sockc.mark = fl4.flowi4_mark;
  const rtp: { rt: rtable | null } = { rt };
  const err = ip_append_data(sk, fl4, ip_reply_glue_bits, arg.iov, len, 0, ipc, rtp, MSG_DONTWAIT);
  if (err !== 0) {
    ip_flush_pending_frames(sk);
    if (rtp.rt !== null) ip_rt_put(rtp.rt);
    return;
  }
  const nskb = skb_peek(sk.sk_write_queue);
  if (nskb !== null) {
    if (arg.csumoffset >= 0) {
      const check = csum_fold(csum_add(nskb.csum, arg.csum));
      const at = nskb.transport_header + arg.csumoffset * 2;
      nskb.head[at] = check;
      nskb.head[at + 1] = check >>> 8;
    }
    nskb.ip_summed = CHECKSUM_NONE;
    if (txhash !== 0) {
      nskb.hash = txhash;
      nskb.l4_hash = 1;
    }
    ip_push_pending_frames(sk, fl4);
  }
}
