// What is remembered of a remote address: redirects sent, ICMP tokens (include/net/inetpeer.h).

import type { __be32, u32 } from '../linux/types.js';

export class inet_peer {
  v4daddr: __be32;
  /** tokens and last filling (jiffies) of the rate limit of ICMP messages to this address */
  rate_tokens: u32 = 0;
  rate_last = 0;
  n_redirects: u32 = 0;
  /** fragments that came from it (the kernel's rid) */
  n_fragments: u32 = 0;
  /** jiffies of the last use */
  dtime = 0;

  constructor(v4daddr: __be32) {
    this.v4daddr = v4daddr;
  }
}

/** struct inet_peer_base: all the peers of a net namespace, the least recently used first. */
export class inet_peer_base {
  rb_root: Map<__be32, inet_peer> = new Map();
}

export const INETPEER_METRICS_NEW = ~0;
