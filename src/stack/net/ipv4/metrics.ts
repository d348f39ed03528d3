// Metrics given with a route, checked (net/ipv4/metrics.c).

import { EINVAL } from '../../include/linux/errno.js';
import { RTAX_ADVMSS, RTAX_HOPLIMIT, RTAX_MAX, RTAX_MTU } from '../../include/linux/rtnetlink.js';
import { dst_default_metrics } from '../../include/net/dst/struct.js';
import type { fib_config } from '../../include/net/ip_fib.js';
import type { int, u32 } from '../../include/linux/types.js';

/** @returns the metrics of a new route, or -EINVAL */
export function ip_fib_metrics_init(cfg: fib_config): Float64Array | int {
  const mx = cfg.fc_mx;
  if (mx === null) return dst_default_metrics;
  const p = new Float64Array(RTAX_MAX);
  for (let type = 1; type <= RTAX_MAX; type++) {
    let val: u32 = mx[type - 1] ?? 0;
    if (val === 0) continue;
    if (type === RTAX_ADVMSS && val > 65535 - 40) val = 65535 - 40;
    if (type === RTAX_MTU && val > 65535 - 15) val = 65535 - 15;
    if (type === RTAX_HOPLIMIT && val > 255) val = 255;
    if (val < 0) return -EINVAL;
    p[type - 1] = val;
  }
  if (cfg.fc_mx_lock !== 0) p[0] = cfg.fc_mx_lock;
  return p;
}
