// Memory of sk_buffs (the slab caches of net/core/skbuff.c). What is freed on any host of a lab is used again by
// any: a fresh Uint8Array of a packet's size costs more than all the rest of an allocation.

import { running_kernel } from '../../../kernel/current.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { SIZEOF_SKB_SHARED_INFO, SKB_SMALL_HEAD_CACHE_SIZE } from '../../../include/linux/skbuff/constants.js';
import { sk_buff, skb_shared_info } from '../../../include/linux/skbuff/struct.js';
import type { uint } from '../../../include/linux/types.js';

/** How many of each are kept. */
const MAX_KEPT = 4096;
/** Heads of more bytes are left to the garbage collector. */
const MAX_KEPT_HEAD = 1 << 17;

const NO_HEAD = new Uint8Array(0);
const NO_SHINFO = new skb_shared_info();

export class skbuff_cache {
  readonly skbs: sk_buff[] = [];
  readonly shinfos: skb_shared_info[] = [];
  readonly small_heads: Uint8Array[] = [];
  /** By the power of two that the size of the allocation is. */
  readonly heads: Uint8Array[][] = Array.from({ length: 18 }, () => []);
}

/** Bytes of the memory object that holds `size` bytes (kmalloc's buckets; small heads have their own). @notrace */
export function kmalloc_size_roundup(size: uint): uint {
  if (size <= SKB_SMALL_HEAD_CACHE_SIZE) return SKB_SMALL_HEAD_CACHE_SIZE;
  return 1 << (32 - Math.clz32(size - 1));
}

/** A structure whose fields are what the last user left there. @notrace */
export function kmem_cache_alloc_skb(): sk_buff {
  const kernel = running_kernel();
  const skb = kernel === null ? undefined : kernel.events.skbuff_cache.skbs.pop();
  return skb ?? new sk_buff(NO_HEAD, NO_SHINFO);
}

/** @notrace */
export function kmem_cache_free_skb(skb: sk_buff): void {
  skb.head = NO_HEAD;
  skb.shinfo = NO_SHINFO;
  const kernel = running_kernel();
  if (kernel !== null && kernel.events.skbuff_cache.skbs.length < MAX_KEPT) kernel.events.skbuff_cache.skbs.push(skb);
}

/** @notrace */
export function alloc_shinfo(): skb_shared_info {
  const kernel = running_kernel();
  return (kernel === null ? undefined : kernel.events.skbuff_cache.shinfos.pop()) ?? new skb_shared_info();
}

/** @notrace */
function heads_of(kernel: Kernel, bytes: uint): Uint8Array[] {
  const cache = kernel.events.skbuff_cache;
  return bytes === SKB_SMALL_HEAD_CACHE_SIZE ? cache.small_heads : cache.heads[31 - Math.clz32(bytes)];
}

/** @param bytes a result of kmalloc_size_roundup() @returns a buffer that much smaller as skb_shared_info is @notrace */
export function alloc_head(bytes: uint): Uint8Array {
  if (bytes <= MAX_KEPT_HEAD) {
    const kernel = running_kernel();
    if (kernel !== null) {
      const head = heads_of(kernel, bytes).pop();
      if (head !== undefined) return head;
    }
  }
  return new Uint8Array(bytes - SIZEOF_SKB_SHARED_INFO);
}

/** Takes back a buffer and its shared info. @param foreign the buffer is a driver's own @notrace */
export function free_head(head: Uint8Array, shinfo: skb_shared_info, foreign: boolean): void {
  const kernel = running_kernel();
  if (kernel === null) return;
  const bytes = head.length + SIZEOF_SKB_SHARED_INFO;
  if (!foreign && bytes <= MAX_KEPT_HEAD && kmalloc_size_roundup(bytes) === bytes) {
    const heads = heads_of(kernel, bytes);
    if (heads.length < MAX_KEPT) heads.push(head);
  }
  if (kernel.events.skbuff_cache.shinfos.length < MAX_KEPT) {
    reset_shinfo(shinfo);
    kernel.events.skbuff_cache.shinfos.push(shinfo);
  }
}

/** @notrace */
function reset_shinfo(shinfo: skb_shared_info): void {
  shinfo.flags = 0;
  shinfo.nr_frags = 0;
  shinfo.tx_flags = 0;
  shinfo.gso_size = 0;
  shinfo.gso_segs = 0;
  shinfo.gso_type = 0;
  shinfo.tskey = 0;
  shinfo.dataref = 1;
  shinfo.frag_list = null;
  shinfo.hwtstamps.hwtstamp = 0;
  shinfo.destructor_arg = null;
  const frags = shinfo.frags;
  for (let i = 0; i < frags.length; i++) {
    if (frags[i].page === NO_HEAD) break;
    frags[i].page = NO_HEAD;
  }
}
