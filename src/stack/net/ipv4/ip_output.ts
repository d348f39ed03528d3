// Packets that go out (net/ipv4/ip_output.c): see ./ip_output/ for sending, fragmentation, and data put together.

export * from './ip_output/append.js';
export * from './ip_output/fragment.js';
export * from './ip_output/reply.js';
export * from './ip_output/xmit.js';
