// Sockets in general: the functions of net/core/sock.c, by subject. Left out: memory cgroups, busy polling,
// SO_ATTACH_BPF and extended BPF, page pools, credentials beyond a user's number.

export * from './sock/alloc.js';
export * from './sock/lock.js';
export * from './sock/memory.js';
export * from './sock/wmem.js';
export * from './sock/route.js';
export * from './sock/wakeup.js';
export * from './sock/receive.js';
export * from './sock/options.js';
export * from './sock/cmsg.js';
export * from './sock/no.js';
export { sk_error_report, skb_set_owner_edemux, sock_error } from '../../include/net/sock.js';
