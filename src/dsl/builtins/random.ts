/** Records of random numbers, network byte order, errno names. Read beside it: Tapset Reference; runtime/builtins/{random,net,errno}.ts. */
import { builtinGroup } from './builtin.js';

const r = builtinGroup('random');
const n = builtinGroup('net');
const e = builtinGroup('errno');

export const random = [r('randint', 'n:long', 'long', 'Returns a random number in [0, n).', { pure: false })];

export const net = [
  n('ntohs', 'n:long', 'long', 'Converts a 16-bit number from network to host order.'),
  n('ntohl', 'n:long', 'long', 'Converts a 32-bit number from network to host order.'),
  n('ntohll', 'n:long', 'long', 'Converts a 64-bit number from network to host order.'),
  n('htons', 'n:long', 'long', 'Converts a 16-bit number from host to network order.'),
  n('htonl', 'n:long', 'long', 'Converts a 32-bit number from host to network order.'),
  n('htonll', 'n:long', 'long', 'Converts a 64-bit number from host to network order.'),
  n('ip_ntop', 'addr:long', 'string', 'Returns the text of an IPv4 address (network order).'),
  n('ip_ntop', 'af:long, addr:long', 'string', 'Returns the text of an IPv4 address, or of the IPv6 address at addr.', {
    implementation: 'ip_ntop_family',
    fails: true,
  }),
  n('format_ipaddr', 'addr:long, family:long', 'string', 'Returns the text of an IP address by its family.', {
    fails: true,
  }),
  n('hostname', '', 'string', 'Returns the name of the host on which the probe fired (ours).'),
];

export const errno = [
  e('errno_str', 'err:long', 'string', 'Symbolic name of an error code.'),
  e('errno_p', 'err:long', 'long', 'Whether a number is an error code.'),
];
