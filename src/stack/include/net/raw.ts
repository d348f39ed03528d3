// Raw sockets: their table, the ICMP filter (include/net/raw.h, linux/icmp.h).

import { inet_sock } from './inet_sock.js';
import type { sock } from './sock.js';
import type { u32 } from '../linux/types.js';

export const RAW_HTABLE_SIZE = 256;

export class raw_hashinfo {
  ht: sock[][] = Array.from({ length: RAW_HTABLE_SIZE }, () => []);
}

export class icmp_filter {
  /** bit n: messages of type n are not delivered */
  data: u32 = 0;
}

/** @packed */
export class raw_sock extends inet_sock {
  filter: icmp_filter = new icmp_filter();
  ipmr_table: u32 = 0;

  get inet(): inet_sock {
    return this;
  }
}

/** @notrace */
export function raw_sk(sk: sock): raw_sock {
  return sk as raw_sock;
}
