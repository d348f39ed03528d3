// UDP (net/ipv4/udp.c; RFC 768), by subject in ./udp/.

export * from './udp/err.js';
export * from './udp/hash.js';
export * from './udp/lookup.js';
export * from './udp/proc.js';
export * from './udp/prot.js';
export * from './udp/queue.js';
export * from './udp/rcv.js';
export * from './udp/recvmsg.js';
export * from './udp/sendmsg.js';
export * from './udp/sockopt.js';
