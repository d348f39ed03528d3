// Remote addresses of which something is remembered, and the rate of messages to them (net/ipv4/inetpeer.c).
// The tree of the kernel is a Map here; the oldest are dropped when there are too many.

import { inet_peer, inet_peer_base } from '../../include/net/inetpeer.js';
import type { net } from '../../include/net/net_namespace.js';
import type { __be32, bool, int } from '../../include/linux/types.js';

/** So many peers are kept (sysctl inet_peer_threshold). */
const INET_PEER_THRESHOLD = 65536 + 128;

/** @EXPORT_SYMBOL */
export function inet_peer_base_init(bp: inet_peer_base): void {
  bp.rb_root.clear();
}

/** The peer of an address, made if it was unknown. @EXPORT_SYMBOL */
export function inet_getpeer(net: net, base: inet_peer_base, daddr: __be32): inet_peer {
  let p = base.rb_root.get(daddr);
  const now = net.kernel.jiffies;
  if (p === undefined) {
    if (base.rb_root.size >= INET_PEER_THRESHOLD) {
      for (const [key] of base.rb_root) {
        base.rb_root.delete(key);
        break;
      }
    }
    p = new inet_peer(daddr);
    // A new peer may be sent a full burst.
    p.rate_last = now - 60 * net.kernel.HZ;
    base.rb_root.set(daddr, p);
  }
  p.dtime = now;
  return p;
}

/** @notrace */
export function inet_getpeer_v4(net: net, v4daddr: __be32): inet_peer | null {
  return net.ipv4.peers === null ? null : inet_getpeer(net, net.ipv4.peers, v4daddr);
}

/** So many times the interval may be saved up. */
const XRLIM_BURST_FACTOR = 6;

/**
 * Token bucket: one message each `timeout` jiffies, six at once after a pause.
 * @EXPORT_SYMBOL
 */
export function inet_peer_xrlim_allow(net: net, peer: inet_peer | null, timeout: int): bool {
  if (peer === null) return true;
  const now = net.kernel.jiffies;
  let token = peer.rate_tokens + (now - peer.rate_last);
  peer.rate_last = now;
  if (token > XRLIM_BURST_FACTOR * timeout) token = XRLIM_BURST_FACTOR * timeout;
  let rc = false;
  if (token >= timeout) {
    token -= timeout;
    rc = true;
  }
  peer.rate_tokens = token;
  return rc;
}

/** @EXPORT_SYMBOL */
export function inet_putpeer(_p: inet_peer): void {}

export function inet_initpeers(net: net): void {
  net.ipv4.peers = new inet_peer_base();
}
