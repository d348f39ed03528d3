/**
 * The small sockets of TIME_WAIT and of orphaned FIN_WAIT2.
 *
 * Read beside it: include/net/inet_timewait_sock.h, net/ipv4/inet_timewait_sock.c.
 */
import type { __be16, bool, int, refcount_t, u16, u32, u8 } from '../linux/types.js';
import { timer_list } from '../linux/timer.js';
import type { inet_bind2_bucket, inet_bind_bucket, inet_hashinfo } from './inet_hashtables.js';
import { sock_common } from './sock/struct.js';
import type { sock } from './sock.js';

/** Per network namespace: how many time-wait sockets there are and may be. */
export class inet_timewait_death_row {
  tw_refcount: int = 1;
  hashinfo: inet_hashinfo | null = null;
  sysctl_max_tw_buckets: int = 262144;
}

/** What a transport adds to its time-wait sockets. */
export interface timewait_sock_ops {
  twsk_slab_name: string;
  twsk_obj_size: int;
  /** Makes the transport's own time-wait socket. */
  twsk_alloc: () => inet_timewait_sock;
  /** Whether a new connection may take its four-tuple over. */
  twsk_unique: (sk: sock, sktw: sock, twp: { value: inet_timewait_sock | null } | null) => int;
  twsk_destructor: ((tw: inet_timewait_sock) => void) | null;
}

/** @packed */
export class inet_timewait_sock extends sock_common {
  tw_mark: u32 = 0;
  /** FIN_WAIT2 or TIME_WAIT, while skc_state is TIME_WAIT for both. */
  tw_substate: u8 = 0;
  tw_rcv_wscale: u8 = 0;
  tw_sport: __be16 = 0;
  tw_transparent: bool = false;
  tw_flowlabel: u32 = 0;
  tw_usec_ts: bool = false;
  tw_connect_bind: bool = false;
  tw_tos: u8 = 0;
  tw_txhash: u32 = 0;
  tw_priority: u32 = 0;
  /** ms since boot, the clock of tcp_clock_ms. */
  tw_entry_stamp: u32 = 0;
  tw_timer: timer_list = new timer_list();
  tw_tb: inet_bind_bucket | null = null;
  tw_tb2: inet_bind2_bucket | null = null;
  tw_dr: inet_timewait_death_row | null = null;
  tw_ops: timewait_sock_ops | null = null;

  get __tw_common(): sock_common {
    return this;
  }
  get tw_refcnt(): refcount_t {
    return this.skc_refcnt;
  }
  set tw_refcnt(v: refcount_t) {
    this.skc_refcnt = v;
  }
  get tw_daddr(): u32 {
    return this.skc_daddr;
  }
  get tw_rcv_saddr(): u32 {
    return this.skc_rcv_saddr;
  }
  get tw_dport(): __be16 {
    return this.skc_dport;
  }
  get tw_num(): u16 {
    return this.skc_num;
  }
  get tw_bound_dev_if(): int {
    return this.skc_bound_dev_if;
  }
  get tw_state(): u8 {
    return this.skc_state;
  }
  get tw_hash(): u32 {
    return this.skc_hash;
  }
  get tw_family(): u16 {
    return this.skc_family;
  }
}

/** @notrace */
export function inet_twsk(sk: sock_common | sock): inet_timewait_sock {
  return sk as unknown as inet_timewait_sock;
}
