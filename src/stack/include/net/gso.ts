// Segmentation in software (include/net/gso.h).

import { __skb_gso_segment } from '../../net/core/gso.js';
import type { netdev_features_t } from '../linux/netdev_features.js';
import type { sk_buff, skb_cb_owner } from '../linux/skbuff/struct.js';
import type { __wsum, int, u16 } from '../linux/types.js';
import { csum_partial } from '../../lib/checksum.js';
import { csum_fold } from './checksum.js';

/** State while an skb is segmented. */
export class skb_gso_cb implements skb_cb_owner<skb_gso_cb> {
  mac_offset: int = 0;
  encap_level: int = 0;
  csum: __wsum = 0;
  csum_start: u16 = 0;

  reset(): void {
    this.mac_offset = 0;
    this.encap_level = 0;
    this.csum = 0;
    this.csum_start = 0;
  }

  copy(from: skb_gso_cb): void {
    this.mac_offset = from.mac_offset;
    this.encap_level = from.encap_level;
    this.csum = from.csum;
    this.csum_start = from.csum_start;
  }
}

/** @notrace */
export function SKB_GSO_CB(skb: sk_buff): skb_gso_cb {
  return (skb.gsocb ??= new skb_gso_cb());
}

/** Segments; the result is linked by `next`. @returns null if nothing is to be done, or a negative errno @notrace */
export function skb_gso_segment(skb: sk_buff, features: netdev_features_t): sk_buff | null | int {
  return __skb_gso_segment(skb, features, true);
}

/** Starts the sum over what follows `csum_start` of a segment. @notrace */
export function gso_reset_checksum(skb: sk_buff, res: __wsum): void {
  const cb = SKB_GSO_CB(skb);
  cb.csum = res;
  cb.csum_start = skb.csum_start;
}

/** The checksum of a segment from its transport header on, for what precedes the part already summed. @notrace */
export function gso_make_checksum(skb: sk_buff, res: __wsum): number {
  const cb = SKB_GSO_CB(skb);
  const start = skb.transport_header;
  const sum = csum_partial(skb.head, start, cb.csum_start - start, cb.csum);
  cb.csum = res;
  cb.csum_start = start;
  return csum_fold(sum);
}
