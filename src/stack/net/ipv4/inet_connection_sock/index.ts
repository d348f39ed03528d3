// Everything of net/ipv4/inet_connection_sock.c.
export * from './accept.js';
export * from './bind.js';
export * from './destroy.js';
export * from './reqsk.js';
export * from './route.js';
export * from './timers.js';
