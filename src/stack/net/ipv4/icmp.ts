// ICMP (net/ipv4/icmp.c): ./icmp/send.ts says what goes out, ./icmp/rcv.ts what comes in.

export * from './icmp/rcv.js';
export * from './icmp/send.js';
