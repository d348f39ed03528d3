// The routing tables: a level- and path-compressed trie with longest prefix match (net/ipv4/fib_trie.c;
// Documentation/networking/fib_trie.rst; Nilsson and Karlsson, "IP-address lookup using LC-tries", 1999), in ./fib_trie/.
// Local and main table share one trie as long as there are no policy rules. Left out: RCU, notifiers of hardware.

export * from './fib_trie/node.js';
export * from './fib_trie/alias.js';
export * from './fib_trie/lookup.js';
export * from './fib_trie/table.js';
