/**
 * Time-wait sockets: what stays of a connection after its end, until its last segments have died out.
 *
 * Read beside it: net/ipv4/inet_timewait_sock.c.
 */
import { mod_timer, timer_delete, timer_setup } from '../../kernel/time/timer.js';
import type { timer_list } from '../../include/linux/timer.js';
import type { bool, int, u8 } from '../../include/linux/types.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import type { inet_hashinfo } from '../../include/net/inet_hashtables.js';
import { inet_sk } from '../../include/net/inet_sock.js';
import { inet_twsk } from '../../include/net/inet_timewait_sock.js';
import type { inet_timewait_death_row, inet_timewait_sock } from '../../include/net/inet_timewait_sock.js';
import type { net } from '../../include/net/net_namespace.js';
import { __NET_INC_STATS } from '../../include/net/ip.js';
import { LINUX_MIB_TIMEWAITED, LINUX_MIB_TIMEWAITKILLED } from '../../include/net/snmp.js';
import { sock_net } from '../../include/net/sock.js';
import type { sock, sock_common } from '../../include/net/sock.js';
import { TCP_TIME_WAIT } from '../../include/net/tcp.js';
import { sock_prot_inuse_add } from '../core/sock.js';
import {
  __sk_del_bind_node,
  ehash_add,
  ehash_del,
  inet_bind2_bucket_destroy,
  inet_bind_bucket_destroy,
  sk_add_bind_node,
} from './inet_hashtables/index.js';

/** Gives up the port that a time-wait socket holds. */
export function inet_twsk_bind_unhash(tw: inet_timewait_sock, hashinfo: inet_hashinfo): void {
  const tb = tw.tw_tb;
  const tb2 = tw.tw_tb2;
  if (!tb || !tb2) return;
  tw.tw_tb = null;
  tw.tw_tb2 = null;
  __sk_del_bind_node(tw, tb2);
  inet_bind2_bucket_destroy(hashinfo, tb, tb2);
  inet_bind_bucket_destroy(hashinfo, tb);
  inet_twsk_put(tw);
}

/** Out of the tables: must be in the established one. */
function inet_twsk_kill(tw: inet_timewait_sock): void {
  const hashinfo = tw.tw_dr!.hashinfo!;
  if (tw.skc_hashed) {
    tw.skc_hashed = false;
    ehash_del(hashinfo, tw);
  }
  inet_twsk_bind_unhash(tw, hashinfo);
  tw.tw_dr!.tw_refcount--;
  inet_twsk_put(tw);
}

export function inet_twsk_free(tw: inet_timewait_sock): void {
  tw.tw_ops?.twsk_destructor?.(tw);
}

/** @EXPORT_SYMBOL */
export function inet_twsk_put(tw: inet_timewait_sock): void {
  if (--tw.skc_refcnt === 0) inet_twsk_free(tw);
}

/** The time-wait socket takes the connection's place in the tables. @EXPORT_SYMBOL */
export function inet_twsk_hashdance_schedule(
  tw: inet_timewait_sock,
  sk: sock,
  hashinfo: inet_hashinfo,
  timeo: int,
): void {
  const icsk = inet_csk(sk);
  tw.tw_tb = icsk.icsk_bind_hash;
  tw.tw_tb2 = icsk.icsk_bind2_hash;
  if (tw.tw_tb2) sk_add_bind_node(tw, tw.tw_tb2);
  if (sk.skc_hashed) {
    sk.skc_hashed = false;
    ehash_del(hashinfo, sk);
    sock_prot_inuse_add(sock_net(sk), sk.sk_prot!, -1);
  }
  tw.skc_hashed = true;
  ehash_add(hashinfo, tw);
  // References: the table, the timer, the bound port.
  tw.skc_refcnt = 3;
  inet_twsk_schedule(tw, timeo);
}

function tw_timer_handler(t: timer_list): void {
  inet_twsk_kill(t.owner as inet_timewait_sock);
}

