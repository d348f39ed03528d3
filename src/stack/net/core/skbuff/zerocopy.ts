// Sending from a program's own memory (MSG_ZEROCOPY; net/core/skbuff.c, Documentation/networking/msg_zerocopy).
// Completions come back on the socket's error queue as ranges of send numbers.

import { EEXIST, EFAULT, EMSGSIZE, ENOMEM } from '../../../include/linux/errno.js';
import { SKB_EXT_ERR, SO_EE_CODE_ZEROCOPY_COPIED, SO_EE_ORIGIN_ZEROCOPY } from '../../../include/linux/errqueue.js';
import { sock_extended_err } from '../../../include/linux/errqueue.js';
import type { msghdr } from '../../../include/linux/socket.js';
import {
  MAX_SKB_FRAGS,
  PAGE_SIZE,
  SKBFL_ALL_ZEROCOPY,
  SKBFL_DONT_ORPHAN,
  SKBFL_ZEROCOPY_FRAG,
} from '../../../include/linux/skbuff/constants.js';
import { __skb_fill_page_desc, skb_zcopy, skb_zcopy_pure } from '../../../include/linux/skbuff/frags.js';
import type { sk_buff, ubuf_info, ubuf_info_ops } from '../../../include/linux/skbuff/struct.js';
import { iov_iter_advance } from '../../../include/linux/uio.js';
import type { bool, gfp_t, int, size_t, u16, u32 } from '../../../include/linux/types.js';
import {
  SOCK_DEAD,
  sk_error_report,
  sk_mem_charge,
  sk_wmem_queued_add,
  sock_flag,
  sock_hold,
  sock_put,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { skb_cloned } from '../../../include/linux/skbuff/refs.js';
import { __alloc_skb } from './alloc.js';
import { pskb_expand_head } from './expand.js';
import { skb_queue_tail } from './queue.js';

/** What one or several MSG_ZEROCOPY sends of a socket wait for. */
export class ubuf_info_msgzc implements ubuf_info {
  ops: ubuf_info_ops = msg_zerocopy_ubuf_ops;
  refcnt: int = 1;
  flags = SKBFL_ZEROCOPY_FRAG | SKBFL_DONT_ORPHAN;
  sk: sock;
  /** Number of the first send, and how many there are. */
  id: u32 = 0;
  len: u16 = 1;
  zerocopy: bool = true;
  bytelen: u32 = 0;

  constructor(sk: sock) {
    this.sk = sk;
  }
}

/** @notrace */
export function net_zcopy_get(uarg: ubuf_info): void {
  uarg.refcnt++;
}

/** @notrace */
export function net_zcopy_put(uarg: ubuf_info | null, skb: sk_buff | null = null): void {
  if (uarg !== null) uarg.ops.complete(skb, uarg, true);
}

/** Takes back a send that failed. @notrace */
export function net_zcopy_put_abort(uarg: ubuf_info | null, have_uref: bool): void {
  if (uarg !== null) msg_zerocopy_put_abort(uarg, have_uref);
}

/** Gives an skb a share in a user's buffer. @notrace */
export function skb_zcopy_set(skb: sk_buff | null, uarg: ubuf_info | null, have_ref: { value: bool } | null): void {
  if (skb === null || uarg === null || skb_zcopy(skb) !== null) return;
  if (have_ref !== null && have_ref.value) have_ref.value = false;
  else net_zcopy_get(uarg);
  skb_zcopy_init(skb, uarg);
}

/** @notrace */
export function skb_zcopy_init(skb: sk_buff, uarg: ubuf_info): void {
  skb.shinfo.destructor_arg = uarg;
  skb.shinfo.flags |= uarg.flags;
}

/** Ends an skb's share in a user's buffer. @notrace */
export function skb_zcopy_clear(skb: sk_buff, zerocopy_success: bool): void {
  const uarg = skb_zcopy(skb);
  if (uarg === null) return;
  uarg.ops.complete(skb, uarg, zerocopy_success);
  skb.shinfo.flags &= ~SKBFL_ALL_ZEROCOPY;
  skb.shinfo.destructor_arg = null;
}

/** @notrace */
export function skb_zcopy_downgrade_managed(_skb: sk_buff): void {
  // Pages that the caller manages are io_uring's, which is left out.
}

/** The next number for a MSG_ZEROCOPY send, on the record of the last one where that can go on. @EXPORT_SYMBOL */
export function msg_zerocopy_realloc(sk: sock, size: size_t, uarg: ubuf_info | null): ubuf_info {
  const zc = uarg as ubuf_info_msgzc | null;
  if (zc !== null) {
    const bytelen = zc.bytelen + size;
    const next = (zc.id + zc.len) >>> 0;
    if (zc.len < 0xffff && bytelen <= 512 * 1024 && next === sk.sk_zckey) {
      zc.len++;
      zc.bytelen = bytelen;
      sk.sk_zckey = (sk.sk_zckey + 1) >>> 0;
      if (sk.sk_type === 1) net_zcopy_get(zc);
      return zc;
    }
  }
  return msg_zerocopy_alloc(sk, size);
}

function msg_zerocopy_alloc(sk: sock, size: size_t): ubuf_info_msgzc {
  const uarg = new ubuf_info_msgzc(sk);
  uarg.id = sk.sk_zckey;
  sk.sk_zckey = (sk.sk_zckey + 1) >>> 0;
  uarg.bytelen = size;
  sock_hold(sk);
  return uarg;
}

/** Joins the notice to the last one on the queue if it continues it. */
function skb_zerocopy_notify_extend(skb: sk_buff, lo: u32, len: u16): bool {
  const ee = SKB_EXT_ERR(skb).ee;
  if (ee.ee_origin !== SO_EE_ORIGIN_ZEROCOPY) return false;
  const old_lo = ee.ee_info;
  const old_hi = ee.ee_data;
  const sum_len = old_hi - old_lo + 1 + len;
  if (sum_len >= 0x100000000 || lo !== old_hi + 1) return false;
  ee.ee_data += len;
  return true;
}

function __msg_zerocopy_callback(uarg: ubuf_info_msgzc): void {
  const sk = uarg.sk;
  if (uarg.len === 0 || sock_flag(sk, SOCK_DEAD)) {
    sock_put(sk);
    return;
  }
  const q = sk.sk_error_queue;
  const lo = uarg.id;
  const hi = (uarg.id + uarg.len - 1) >>> 0;
  const tail = q.prev;
  const copied = uarg.zerocopy ? 0 : SO_EE_CODE_ZEROCOPY_COPIED;
  if (tail === null || SKB_EXT_ERR(tail).ee.ee_code !== copied || !skb_zerocopy_notify_extend(tail, lo, uarg.len)) {
    const skb = __alloc_skb(0, 0, 0, -1);
    const serr = SKB_EXT_ERR(skb);
    serr.ee = new sock_extended_err();
    serr.ee.ee_origin = SO_EE_ORIGIN_ZEROCOPY;
    serr.ee.ee_info = lo;
    serr.ee.ee_data = hi;
    serr.ee.ee_code = copied;
    skb_queue_tail(q, skb);
  }
  sk_error_report(sk);
  sock_put(sk);
}

export function msg_zerocopy_complete(_skb: sk_buff | null, uarg: ubuf_info, success: bool): void {
  const zc = uarg as ubuf_info_msgzc;
  zc.zerocopy = zc.zerocopy && success;
  if (--zc.refcnt === 0) __msg_zerocopy_callback(zc);
}

/** @EXPORT_SYMBOL */
export function msg_zerocopy_put_abort(uarg: ubuf_info, have_uref: bool): void {
  const zc = uarg as ubuf_info_msgzc;
  zc.sk.sk_zckey = (zc.sk.sk_zckey - 1) >>> 0;
  zc.len--;
  if (have_uref) msg_zerocopy_complete(null, uarg, true);
}

export const msg_zerocopy_ubuf_ops: ubuf_info_ops = { complete: msg_zerocopy_complete, link_skb: null };

/** Makes fragments of the program's memory. @returns bytes, or a negative errno @EXPORT_SYMBOL */
export function skb_zerocopy_iter_stream(sk: sock, skb: sk_buff, msg: msghdr, len: int, uarg: ubuf_info): int {
  const orig_uarg = skb_zcopy(skb);
  if (orig_uarg !== null && uarg !== orig_uarg) return -EEXIST;
  const iter = msg.msg_iter;
  let done = 0;
  let truesize = 0;
  while (done < len && iter.count > 0) {
    const piece = iter.__iov[iter.segment];
    if (piece === undefined) break;
    const part = Math.min(len - done, piece.length - iter.iov_offset, PAGE_SIZE, iter.count);
    const i = skb.shinfo.nr_frags;
    const last = i > 0 ? skb.shinfo.frags[i - 1] : null;
    if (last !== null && last.page === piece && last.offset + last.size === iter.iov_offset) last.size += part;
    else if (i < MAX_SKB_FRAGS) {
      __skb_fill_page_desc(skb, i, piece, iter.iov_offset, part);
      skb.shinfo.nr_frags = i + 1;
    } else break;
    iov_iter_advance(iter, part);
    done += part;
    // Every page that is pinned counts in full.
    truesize += Math.ceil(part / PAGE_SIZE) * PAGE_SIZE;
  }
  if (done === 0) return skb.shinfo.nr_frags >= MAX_SKB_FRAGS ? -EMSGSIZE : -EFAULT;
  skb.len += done;
  skb.data_len += done;
  skb.truesize += truesize;
  sk_wmem_queued_add(sk, truesize);
  if (!skb_zcopy_pure(skb)) sk_mem_charge(sk, truesize);
  skb_zcopy_set(skb, uarg, null);
  return done;
}

/** Lets `nskb` share in what `orig` refers to. */
export function skb_zerocopy_clone(nskb: sk_buff, orig: sk_buff, gfp_mask: gfp_t): int {
  if (skb_zcopy(orig) === null) return 0;
  if (skb_zcopy(nskb) !== null) {
    if (skb_zcopy(nskb) === skb_zcopy(orig)) return 0;
    if (skb_copy_ubufs(nskb, gfp_mask) !== 0) return -ENOMEM;
  }
  skb_zcopy_set(nskb, skb_zcopy(orig), null);
  return 0;
}

/** Copies the program's memory into pages of the kernel's own. @EXPORT_SYMBOL */
export function skb_copy_ubufs(skb: sk_buff, gfp_mask: gfp_t): int {
  // Clones go on referring to the program's memory.
  if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, gfp_mask) !== 0) return -ENOMEM;
  const shinfo = skb.shinfo;
  for (let i = 0; i < shinfo.nr_frags; i++) {
    const frag = shinfo.frags[i];
    frag.page = frag.page.slice(frag.offset, frag.offset + frag.size);
    frag.offset = 0;
  }
  skb_zcopy_clear(skb, false);
  return 0;
}
