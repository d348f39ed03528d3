// PF_INET: sockets of the Internet family and the start of IPv4 (net/ipv4/af_inet.c), by subject in ./af_inet/.

export * from './af_inet/create.js';
export * from './af_inet/dgram.js';
export * from './af_inet/gro.js';
export * from './af_inet/init.js';
export * from './af_inet/ops.js';
export * from './af_inet/state.js';
export * from './af_inet/stream.js';