/**
 * @param state TIME_WAIT or FIN_WAIT2
 * @returns null when there are as many as net.ipv4.tcp_max_tw_buckets allows
 * @EXPORT_SYMBOL
 */
export function inet_twsk_alloc(sk: sock, dr: inet_timewait_death_row, state: u8): inet_timewait_sock | null {
  if (dr.tw_refcount - 1 >= dr.sysctl_max_tw_buckets) return null;
  const inet = inet_sk(sk);
  const tw = sk.sk_prot!.twsk_prot!.twsk_alloc();
  tw.tw_dr = dr;
  tw.skc_daddr = inet.inet_daddr;
  tw.skc_rcv_saddr = inet.inet_rcv_saddr;
  tw.skc_bound_dev_if = sk.sk_bound_dev_if;
  tw.tw_tos = inet.tos;
  tw.skc_num = inet.inet_num;
  tw.skc_state = TCP_TIME_WAIT;
  tw.tw_substate = state;
  tw.tw_sport = inet.inet_sport;
  tw.skc_dport = inet.inet_dport;
  tw.skc_family = sk.sk_family;
  tw.skc_reuse = sk.skc_reuse;
  tw.skc_reuseport = sk.skc_reuseport;
  tw.skc_hash = sk.skc_hash;
  tw.skc_prot = sk.skc_prot;
  tw.skc_net = sock_net(sk);
  tw.skc_cookie = sk.skc_cookie;
  tw.tw_ops = sk.sk_prot!.twsk_prot ?? null;
  tw.tw_txhash = sk.sk_txhash;
  tw.tw_priority = sk.sk_priority;
  tw.tw_entry_stamp = 0;
  tw.skc_refcnt = 0;
  timer_setup(sock_net(sk).kernel, tw.tw_timer, tw_timer_handler, 0, tw);
  return tw;
}

/** Ends a time-wait socket at once. @EXPORT_SYMBOL */
export function inet_twsk_deschedule_put(tw: inet_timewait_sock): void {
  if (timer_delete(tw.tw_timer)) inet_twsk_kill(tw);
  inet_twsk_put(tw);
}

/**
 * Starts or restarts the timer.
 * @param timeo jiffies
 * @param rearm whether the timer has been started before
 */
export function __inet_twsk_schedule(tw: inet_timewait_sock, timeo: int, rearm: bool): void {
  const kernel = tw.skc_net!.kernel;
  if (!rearm) {
    const killed = timeo <= 4 * kernel.HZ;
    __NET_INC_STATS(tw.skc_net!, killed ? LINUX_MIB_TIMEWAITKILLED : LINUX_MIB_TIMEWAITED);
    mod_timer(tw.tw_timer, kernel.jiffies + timeo);
    tw.tw_dr!.tw_refcount++;
  } else if (kernel.jiffies + timeo > tw.tw_timer.expires) {
    mod_timer(tw.tw_timer, kernel.jiffies + timeo);
  }
}

/** @notrace */
export function inet_twsk_schedule(tw: inet_timewait_sock, timeo: int): void {
  __inet_twsk_schedule(tw, timeo, false);
}

/** @notrace */
export function inet_twsk_reschedule(tw: inet_timewait_sock, timeo: int): void {
  __inet_twsk_schedule(tw, timeo, true);
}

/** Removes all time-wait sockets of a namespace that ends. @EXPORT_SYMBOL */
export function inet_twsk_purge(hashinfo: inet_hashinfo, net: net): void {
  const doomed: sock_common[] = [];
  for (const first of hashinfo.ehash) {
    for (let sk = first; sk; sk = sk.skc_next)
      if (sk.skc_net === net && sk.skc_state === TCP_TIME_WAIT) doomed.push(sk);
  }
  for (const sk of doomed) {
    sk.skc_refcnt++;
    inet_twsk_deschedule_put(inet_twsk(sk));
  }
}
