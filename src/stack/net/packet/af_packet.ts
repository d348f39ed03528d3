// Packet sockets (net/packet/af_packet.c; packet(7)): frames as the devices see them, for tcpdump and the like.
// What is received is in receive.ts, what is sent in send.ts, options in options.ts. Left out: the mapped rings
// (PACKET_RX_RING and PACKET_TX_RING), fanout, the old SOCK_PACKET.

import { ntohs } from '../../include/linux/byteorder.js';
import {
  EINVAL,
  ENETDOWN,
  ENODEV,
  EOPNOTSUPP,
  ENOTCONN,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
} from '../../include/linux/errno.js';
import { IFF_UP } from '../../include/linux/if.js';
import { sockaddr_ll } from '../../include/linux/if_packet.js';
import { SOCK_DGRAM, SOCK_RAW } from '../../include/linux/net.js';
import type { net_proto_family, proto_ops, socket } from '../../include/linux/net.js';
import { NETDEV_DOWN, NETDEV_UNREGISTER, NETDEV_UP } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import type { Task } from '../../include/linux/sched.js';
import { AF_PACKET } from '../../include/linux/socket.js';
import type { sockaddr } from '../../include/linux/socket.js';
import { skb_queue_purge } from '../../include/linux/skbuff/queue.js';
import type { __be16, int, u32 } from '../../include/linux/types.js';
import type { net } from '../../include/net/net_namespace.js';
import { lock_sock, sock_net, sock_orphan, sock_put } from '../../include/net/sock.js';
import type { proto, sock } from '../../include/net/sock/struct.js';
import type { Kernel } from '../../kernel/kernel.js';
import { datagram_poll } from '../core/datagram.js';
import { __dev_get_by_index, dev_add_pack, dev_remove_pack, register_netdevice_notifier } from '../core/dev.js';
import type { notifier_block } from '../core/dev.js';
import {
  release_sock,
  sk_alloc,
  sock_init_data,
  sock_no_accept,
  sock_no_connect,
  sock_no_listen,
  sock_no_shutdown,
  sock_prot_inuse_add,
} from '../core/sock.js';
import { sock_register } from '../socket/create.js';
import { packet_getsockopt, packet_setsockopt } from './options.js';
import { packet_flush_mclist } from './options.js';
import { packet_rcv, packet_recvmsg } from './receive.js';
import { packet_sendmsg } from './send.js';
import { packet_sock, pkt_sk } from './internal.js';

export const packet_proto: proto = {
  name: 'PACKET',
  sk_alloc: () => new packet_sock(),
  close: packet_close,
};

function* packet_close(_sk: sock): Task<void> {
  // packet_release() does it: there is no transport below.
}

/** Begins to get packets. */
export function register_prot_hook(sk: sock): void {
  const po = pkt_sk(sk);
  if (po.running) return;
  po.running = true;
  dev_add_pack(sock_net(sk).kernel, po.prot_hook);
  sk.sk_refcnt++;
}

/** Gets no more packets. */
export function unregister_prot_hook(sk: sock): void {
  const po = pkt_sk(sk);
  if (!po.running) return;
  po.running = false;
  dev_remove_pack(sock_net(sk).kernel, po.prot_hook);
  sk.sk_refcnt--;
}

/** Ties the socket to a protocol and a device. @param proto network order @param ifindex 0: all devices */
export function packet_do_bind(sk: sock, ifindex: int, proto: __be16): int {
  const po = pkt_sk(sk);
  let dev: net_device | null = null;
  lock_sock(sk);
  if (ifindex !== 0) {
    dev = __dev_get_by_index(sock_net(sk), ifindex);
    if (dev === null) {
      release_sock(sk);
      return -ENODEV;
    }
  }
  unregister_prot_hook(sk);
  po.num = proto;
  po.prot_hook.type = proto;
  po.prot_hook.dev = dev;
  po.ifindex = ifindex;
  if (proto !== 0) {
    if (dev === null || (dev.flags & IFF_UP) !== 0) {
      register_prot_hook(sk);
    } else {
      sk.sk_err = ENETDOWN;
      sk.sk_error_report(sk);
    }
  }
  release_sock(sk);
  return 0;
}

export function packet_bind(sock: socket, uaddr: sockaddr, _addr_len: int): int {
  const sk = sock.sk as sock;
  if (!('sll_family' in uaddr) || uaddr.sll_family !== AF_PACKET) return -EINVAL;
  return packet_do_bind(sk, uaddr.sll_ifindex, uaddr.sll_protocol !== 0 ? uaddr.sll_protocol : pkt_sk(sk).num);
}

