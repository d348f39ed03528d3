// UDP's tables: sockets by port, by port and address, by connection (net/ipv4/udp.c).

import { EADDRINUSE } from '../../../include/linux/errno.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import { inet_is_local_reserved_port, inet_sk_get_local_port_range } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { udp_hashslot, udp_hashslot2 } from '../../../include/net/udp.js';
import type { udp_hslot, udp_table } from '../../../include/net/udp.js';
import { udp_sk } from '../../../include/linux/udp.js';
import { sk_unhashed, sock_net, sock_prot_inuse_add } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { get_random_u32 } from '../../../include/linux/random.js';
import { jhash_1word, jhash_2words } from '../../../include/linux/jhash.js';
import type { __be32, int, u16, u32 } from '../../../include/linux/types.js';

/** @notrace */
export function udp_get_table_prot(sk: sock): udp_table {
  return sock_net(sk).kernel.udp_table;
}

/** Hash of a local address and port (host order). @notrace */
export function ipv4_portaddr_hash(net: net, saddr: __be32, port: u16): u32 {
  return (jhash_1word(saddr, net.kernel.seed >>> 0) ^ port) >>> 0;
}

/** Hash of a connection. @notrace */
export function udp_ehashfn(net: net, laddr: __be32, lport: u16, faddr: __be32, fport: u16): u32 {
  return jhash_2words((laddr ^ lport) >>> 0, (faddr ^ (fport << 16)) >>> 0, net.kernel.seed >>> 0);
}

/** Whether a socket with that port would clash with one that has it. @notrace */
function clashes(sk: sock, sk2: sock): boolean {
  const reuse = sk2.sk_reuse !== 0 && sk.sk_reuse !== 0;
  const dev1 = sk.sk_bound_dev_if;
  const dev2 = sk2.sk_bound_dev_if;
  if (sk2 === sk || reuse || (dev1 !== 0 && dev2 !== 0 && dev1 !== dev2)) return false;
  if (!inet_rcv_saddr_equal(sk, sk2)) return false;
  // SO_REUSEPORT: several sockets of one user.
  return !(sk2.sk_reuseport !== 0 && sk.sk_reuseport !== 0 && sk2.sk_uid === sk.sk_uid);
}

/** Whether packets for one may be packets for the other too. @notrace */
export function inet_rcv_saddr_equal(sk: sock, sk2: sock): boolean {
  const a = sk.sk_rcv_saddr;
  const b = sk2.sk_rcv_saddr;
  return a === b || a === 0 || b === 0;
}

/** Whether the port is taken; or, with a bitmap, marks the ports of the slot that are. @returns 1 if taken */
export function udp_lib_lport_inuse(
  _net: net,
  num: u16,
  hslot: udp_hslot,
  bitmap: Uint8Array | null,
  sk: sock,
  log: u32,
): int {
  for (const sk2 of hslot.head) {
    const port = inet_sk(sk2).inet_num;
    if ((bitmap !== null || port === num) && clashes(sk, sk2)) {
      if (bitmap === null) return 1;
      bitmap[port >>> log] = 1;
    }
  }
  return 0;
}

/** The same in the slot of port and address. @returns 1 if taken */
export function udp_lib_lport_inuse2(_net: net, num: u16, hslot2: udp_hslot, sk: sock): int {
  for (const sk2 of hslot2.head) if (inet_sk(sk2).inet_num === num && clashes(sk, sk2)) return 1;
  return 0;
}

/**
 * Gives the socket a local port.
 * @param snum host order; 0: a free one of the range
 * @returns 0 or -EADDRINUSE
 */
export function udp_lib_get_port(sk: sock, snum: u16, hash2_nulladdr: u32): int {
  const udptable = udp_get_table_prot(sk);
  const net = sock_net(sk);
  let hslot: udp_hslot;
  if (snum === 0) {
    const range: [int, int] = [0, 0];
    inet_sk_get_local_port_range(sk, range);
    const [low, high] = range;
    const remaining = high - low + 1;
    const rand = get_random_u32(net.kernel);
    const first = (Math.floor((rand / 0x100000000) * remaining) + low) & 0xffff;
    // Steps through the ports of one slot after another: an odd step times the table's size meets each port once.
    const step = (((rand | 1) >>> 0) * (udptable.mask + 1)) & 0xffff;
    const last = (first + udptable.mask + 1) & 0xffff;
    let slot = first;
    let found = -1;
    do {
      const bitmap = new Uint8Array((65536 >>> udptable.log) + 1);
      udp_lib_lport_inuse(net, snum, udp_hashslot(udptable, net, slot), bitmap, sk, udptable.log);
      let at = slot;
      const begin = slot;
      do {
        const usable = low <= at && at <= high && bitmap[at >>> udptable.log] === 0;
        if (usable && !inet_is_local_reserved_port(net, at)) {
          found = at;
          break;
        }
        at = (at + step) & 0xffff;
      } while (at !== begin);
      if (found >= 0) break;
      slot = (slot + 1) & 0xffff;
    } while (slot !== last);
    if (found < 0) return -EADDRINUSE;
    snum = found;
    hslot = udp_hashslot(udptable, net, snum);
  } else {
    hslot = udp_hashslot(udptable, net, snum);
    if (hslot.count > 10) {
      // A long slot: those of port and address are shorter.
      const slot2 = (udp_sk(sk).udp_portaddr_hash ^ snum) & udptable.mask;
      const hslot2 = udp_hashslot2(udptable, slot2);
      if (hslot.count < hslot2.count) {
        if (udp_lib_lport_inuse(net, snum, hslot, null, sk, 0) !== 0) return -EADDRINUSE;
      } else {
        if (udp_lib_lport_inuse2(net, snum, hslot2, sk) !== 0) return -EADDRINUSE;
        const null2 = udp_hashslot2(udptable, hash2_nulladdr & udptable.mask);
        if (null2 !== hslot2 && udp_lib_lport_inuse2(net, snum, null2, sk) !== 0) return -EADDRINUSE;
      }
    } else if (udp_lib_lport_inuse(net, snum, hslot, null, sk, 0) !== 0) return -EADDRINUSE;
  }
  inet_sk(sk).inet_num = snum;
  udp_sk(sk).udp_portaddr_hash = (udp_sk(sk).udp_portaddr_hash ^ snum) >>> 0;
  if (sk_unhashed(sk)) {
    hslot.head.unshift(sk);
    sk.skc_hashed = true;
    sock_prot_inuse_add(net, sk.sk_prot, 1);
    const hslot2 = udp_hashslot2(udptable, udp_sk(sk).udp_portaddr_hash);
    if (sk.sk_reuseport !== 0) hslot2.head.push(sk);
    else hslot2.head.unshift(sk);
  }
  return 0;
}

