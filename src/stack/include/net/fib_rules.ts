// Policy rules: which table a look-up reads (include/net/fib_rules.h, the part IPv4 uses).

import type { __be32, int, u32, u8 } from '../linux/types.js';

export const FR_ACT_UNSPEC = 0;
export const FR_ACT_TO_TBL = 1;
export const FR_ACT_GOTO = 2;
export const FR_ACT_NOP = 3;
export const FR_ACT_BLACKHOLE = 6;
export const FR_ACT_UNREACHABLE = 7;
export const FR_ACT_PROHIBIT = 8;

/** struct fib4_rule: a fib_rule with IPv4's selectors. */
export class fib4_rule {
  pref: u32 = 0;
  action: u8 = FR_ACT_TO_TBL;
  table: u32 = 0;
  flags: u32 = 0;
  iifname = '';
  oifname = '';
  mark: u32 = 0;
  mark_mask: u32 = 0;
  ip_proto: u8 = 0;
  suppress_prefixlen: int = -1;
  src: __be32 = 0;
  srcmask: __be32 = 0;
  src_len: u8 = 0;
  dst: __be32 = 0;
  dstmask: __be32 = 0;
  dst_len: u8 = 0;
  dscp: u8 = 0;
}

export class fib_rules_ops {
  /** by preference */
  rules_list: fib4_rule[] = [];
}
