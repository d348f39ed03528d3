// Socket buffers (include/linux/skbuff.h): the structures and the inline helpers. The functions of
// net/core/skbuff.c are in net/core/skbuff/. Read beside it: https://docs.kernel.org/networking/skbuff.html

export * from './skbuff/struct.js';
export * from './skbuff/constants.js';
export * from './skbuff/room.js';
export * from './skbuff/header.js';
export * from './skbuff/queue.js';
export * from './skbuff/refs.js';
export * from './skbuff/frags.js';
export * from './skbuff/csum.js';
export * from './skbuff/meta.js';
export * from '../../net/core/skbuff.js';
export type { gro_list as list_head_skb } from '../net/gro.js';
export { skb_set_hash_from_sk } from '../net/sock.js';