/** @returns 0 or -EADDRINUSE @EXPORT_SYMBOL */
export function udp_v4_get_port(sk: sock, snum: u16): int {
  const net = sock_net(sk);
  const hash2_nulladdr = ipv4_portaddr_hash(net, 0, snum);
  // The port is added when it is known.
  udp_sk(sk).udp_portaddr_hash = ipv4_portaddr_hash(net, inet_sk(sk).inet_rcv_saddr, 0);
  return udp_lib_get_port(sk, snum, hash2_nulladdr);
}

/** @notrace */
function remove(slot: udp_hslot, sk: sock): boolean {
  const at = slot.head.indexOf(sk);
  if (at >= 0) slot.head.splice(at, 1);
  return at >= 0;
}

/** @formerly udp_v4_hash 2.4 */
export function udp_lib_hash(_sk: sock): int {
  // UDP's sockets are hashed by udp_lib_get_port(): this is never called.
  throw new Error('kernel BUG: udp_lib_hash');
}

/** @formerly udp_v4_unhash 2.4 */
export function udp_lib_unhash(sk: sock): void {
  if (sk_unhashed(sk)) return;
  const udptable = udp_get_table_prot(sk);
  const net = sock_net(sk);
  remove(udp_hashslot(udptable, net, inet_sk(sk).inet_num), sk);
  sk.skc_hashed = false;
  inet_sk(sk).inet_num = 0;
  sock_prot_inuse_add(net, sk.sk_prot, -1);
  remove(udp_hashslot2(udptable, udp_sk(sk).udp_portaddr_hash), sk);
  udp_unhash4(udptable, sk);
}

/** The socket's address changed: it moves to another slot. */
export function udp_lib_rehash(sk: sock, newhash: u32, newhash4: u32): void {
  if (sk_unhashed(sk)) return;
  const udptable = udp_get_table_prot(sk);
  const hslot2 = udp_hashslot2(udptable, udp_sk(sk).udp_portaddr_hash);
  const nhslot2 = udp_hashslot2(udptable, newhash);
  udp_sk(sk).udp_portaddr_hash = newhash;
  if (hslot2 !== nhslot2) {
    remove(hslot2, sk);
    nhslot2.head.unshift(sk);
  }
  if (!udp_hashed4(sk)) return;
  udp_rehash4(udptable, sk, newhash4);
  hslot2.hash4_cnt--;
  nhslot2.hash4_cnt++;
}

/** @EXPORT_SYMBOL */
export function udp_v4_rehash(sk: sock): void {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const new_hash = ipv4_portaddr_hash(net, inet.inet_rcv_saddr, inet.inet_num);
  const new_hash4 = udp_ehashfn(net, inet.inet_rcv_saddr, inet.inet_num, inet.inet_daddr, inet.inet_dport);
  udp_lib_rehash(sk, new_hash, new_hash4);
}

/** @notrace */
export function udp_hashed4(sk: sock): boolean {
  return udp_sk(sk).udp_lrpa_hash >= 0;
}

/** Puts a connected socket into the table of connections. */
export function udp_lib_hash4(sk: sock, hash: u16): void {
  const udptable = udp_get_table_prot(sk);
  if (udp_hashed4(sk)) {
    udp_rehash4(udptable, sk, hash);
    return;
  }
  udp_sk(sk).udp_lrpa_hash = hash;
  udptable.hash4[hash & udptable.mask].head.unshift(sk);
  udp_hashslot2(udptable, udp_sk(sk).udp_portaddr_hash).hash4_cnt++;
}

function udp_rehash4(udptable: udp_table, sk: sock, newhash4: u32): void {
  remove(udptable.hash4[udp_sk(sk).udp_lrpa_hash & udptable.mask], sk);
  udp_sk(sk).udp_lrpa_hash = newhash4;
  udptable.hash4[newhash4 & udptable.mask].head.unshift(sk);
}

/** @notrace */
export function udp_unhash4(udptable: udp_table, sk: sock): void {
  if (!udp_hashed4(sk)) return;
  remove(udptable.hash4[udp_sk(sk).udp_lrpa_hash & udptable.mask], sk);
  udp_hashslot2(udptable, udp_sk(sk).udp_portaddr_hash).hash4_cnt--;
  udp_sk(sk).udp_lrpa_hash = -1;
}

/** @EXPORT_SYMBOL */
export function udp4_hash4(sk: sock): void {
  const inet = inet_sk(sk);
  if (sk_unhashed(sk) || inet.inet_rcv_saddr === 0) return;
  udp_lib_hash4(sk, udp_ehashfn(sock_net(sk), inet.inet_rcv_saddr, inet.inet_num, inet.inet_daddr, inet.inet_dport));
}
