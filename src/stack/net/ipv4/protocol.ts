// The table of transport protocols (net/ipv4/protocol.c).

import { EINVAL, EPERM } from '../../include/linux/errno.js';
import type { net_offload, net_protocol } from '../../include/net/protocol.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { int, u8 } from '../../include/linux/types.js';

/** @returns 0, or -EPERM if the number is taken @EXPORT_SYMBOL */
export function inet_add_protocol(kernel: Kernel, prot: net_protocol, protocol: u8): int {
  if (kernel.inet_protos[protocol] !== null) return -EPERM;
  kernel.inet_protos[protocol] = prot;
  return 0;
}

/** @returns 0, or -EPERM if the number is taken @EXPORT_SYMBOL */
export function inet_add_offload(kernel: Kernel, prot: net_offload, protocol: u8): int {
  if (kernel.inet_offloads[protocol] !== null) return -EPERM;
  kernel.inet_offloads[protocol] = prot;
  return 0;
}

/** @returns 0, or -EINVAL if it was not this protocol's @EXPORT_SYMBOL */
export function inet_del_protocol(kernel: Kernel, prot: net_protocol, protocol: u8): int {
  if (kernel.inet_protos[protocol] !== prot) return -EINVAL;
  kernel.inet_protos[protocol] = null;
  return 0;
}

/** @EXPORT_SYMBOL */
export function inet_del_offload(kernel: Kernel, prot: net_offload, protocol: u8): int {
  if (kernel.inet_offloads[protocol] !== prot) return -EINVAL;
  kernel.inet_offloads[protocol] = null;
  return 0;
}
