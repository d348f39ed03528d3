/**
 * Data that is sent from the program's own pages: MSG_ZEROCOPY's degradation to a copy, and splicing.
 *
 * Read beside it: net/ipv4/tcp.c, Documentation/networking/msg_zerocopy.rst.
 */
import { EIO, EMSGSIZE, ENOMEM } from '../../../include/linux/errno.js';
import {
  MAX_SKB_FRAGS,
  SKBFL_PURE_ZEROCOPY,
  SKB_TRUESIZE,
  skb_can_coalesce,
  skb_end_offset,
  skb_fill_page_desc,
  skb_frag_size_add,
  skb_shinfo,
  skb_zcopy_pure,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { int, size_t } from '../../../include/linux/types.js';
import { iov_iter_advance } from '../../../include/linux/uio.js';
import type { iov_iter } from '../../../include/linux/uio.js';
import { sk_mem_charge, sk_wmem_schedule } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';

/**
 * A segment of program pages only was not charged for them; once it is to hold other data, it is.
 * @returns 0 or -ENOMEM
 */
export function tcp_downgrade_zcopy_pure(sk: sock, skb: sk_buff): int {
  if (!skb_zcopy_pure(skb)) return 0;
  const extra = skb.truesize - SKB_TRUESIZE(skb_end_offset(skb));
  if (!sk_wmem_schedule(sk, extra)) return -ENOMEM;
  sk_mem_charge(sk, extra);
  skb_shinfo(skb).flags &= ~SKBFL_PURE_ZEROCOPY;
  return 0;
}

/**
 * Refers to the iterator's own bytes rather than copying them.
 * @returns bytes appended, -EMSGSIZE when the segment can hold no more pieces
 * @EXPORT_SYMBOL
 */
export function skb_splice_from_iter(skb: sk_buff, iter: iov_iter, maxsize: size_t): int {
  let spliced = 0;
  while (iter.count > 0 && spliced < maxsize) {
    const piece = iter.__iov[iter.segment];
    const part = Math.min(piece.length - iter.iov_offset, maxsize - spliced, iter.count);
    if (part <= 0) return spliced || -EIO;
    const i = skb_shinfo(skb).nr_frags;
    if (skb_can_coalesce(skb, i, piece, iter.iov_offset)) skb_frag_size_add(skb_shinfo(skb).frags[i - 1], part);
    else if (i < MAX_SKB_FRAGS) skb_fill_page_desc(skb, i, piece, iter.iov_offset, part);
    else return spliced || -EMSGSIZE;
    skb.len += part;
    skb.data_len += part;
    skb.truesize += part;
    iov_iter_advance(iter, part);
    spliced += part;
  }
  return spliced;
}
