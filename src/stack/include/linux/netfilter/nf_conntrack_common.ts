// What skbs need to know of connection tracking (include/linux/netfilter/nf_conntrack_common.h).

import { nf_conntrack_destroy } from '../../../net/netfilter/core.js';
import type { int } from '../types.js';

export const IP_CT_ESTABLISHED = 0;
export const IP_CT_RELATED = 1;
export const IP_CT_NEW = 2;
export const IP_CT_IS_REPLY = 3;
export const IP_CT_ESTABLISHED_REPLY = 3;
export const IP_CT_RELATED_REPLY = 4;
export const IP_CT_NUMBER = 5;
export const IP_CT_UNTRACKED = 7;

/** The part of a connection that skbs refer to; nf_conn extends it. */
export class nf_conntrack {
  use: int = 1;
}

/** @notrace */
export function nf_conntrack_get(nfct: nf_conntrack | null): void {
  if (nfct !== null) nfct.use++;
}

/** @notrace */
export function nf_conntrack_put(nfct: nf_conntrack | null): void {
  if (nfct !== null && --nfct.use === 0) nf_conntrack_destroy(nfct);
}
