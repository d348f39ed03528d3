// Options of packet sockets (net/packet/af_packet.c; packet(7)): memberships, statistics.

import { EINVAL, ENODEV, ENOPROTOOPT } from '../../include/linux/errno.js';
import {
  PACKET_ADD_MEMBERSHIP,
  PACKET_AUXDATA,
  PACKET_DROP_MEMBERSHIP,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_ALLMULTI,
  PACKET_MR_PROMISC,
  PACKET_ORIGDEV,
  PACKET_STATISTICS,
  tpacket_stats,
} from '../../include/linux/if_packet.js';
import type { socket } from '../../include/linux/net.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { SOL_PACKET, SOL_SOCKET } from '../../include/linux/socket.js';
import type { int } from '../../include/linux/types.js';
import { sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import { __dev_get_by_index, dev_set_allmulti, dev_set_promiscuity } from '../core/dev.js';
import { sock_getsockopt, sock_setsockopt } from '../core/sock.js';
import { pkt_sk } from './internal.js';
import type { packet_mclist } from './internal.js';

/** Asks the device for what a membership is, or takes it back. @param what 1 or -1 */
function packet_dev_mc(dev: net_device, i: packet_mclist, what: int): int {
  if (i.type === PACKET_MR_PROMISC) return dev_set_promiscuity(dev, what);
  if (i.type === PACKET_MR_ALLMULTI) return dev_set_allmulti(dev, what);
  return 0;
}

/** @notrace */
function mreq_of(optval: Uint8Array): packet_mclist {
  const view = new DataView(optval.buffer, optval.byteOffset, optval.byteLength);
  return { ifindex: view.getInt32(0, true), type: view.getUint16(4, true), addr: optval.slice(8, 16), count: 1 };
}

/** @notrace */
function same(a: packet_mclist, b: packet_mclist): boolean {
  return a.ifindex === b.ifindex && a.type === b.type && a.addr.every((byte, i) => byte === b.addr[i]);
}

export function packet_mc_add(sk: sock, mreq: packet_mclist): int {
  const dev = __dev_get_by_index(sock_net(sk), mreq.ifindex);
  if (dev === null) return -ENODEV;
  const { mclist } = pkt_sk(sk);
  const known = mclist.find((m) => same(m, mreq));
  if (known !== undefined) {
    known.count++;
    return 0;
  }
  const err = packet_dev_mc(dev, mreq, 1);
  if (err === 0) mclist.push(mreq);
  return err;
}

export function packet_mc_drop(sk: sock, mreq: packet_mclist): int {
  const { mclist } = pkt_sk(sk);
  const at = mclist.findIndex((m) => same(m, mreq));
  if (at < 0 || --mclist[at].count > 0) return 0;
  const dev = __dev_get_by_index(sock_net(sk), mreq.ifindex);
  if (dev !== null) packet_dev_mc(dev, mclist[at], -1);
  mclist.splice(at, 1);
  return 0;
}

/** Takes back all that the socket asked of devices. */
export function packet_flush_mclist(sk: sock): void {
  const po = pkt_sk(sk);
  for (const m of po.mclist) {
    const dev = __dev_get_by_index(sock_net(sk), m.ifindex);
    if (dev !== null) packet_dev_mc(dev, m, -1);
  }
  po.mclist.length = 0;
}

export function packet_setsockopt(sock: socket, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (level === SOL_SOCKET) return sock_setsockopt(sock, level, optname, optval, optlen);
  if (level !== SOL_PACKET) return -ENOPROTOOPT;
  const sk = sock.sk as sock;
  const po = pkt_sk(sk);
  if (optname === PACKET_ADD_MEMBERSHIP || optname === PACKET_DROP_MEMBERSHIP) {
    if (optlen < 16 || optval.length < 16) return -EINVAL;
    const mreq = mreq_of(optval);
    return optname === PACKET_ADD_MEMBERSHIP ? packet_mc_add(sk, mreq) : packet_mc_drop(sk, mreq);
  }
  if (optlen < 4) return -EINVAL;
  const on = (optval[0] | optval[1] | optval[2] | optval[3]) !== 0;
  switch (optname) {
    case PACKET_AUXDATA:
      po.auxdata = on;
      return 0;
    case PACKET_ORIGDEV:
      po.origdev = on;
      return 0;
    case PACKET_IGNORE_OUTGOING:
      po.prot_hook.ignore_outgoing = on;
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

export function packet_getsockopt(
  sock: socket,
  level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: int },
): int {
  if (level === SOL_SOCKET) return sock_getsockopt(sock, level, optname, optval, optlen);
  if (level !== SOL_PACKET) return -ENOPROTOOPT;
  const po = pkt_sk(sock.sk as sock);
  const words: number[] = [];
  switch (optname) {
    case PACKET_STATISTICS:
      // Read and begun anew; the packets include those that were dropped.
      words.push(po.stats.tp_packets + po.stats.tp_drops, po.stats.tp_drops);
      po.stats = new tpacket_stats();
      break;
    case PACKET_AUXDATA:
      words.push(po.auxdata ? 1 : 0);
      break;
    case PACKET_ORIGDEV:
      words.push(po.origdev ? 1 : 0);
      break;
    case PACKET_IGNORE_OUTGOING:
      words.push(po.prot_hook.ignore_outgoing ? 1 : 0);
      break;
    default:
      return -ENOPROTOOPT;
  }
  const bytes = new Uint8Array(4 * words.length);
  words.forEach((word, i) => new DataView(bytes.buffer).setUint32(4 * i, word, true));
  const len = Math.min(optlen.value, bytes.length);
  if (len < 0) return -EINVAL;
  optval.set(bytes.subarray(0, len));
  optlen.value = len;
  return 0;
}
