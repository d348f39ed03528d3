// The sysctls of net.core.* (net/core/sysctl_net_core.c; Documentation/admin-guide/sysctl/net.rst).

import type { Kernel } from '../../kernel/kernel.js';
import { int_entry, register_sysctl } from '../../kernel/sysctl.js';
import { qdisc_set_default } from '../sched/sch_api.js';

/** Least buffer of a socket in bytes, as SO_SNDBUF and SO_RCVBUF have it. */
const SOCK_MIN_SNDBUF = 4608;
const SOCK_MIN_RCVBUF = 2304;

export function sysctl_core_init(kernel: Kernel): number {
  const core = kernel.init_net.core;
  const hotdata = kernel.net_hotdata;
  register_sysctl(kernel, 'net/core', [
    int_entry('wmem_max', core, 'sysctl_wmem_max', SOCK_MIN_SNDBUF),
    int_entry('rmem_max', core, 'sysctl_rmem_max', SOCK_MIN_RCVBUF),
    int_entry('wmem_default', core, 'sysctl_wmem_default', SOCK_MIN_SNDBUF),
    int_entry('rmem_default', core, 'sysctl_rmem_default', SOCK_MIN_RCVBUF),
    int_entry('somaxconn', core, 'sysctl_somaxconn', 0),
    int_entry('optmem_max', core, 'sysctl_optmem_max', 0),
    int_entry('txrehash', core, 'sysctl_txrehash', 0, 1),
    int_entry('tstamp_allow_data', core, 'sysctl_tstamp_allow_data', 0, 1),
    int_entry('netdev_budget', hotdata, 'netdev_budget', 0),
    int_entry('netdev_budget_usecs', hotdata, 'netdev_budget_usecs', 0),
    int_entry('netdev_max_backlog', hotdata, 'max_backlog', 0),
    int_entry('netdev_tstamp_prequeue', hotdata, 'tstamp_prequeue'),
    int_entry('dev_weight', hotdata, 'dev_tx_weight', 1),
    { procname: 'default_qdisc', get: () => kernel.default_qdisc.id, set: (text) => qdisc_set_default(kernel, text) },
  ]);
  return 0;
}
