/** All functions of net/ipv4/tcp.c, which stand in this folder. */
export * from './auth.js';
export * from './close.js';
export * from './getsockopt.js';
export * from './info.js';
export * from './init.js';
export * from './poll.js';
export * from './recvmsg.js';
export * from './push.js';
export * from './sendmsg.js';
export * from './setsockopt.js';
export * from './splice.js';
export * from './state.js';
export * from './zerocopy.js';
