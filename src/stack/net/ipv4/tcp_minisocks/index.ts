// Everything of net/ipv4/tcp_minisocks.c.
export * from './child.js';
export * from './request.js';
export * from './timewait.js';
