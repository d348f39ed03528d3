// Start of the routing code of a host, and its files (net/ipv4/route.c).

import type { net } from '../../../include/net/net_namespace.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { register_sysctl, int_entry } from '../../../kernel/sysctl.js';
import { devinet_init } from '../devinet.js';
import { ip_fib_init } from '../fib_frontend.js';
import { rt_cache_flush } from './cache.js';
import { ip_ident_state } from './ident.js';
import type { int } from '../../../include/linux/types.js';

export function rt_sysctl_init(net: net): void {
  const kernel = net.kernel;
  register_sysctl(kernel, 'net/ipv4/route', [
    {
      procname: 'flush',
      get: () => '',
      set: () => {
        rt_cache_flush(net);
        return 0;
      },
    },
    int_entry('min_pmtu', net.ipv4, 'ip_rt_min_pmtu', 68),
    int_entry('mtu_expires', net.ipv4, 'ip_rt_mtu_expires'),
    int_entry('min_adv_mss', net.ipv4, 'ip_rt_min_advmss'),
    int_entry('redirect_load', net.ipv4, 'ip_rt_redirect_load'),
    int_entry('redirect_number', net.ipv4, 'ip_rt_redirect_number'),
    int_entry('redirect_silence', net.ipv4, 'ip_rt_redirect_silence'),
    int_entry('error_cost', net.ipv4, 'ip_rt_error_cost'),
    int_entry('error_burst', net.ipv4, 'ip_rt_error_burst'),
  ]);
}

export function ip_rt_init(kernel: Kernel): int {
  const net = kernel.init_net;
  kernel.ip_ident = new ip_ident_state();
  kernel.random.fill(kernel.ip_ident.ip_idents);
  ip_fib_init(kernel);
  devinet_init(kernel);
  rt_sysctl_init(net);
  return 0;
}
