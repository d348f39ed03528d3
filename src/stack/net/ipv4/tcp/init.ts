/**
 * TCP's begin on a host: tables, limits, congestion controls.
 *
 * Read beside it: net/ipv4/tcp.c (tcp_init).
 */
import type { Kernel } from '../../../kernel/kernel.js';
import { inet_hashinfo_init } from '../inet_hashtables/index.js';
import { tcp_reno, tcp_register_congestion_control } from '../tcp_cong.js';
import { tcp_metrics_init } from '../tcp_metrics.js';
import { bbr_register } from '../tcp_bbr.js';
import { cubictcp_register } from '../tcp_cubic.js';
import { dctcp_register } from '../tcp_dctcp.js';
import { tcp_tsq_work_init } from '../tcp_output/index.js';
import { tcp_sysctl_init } from './sysctl.js';
import { tcp_v4_init } from '../tcp_ipv4/prot.js';

/** Pages that TCP may use, as of a machine with 4 GiB: no care below the first, none given above the last. */
const TCP_MEM_LIMIT = 65536;

function tcp_init_mem(kernel: Kernel): void {
  const pressure = (TCP_MEM_LIMIT / 4) * 3;
  kernel.sysctl_tcp_mem = [pressure, TCP_MEM_LIMIT, 2 * pressure];
}

export function tcp_init(kernel: Kernel): void {
  kernel.tcp_hashinfo = inet_hashinfo_init(kernel);
  tcp_init_mem(kernel);
  tcp_v4_init(kernel);
  tcp_metrics_init(kernel);
  tcp_register_congestion_control(kernel, tcp_reno);
  cubictcp_register(kernel);
  bbr_register(kernel);
  dctcp_register(kernel);
  tcp_sysctl_init(kernel.init_net);
  tcp_tsq_work_init(kernel);
}
