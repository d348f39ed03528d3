// Everything of net/ipv4/tcp_timer.c.
export * from './delack.js';
export * from './keepalive.js';
export * from './retransmit.js';
export * from './timeout.js';
export * from './write.js';
