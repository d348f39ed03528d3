// Socket buffers: the functions of net/core/skbuff.c, by subject. The structures and inline helpers are in
// include/linux/skbuff/. Left out: extensions, page pools, MPLS and VLAN rewriting, kernel memory accounting.

export * from './skbuff/cache.js';
export * from './skbuff/alloc.js';
export * from './skbuff/free.js';
export * from './skbuff/clone.js';
export * from './skbuff/room.js';
export * from './skbuff/expand.js';
export * from './skbuff/bits.js';
export * from './skbuff/csum.js';
export * from './skbuff/queue.js';
export * from './skbuff/frag.js';
export * from './skbuff/shift.js';
export * from './skbuff/segment.js';
export * from './skbuff/errqueue.js';
export * from './skbuff/zerocopy.js';
export { alloc_skb, alloc_skb_fclone, pskb_copy } from '../../include/linux/skbuff/refs.js';
export { skb_copy_datagram_msg } from './datagram.js';
