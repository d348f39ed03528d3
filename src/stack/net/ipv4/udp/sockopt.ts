// Socket options of level SOL_UDP (net/ipv4/udp.c; udp(7)).

import { EINVAL, ENOPROTOOPT, ENOTTY } from '../../../include/linux/errno.js';
import { SOL_UDP } from '../../../include/linux/socket.js';
import {
  UDP_CORK,
  UDP_ENCAP,
  UDP_FLAGS_CORK,
  UDP_FLAGS_GRO_ENABLED,
  UDP_FLAGS_NO_CHECK6_RX,
  UDP_FLAGS_NO_CHECK6_TX,
  UDP_GRO,
  UDP_NO_CHECK6_RX,
  UDP_NO_CHECK6_TX,
  UDP_SEGMENT,
  udp_assign_bit,
  udp_clear_bit,
  udp_set_bit,
  udp_sk,
  udp_test_bit,
} from '../../../include/linux/udp.js';
import { lock_sock, release_sock, sk_wmem_alloc_get } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { ip_getsockopt, ip_setsockopt } from '../ip_sockglue.js';
import { get_be32, put_be32 } from '../ip_options.js';
import { first_packet_length } from './queue.js';
import { udp_push_pending_frames } from './sendmsg.js';
import type { int, u32 } from '../../../include/linux/types.js';

export const SIOCINQ = 0x541b;
export const SIOCOUTQ = 0x5411;

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function udp_lib_setsockopt(
  sk: sock,
  _level: int,
  optname: int,
  optval: Uint8Array,
  optlen: int,
  push_pending_frames: (sk: sock) => int,
): int {
  const up = udp_sk(sk);
  if (optlen < 4) return -EINVAL;
  const val = get_be32(optval, 0) | 0;
  const valbool = val !== 0;
  switch (optname) {
    case UDP_CORK:
      if (valbool) udp_set_bit(UDP_FLAGS_CORK, sk);
      else {
        udp_clear_bit(UDP_FLAGS_CORK, sk);
        lock_sock(sk);
        if (up.pending !== 0) push_pending_frames(sk);
        release_sock(sk);
      }
      return 0;
    case UDP_ENCAP:
      // Tunnels set their own receiver; the kinds that user space may ask for are IPsec's.
      if (val !== 0) return -ENOPROTOOPT;
      up.encap_type = 0;
      return 0;
    case UDP_NO_CHECK6_TX:
      udp_assign_bit(UDP_FLAGS_NO_CHECK6_TX, sk, valbool);
      return 0;
    case UDP_NO_CHECK6_RX:
      udp_assign_bit(UDP_FLAGS_NO_CHECK6_RX, sk, valbool);
      return 0;
    case UDP_SEGMENT:
      if (val < 0 || val > 0xffff) return -EINVAL;
      up.gso_size = val;
      return 0;
    case UDP_GRO:
      udp_assign_bit(UDP_FLAGS_GRO_ENABLED, sk, valbool);
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

export function udp_setsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (level === SOL_UDP) return udp_lib_setsockopt(sk, level, optname, optval, optlen, udp_push_pending_frames);
  return ip_setsockopt(sk, level, optname, optval, optlen);
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function udp_lib_getsockopt(
  sk: sock,
  _level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: int },
): int {
  const up = udp_sk(sk);
  if (optlen.value < 0) return -EINVAL;
  let val: int;
  switch (optname) {
    case UDP_CORK:
      val = udp_test_bit(UDP_FLAGS_CORK, sk) ? 1 : 0;
      break;
    case UDP_ENCAP:
      val = up.encap_type;
      break;
    case UDP_NO_CHECK6_TX:
      val = udp_test_bit(UDP_FLAGS_NO_CHECK6_TX, sk) ? 1 : 0;
      break;
    case UDP_NO_CHECK6_RX:
      val = udp_test_bit(UDP_FLAGS_NO_CHECK6_RX, sk) ? 1 : 0;
      break;
    case UDP_SEGMENT:
      val = up.gso_size;
      break;
    case UDP_GRO:
      val = udp_test_bit(UDP_FLAGS_GRO_ENABLED, sk) ? 1 : 0;
      break;
    default:
      return -ENOPROTOOPT;
  }
  const len = Math.min(4, optlen.value);
  const b = new Uint8Array(4);
  put_be32(b, 0, val >>> 0);
  optval.set(b.subarray(0, len));
  optlen.value = len;
  return 0;
}

export function udp_getsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  if (level === SOL_UDP) return udp_lib_getsockopt(sk, level, optname, optval, optlen);
  return ip_getsockopt(sk, level, optname, optval, optlen);
}

/** SIOCINQ: length of the next datagram; SIOCOUTQ: bytes on their way out. @EXPORT_SYMBOL */
export function udp_ioctl(sk: sock, cmd: u32, karg: { value: int }): int {
  switch (cmd) {
    case SIOCOUTQ:
      karg.value = sk_wmem_alloc_get(sk);
      return 0;
    case SIOCINQ:
      karg.value = Math.max(0, first_packet_length(sk) - 8);
      return 0;
    default:
      return -ENOTTY;
  }
}
