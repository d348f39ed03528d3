/**
 * Unpredictable numbers that identify a connection: initial sequence numbers (RFC 6528), timestamp
 * offsets, ephemeral port offsets. Read beside it: net/core/secure_seq.c.
 * The secrets are drawn when first wanted, as net_get_random_once does.
 */
import { get_random_u32 } from '../../include/linux/random.js';
import type { __be16, __be32, u32 } from '../../include/linux/types.js';
import type { net } from '../../include/net/net_namespace.js';
import type { Kernel } from '../../kernel/kernel.js';
import { siphash_key, siphash_u32s } from '../../lib/siphash.js';
import type { siphash_key_t } from '../../lib/siphash.js';

/** Per kernel, drawn once. */
export interface net_secrets {
  net_secret: siphash_key_t | null;
  ts_secret: siphash_key_t | null;
  syncookie_secret: siphash_key_t[] | null;
}

/** @notrace */
function random_key(kernel: Kernel): siphash_key_t {
  const key = siphash_key();
  for (let i = 0; i < 4; i++) key[i] = get_random_u32(kernel);
  return key;
}

function net_secret_init(kernel: Kernel): siphash_key_t {
  return (kernel.net_secrets.net_secret ??= random_key(kernel));
}

function ts_secret_init(kernel: Kernel): siphash_key_t {
  return (kernel.net_secrets.ts_secret ??= random_key(kernel));
}

/** Advances a hash by one every 64 ns, as RFC 6528's clock. */
function seq_scale(kernel: Kernel, seq: u32): u32 {
  return (seq + Math.floor(kernel.now / 64)) >>> 0;
}

/** Offset of a connection's timestamps, 0 unless net.ipv4.tcp_timestamps is 1. @EXPORT_SYMBOL */
export function secure_tcp_ts_off(net: net, saddr: __be32, daddr: __be32): u32 {
  if (net.ipv4.sysctl_tcp_timestamps !== 1) return 0;
  return siphash_u32s([saddr, daddr], ts_secret_init(net.kernel))[0];
}

/** Initial sequence number of a connection. @EXPORT_SYMBOL */
export function secure_tcp_seq(net: net, saddr: __be32, daddr: __be32, sport: __be16, dport: __be16): u32 {
  const kernel = net.kernel;
  const hash = siphash_u32s([saddr, daddr, ((sport << 16) | dport) >>> 0], net_secret_init(kernel));
  return seq_scale(kernel, hash[0]);
}

/** Where the search for an ephemeral port starts: [low, high] half of a 64-bit hash. */
export function secure_ipv4_port_ephemeral(net: net, saddr: __be32, daddr: __be32, dport: __be16): [u32, u32] {
  return siphash_u32s([saddr, daddr, dport], net_secret_init(net.kernel));
}
