// Everything of net/ipv4/inet_hashtables.c.
export * from './bind.js';
export * from './connect.js';
export * from './hash.js';
export * from './lookup.js';
export * from './table.js';
