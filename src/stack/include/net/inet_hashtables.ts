/**
 * The tables in which TCP finds its sockets: established, listening, and bound ports.
 *
 * Read beside it: include/net/inet_hashtables.h, net/ipv4/inet_hashtables.c.
 * The established table starts small and doubles with its load: hundreds of kernels live in one
 * process, and each would else carry a table sized for a server. Locks are left out.
 */
import type { __be16, __be32, bool, int, s8, u16, u32 } from '../linux/types.js';
import type { net } from './net_namespace.js';
import type { sock, sock_common } from './sock.js';

export const INET_LHTABLE_SIZE = 32;
export const INET_EHASH_MIN_SIZE = 256;
export const SO_REUSEPORT_NONE = 0;
export const FASTREUSEPORT_ANY = 1;
export const FASTREUSEPORT_STRICT = 2;

/** A port in use in one namespace: who may share it. */
export class inet_bind_bucket {
  ib_net: net | null = null;
  l3mdev: int = 0;
  port: u16 = 0;
  fastreuse: s8 = 0;
  fastreuseport: s8 = 0;
  fastuid: u32 = 0;
  fast_rcv_saddr: __be32 = 0;
  fast_sk_family: u16 = 0;
  fast_ipv6_only: bool = false;
  /** The first of the port's addresses. */
  bhash2: inet_bind2_bucket | null = null;
}

/** The sockets of one port and one local address. */
export class inet_bind2_bucket {
  ib_net: net | null = null;
  l3mdev: int = 0;
  port: u16 = 0;
  addr_type: u16 = 0;
  rcv_saddr: __be32 = 0;
  fastreuse: s8 = 0;
  fastreuseport: s8 = 0;
  /** The first of those bound, linked by skc_bind_next. */
  owners: sock_common | null = null;
  /** The next address of the port. */
  bhash_next: inet_bind2_bucket | null = null;
}

export class inet_listen_hashbucket {
  nulls_head: sock[] = [];
}

export class inet_hashinfo {
  /** The first of each chain, linked by skc_next. */
  ehash: (sock_common | null)[] = [];
  ehash_mask: u32 = 0;
  /** Entries in ehash: when above its size the table doubles. */
  ehash_entries: int = 0;
  /** Ports in use. The kernel's own two tables, by port and by port and address, are one map here. */
  bhash: Map<u16, inet_bind_bucket> = new Map();
  lhash2: inet_listen_hashbucket[] = [];
  lhash2_mask: u32 = 0;
  pernet: bool = false;
  /** Secret of the hash functions, drawn at boot. */
  ehash_secret: u32 = 0;
}

/** Both ports in one value, as the comparison of the established lookup wants them. @notrace */
export function INET_COMBINED_PORTS(sport: __be16, dport: u16): u32 {
  return ((sport | (dport << 16)) >>> 0) as u32;
}

/** @notrace */
export function inet_bound_dev_eq(l3mdev_accept: bool, bound_dev_if: int, dif: int, sdif: int): bool {
  if (!bound_dev_if) return !sdif || l3mdev_accept;
  return bound_dev_if === dif || bound_dev_if === sdif;
}

/** @notrace */
export function inet_sk_bound_dev_eq(_net: net, bound_dev_if: int, dif: int, sdif: int): bool {
  return inet_bound_dev_eq(false, bound_dev_if, dif, sdif);
}

/**
 * Whether an entry of the established table is the connection looked for.
 * @param ports INET_COMBINED_PORTS of the remote (network order) and the local port (host order)
 * @notrace
 */
export function inet_match(
  net: net,
  sk: sock_common,
  saddr: __be32,
  daddr: __be32,
  ports: u32,
  dif: int,
  sdif: int,
): bool {
  return (
    sk.skc_net === net &&
    sk.skc_daddr === saddr &&
    sk.skc_rcv_saddr === daddr &&
    INET_COMBINED_PORTS(sk.skc_dport, sk.skc_num) === ports &&
    inet_sk_bound_dev_eq(net, sk.skc_bound_dev_if, dif, sdif)
  );
}
