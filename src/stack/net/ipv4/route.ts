// Routes of packets (net/ipv4/route.c): the look-ups in ./route/, by direction and purpose.

export * from './route/cache.js';
export * from './route/exception.js';
export * from './route/ident.js';
export * from './route/init.js';
export * from './route/input.js';
export * from './route/multipath.js';
export * from './route/output.js';
export * from './route/pmtu.js';
export * from './route/redirect.js';
