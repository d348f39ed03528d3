// Raw sockets (net/ipv4/raw.c; raw(7)), by direction in ./raw/.

export * from './raw/rcv.js';
export * from './raw/sendmsg.js';
export * from './raw/prot.js';
