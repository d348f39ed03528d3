// /proc/net/udp (net/ipv4/udp.c).

import { ntohs } from '../../../include/linux/byteorder.js';
import { udp_sk } from '../../../include/linux/udp.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { sk_rmem_alloc_get, sk_wmem_alloc_get } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import type { int } from '../../../include/linux/types.js';

/** @notrace */
function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}

/** One line, as udp(7) and proc(5) have it. */
export function udp4_format_sock(sp: sock, bucket: int): string {
  const inet = inet_sk(sp);
  const local = `${hex(inet.inet_rcv_saddr, 8)}:${hex(ntohs(inet.inet_sport), 4)}`;
  const remote = `${hex(inet.inet_daddr, 8)}:${hex(ntohs(inet.inet_dport), 4)}`;
  const queues = `${hex(sk_wmem_alloc_get(sp), 8)}:${hex(sk_rmem_alloc_get(sp), 8)}`;
  const uid = String(sp.sk_uid).padStart(5);
  const line = `${String(bucket).padStart(5)}: ${local} ${remote} ${hex(sp.sk_state, 2)} ${queues} 00:00000000 00000000 ${uid}        0 ${sp.sk_cookie} ${sp.sk_refcnt} 0000000000000000 ${sp.sk_drops}`;
  return line.padEnd(127);
}

/** The text of /proc/net/udp. */
export function udp4_seq_show(net: net): string {
  let out =
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops'.padEnd(
      127,
    ) + '\n';
  const table = net.kernel.udp_table;
  table.hash.forEach((slot, bucket) => {
    for (const sk of slot.head) if (udp_sk(sk).sk_net === net) out += `${udp4_format_sock(sk, bucket)}\n`;
  });
  return out;
}

export function udp4_proc_init(net: net): int {
  net.kernel.proc.set('net/udp', () => udp4_seq_show(net));
  return 0;
}
