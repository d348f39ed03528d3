// Socket options of netfilter's modules: by number, each module its range (net/netfilter/nf_sockopt.c).

import { EBUSY, ENOPROTOOPT } from '../../include/linux/errno.js';
import type { sock } from '../../include/net/sock.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { int, u8 } from '../../include/linux/types.js';

export interface nf_sockopt_ops {
  readonly pf: u8;
  /** first number, and the first behind the last */
  readonly set_optmin: int;
  readonly set_optmax: int;
  readonly set: (sk: sock, optval: int, arg: Uint8Array, len: int) => int;
  readonly get_optmin: int;
  readonly get_optmax: int;
  readonly get: (sk: sock, optval: int, user: Uint8Array, len: { value: int }) => int;
}

/** @returns 0, or -EBUSY if numbers are taken @EXPORT_SYMBOL */
export function nf_register_sockopt(kernel: Kernel, reg: nf_sockopt_ops): int {
  const overlap = (min1: int, max1: int, min2: int, max2: int): boolean => max1 > min2 && min1 < max2;
  for (const ops of kernel.nf_sockopts) {
    if (ops.pf !== reg.pf) continue;
    if (overlap(ops.set_optmin, ops.set_optmax, reg.set_optmin, reg.set_optmax)) return -EBUSY;
    if (overlap(ops.get_optmin, ops.get_optmax, reg.get_optmin, reg.get_optmax)) return -EBUSY;
  }
  kernel.nf_sockopts.push(reg);
  return 0;
}

/** @EXPORT_SYMBOL */
export function nf_unregister_sockopt(kernel: Kernel, reg: nf_sockopt_ops): void {
  const at = kernel.nf_sockopts.indexOf(reg);
  if (at >= 0) kernel.nf_sockopts.splice(at, 1);
}

/** @returns what the module gives, or -ENOPROTOOPT @EXPORT_SYMBOL */
export function nf_setsockopt(sk: sock, pf: u8, val: int, opt: Uint8Array, len: int): int {
  for (const ops of sk.sk_net.kernel.nf_sockopts) {
    if (ops.pf === pf && val >= ops.set_optmin && val < ops.set_optmax) return ops.set(sk, val, opt, len);
  }
  return -ENOPROTOOPT;
}

/** @returns what the module gives, or -ENOPROTOOPT @EXPORT_SYMBOL */
export function nf_getsockopt(sk: sock, pf: u8, val: int, opt: Uint8Array, len: { value: int }): int {
  for (const ops of sk.sk_net.kernel.nf_sockopts) {
    if (ops.pf === pf && val >= ops.get_optmin && val < ops.get_optmax) return ops.get(sk, val, opt, len);
  }
  return -ENOPROTOOPT;
}
