// Addresses of devices (net/ipv4/devinet.c), by subject in ./devinet/. netlink messages are left out: inet_rtm_newaddr()
// and inet_rtm_deladdr() take the parsed request.

export * from './devinet/select.js';
export * from './devinet/ifaddr.js';
export * from './devinet/ioctl.js';
export * from './devinet/event.js';
