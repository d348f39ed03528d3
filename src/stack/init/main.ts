// A host's kernel from nothing to running, in the order of the kernel's initcalls (init/main.c,
// include/linux/init.h: core, subsys, fs, device).

import { net } from '../include/net/net_namespace.js';
import { run_as } from '../kernel/current.js';
import { Kernel, type KernelOptions } from '../kernel/kernel.js';
import { hrtimers_init } from '../kernel/time/hrtimer.js';
import { init_timers } from '../kernel/time/timer.js';
import { loopback_net_init } from '../drivers/net/loopback.js';
import { inet_init } from '../net/ipv4/af_inet.js';
import { net_dev_init } from '../net/core/dev.js';
import { dev_proc_init } from '../net/core/net-procfs.js';
import { sysctl_core_init } from '../net/core/sysctl_net_core.js';
import { fq_module_init } from '../net/sched/sch_fq.js';
import { netem_module_init } from '../net/sched/sch_netem.js';
import { tbf_module_init } from '../net/sched/sch_tbf.js';
import { pktsched_init } from '../net/sched/sch_api.js';
import { br_init } from '../net/bridge/br.js';
import { packet_init } from '../net/packet/af_packet.js';
import { sock_init } from '../net/socket/create.js';

export function start_kernel(kernel: Kernel): void {
  init_timers(kernel);
  hrtimers_init(kernel);
  kernel.init_net = new net(kernel);
  do_initcalls(kernel);
}

export function do_initcalls(kernel: Kernel): void {
  sock_init(kernel);
  net_dev_init(kernel);
  dev_proc_init(kernel);
  pktsched_init(kernel);
  netem_module_init(kernel);
  tbf_module_init(kernel);
  fq_module_init(kernel);
  loopback_net_init(kernel.init_net);
  sysctl_core_init(kernel);
  inet_init(kernel);
  packet_init(kernel);
  br_init(kernel);
}

/** Makes a host and boots it. @notrace */
export function boot(options: KernelOptions): Kernel {
  const kernel = new Kernel(options);
  run_as(kernel.idle, start_kernel, kernel);
  return kernel;
}
