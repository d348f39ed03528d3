/**
 * TCP over IPv4: all functions of net/ipv4/tcp_ipv4.c, which stand in the folder of that name.
 */
export * from './tcp_ipv4/connect.js';
export * from './tcp_ipv4/err.js';
export * from './tcp_ipv4/ops.js';
export * from './tcp_ipv4/proc.js';
export * from './tcp_ipv4/prot.js';
export * from './tcp_ipv4/rcv.js';
export * from './tcp_ipv4/reply.js';
export * from './tcp_ipv4/request.js';
