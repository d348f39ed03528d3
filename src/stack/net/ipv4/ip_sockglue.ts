// Socket options of level IPPROTO_IP, control messages, and errors put on sockets (net/ipv4/ip_sockglue.c; ip(7)).
// Source filters of multicast groups are left out.

export * from './ip_sockglue/cmsg.js';
export * from './ip_sockglue/error.js';
export * from './ip_sockglue/sockopt.js';
