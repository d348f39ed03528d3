// Routes as programs and devices ask for them, and the check of source addresses (net/ipv4/fib_frontend.c), in
// ./fib_frontend/. rtnetlink messages are left out: inet_rtm_newroute() and inet_rtm_delroute() take the parsed request.

export * from './fib_frontend/table.js';
export * from './fib_frontend/source.js';
export * from './fib_frontend/request.js';
export * from './fib_frontend/event.js';