export function packet_create(net: net, sock: socket, protocol: int, kern: boolean): int {
  if (sock.type !== SOCK_DGRAM && sock.type !== SOCK_RAW) return -ESOCKTNOSUPPORT;
  const sk = sk_alloc(net, AF_PACKET, 0, packet_proto, kern);
  if (sk === null) return -EPROTONOSUPPORT;
  sock.ops = packet_ops;
  sock_init_data(sock, sk);
  const po = pkt_sk(sk);
  sk.sk_family = AF_PACKET;
  po.num = protocol;
  po.prot_hook.func = packet_rcv;
  po.prot_hook.af_packet_priv = sk;
  po.prot_hook.af_packet_net = net;
  if (protocol !== 0) {
    po.prot_hook.type = protocol;
    register_prot_hook(sk);
  }
  net.packet.sklist.push(sk);
  sock_prot_inuse_add(net, packet_proto, 1);
  return 0;
}

export function* packet_release(sock: socket): Task<int> {
  const sk = sock.sk;
  if (sk === null) return 0;
  const net = sock_net(sk);
  const at = net.packet.sklist.indexOf(sk);
  if (at >= 0) net.packet.sklist.splice(at, 1);
  sock_prot_inuse_add(net, packet_proto, -1);
  unregister_prot_hook(sk);
  packet_flush_mclist(sk);
  sock_orphan(sk);
  sock.sk = null;
  skb_queue_purge(sk.sk_receive_queue);
  skb_queue_purge(sk.sk_error_queue);
  sock_put(sk);
  return 0;
}

export function packet_getname(sock: socket, peer: boolean): sockaddr | int {
  if (peer) return -EOPNOTSUPP;
  const sk = sock.sk as sock;
  const po = pkt_sk(sk);
  const sll = new sockaddr_ll();
  sll.sll_ifindex = po.ifindex;
  sll.sll_protocol = po.num;
  const dev = __dev_get_by_index(sock_net(sk), po.ifindex);
  if (dev !== null) {
    sll.sll_hatype = dev.type;
    sll.sll_halen = dev.addr_len;
    sll.sll_addr.set(dev.dev_addr.subarray(0, Math.min(8, dev.addr_len)));
  }
  return sll;
}

const SIOCOUTQ = 0x5411;
const SIOCINQ = 0x541b;

export function packet_ioctl(sock: socket, cmd: u32, arg: { value: int }): int {
  const sk = sock.sk as sock;
  if (cmd === SIOCOUTQ) arg.value = sk.sk_wmem_alloc - 1;
  else if (cmd === SIOCINQ) arg.value = sk.sk_receive_queue.next?.len ?? 0;
  else return -ENOTCONN;
  return 0;
}

export const packet_ops: proto_ops = {
  family: AF_PACKET,
  release: packet_release,
  bind: packet_bind,
  connect: sock_no_connect,
  accept: sock_no_accept,
  getname: packet_getname,
  poll: datagram_poll,
  ioctl: packet_ioctl,
  listen: sock_no_listen,
  shutdown: sock_no_shutdown,
  setsockopt: packet_setsockopt,
  getsockopt: packet_getsockopt,
  sendmsg: packet_sendmsg,
  recvmsg: packet_recvmsg,
};

/** A device comes or goes: the sockets tied to it follow. */
export function packet_notifier(_nb: notifier_block, msg: number, dev: net_device): int {
  for (const sk of dev.nd_net.packet.sklist) {
    const po = pkt_sk(sk);
    if (po.ifindex !== dev.ifindex) continue;
    if (msg === NETDEV_UNREGISTER || msg === NETDEV_DOWN) {
      if (po.running) {
        unregister_prot_hook(sk);
        sk.sk_err = ENETDOWN;
        sk.sk_error_report(sk);
      }
      if (msg === NETDEV_UNREGISTER) {
        packet_flush_mclist(sk);
        po.ifindex = -1;
        po.prot_hook.dev = null;
      }
    } else if (msg === NETDEV_UP && po.num !== 0) {
      register_prot_hook(sk);
    }
  }
  return 0;
}

const packet_family_ops: net_proto_family = { family: AF_PACKET, create: packet_create };

/** The text of /proc/net/packet. */
export function packet_seq_show(net: net): string {
  let text = 'sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n';
  for (const sk of net.packet.sklist) {
    const po = pkt_sk(sk);
    const cells = [
      '0000000000000000',
      String(sk.sk_refcnt).padEnd(6),
      String(sk.sk_type).padEnd(4),
      ntohs(po.num).toString(16).padStart(4, '0').padEnd(5),
      String(po.ifindex).padEnd(5),
      po.running ? '1' : '0',
      String(sk.sk_rmem_alloc).padEnd(6),
      String(sk.sk_uid).padEnd(6),
      '0',
    ];
    text += cells.join(' ') + '\n';
  }
  return text;
}

/** Boot. */
export function packet_init(kernel: Kernel): int {
  sock_register(kernel, packet_family_ops);
  register_netdevice_notifier(kernel, { notifier_call: packet_notifier });
  kernel.proc.set('net/packet', () => packet_seq_show(kernel.init_net));
  return 0;
}
