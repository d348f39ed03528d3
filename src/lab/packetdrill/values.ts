// Expressions of packetdrill's system calls as values: numbers with the constants of the C headers, strings,
// lists and structures.

import * as errno from '../../stack/include/linux/errno.js';
import * as fs from '../../stack/include/linux/fs.js';
import * as inNumbers from '../../stack/include/linux/in.js';
import * as netNumbers from '../../stack/include/linux/net.js';
import * as poll from '../../stack/include/linux/poll.js';
import * as socket from '../../stack/include/linux/socket.js';
import * as tcp from '../../stack/include/uapi/linux/tcp.js';
import * as tstamp from '../../stack/include/linux/net_tstamp.js';
import * as errqueue from '../../stack/include/linux/errqueue.js';
import { in_aton } from '../../stack/include/linux/in_addr.js';
import { ntohl, htons } from '../../stack/include/linux/byteorder.js';
import { PacketdrillUnsupported } from './failure.js';
import type { Expression } from './syntax.js';

const MODULES: readonly Readonly<Record<string, unknown>>[] = [
  socket,
  inNumbers,
  tcp,
  netNumbers,
  poll,
  fs,
  tstamp,
  errqueue,
  errno,
];

const FURTHER: Readonly<Record<string, number>> = {
  SIOCINQ: 0x541b,
  FIONREAD: 0x541b,
  SIOCATMARK: 0x8905,
  SIOCOUTQ: 0x5411,
  SIOCOUTQNSD: 0x894b,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  SOL_TCP: 6,
  IPPROTO_IP: 0,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  INADDR_ANY: 0,
  TCP_CLOSE: 7,
  NULL: 0,
  FD_CLOEXEC: 1,
  SPLICE_F_MOVE: 1,
  SPLICE_F_NONBLOCK: 2,
  SPLICE_F_MORE: 4,
  SPLICE_F_GIFT: 8,
  O_ACCMODE: 3,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  PF_INET: 2,
  PF_INET6: 10,
  SOL_IPV6: 41,
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
  POLLRDNORM: 0x40,
  POLLRDBAND: 0x80,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
  POLLMSG: 0x400,
  POLLREMOVE: 0x1000,
  POLLRDHUP: 0x2000,
};

/** -D NAME=VALUE symbols of the command line or the script. */
export type Definitions = ReadonlyMap<string, string>;

export function constant(name: string, definitions: Definitions): number {
  const defined = definitions.get(name);
  if (defined !== undefined && defined !== name) {
    const text = defined.trim();
    if (/^-?(0x[0-9a-fA-F]+|\d+)$/.test(text)) return Number(text);
    // A symbol may stand for another, but not for itself by way of others.
    const others = new Map(definitions);
    others.delete(name);
    return constant(text, others);
  }
  for (const module of MODULES) {
    const value = Object.hasOwn(module, name) ? module[name] : undefined;
    if (typeof value === 'number') return value;
  }
  if (Object.hasOwn(FURTHER, name)) return FURTHER[name];
  throw new PacketdrillUnsupported(`unknown symbol ${name}`);
}

/** The value of an expression that must be a number; throws where it is none. */
export function number(expression: Expression, definitions: Definitions): number {
  switch (expression.kind) {
    case 'integer':
    case 'float':
      return expression.value;
    case 'word':
      return constant(expression.name, definitions);
    case 'unary': {
      const value = number(expression.operand, definitions);
      return expression.operator === '-' ? -value : expression.operator === '~' ? ~value : value === 0 ? 1 : 0;
    }
    case 'binary': {
      const left = number(expression.left, definitions);
      const right = number(expression.right, definitions);
      switch (expression.operator) {
        case '|':
          return Number(BigInt(left) | BigInt(right));
        case '&':
          return Number(BigInt(left) & BigInt(right));
        case '^':
          return Number(BigInt(left) ^ BigInt(right));
        case '<<':
          return left * 2 ** right;
        case '>>':
          return Math.floor(left / 2 ** right);
        case '+':
          return left + right;
        case '-':
          return left - right;
        case '*':
          return left * right;
        default:
          return Math.trunc(left / right);
      }
    }
    case 'call':
      return call(expression.name, expression.args, definitions);
    case 'list':
      // `[1]`: a pointer to one number.
      if (expression.items.length === 1) return number(expression.items[0], definitions);
      break;
    default:
  }
  throw new PacketdrillUnsupported(`a number is needed, not ${expression.kind}`);
}

function call(name: string, args: readonly Expression[], definitions: Definitions): number {
  const [first] = args;
  if (name === 'htons' && first !== undefined) return htons(number(first, definitions));
  if ((name === 'htonl' || name === 'ntohl') && first !== undefined) return ntohl(number(first, definitions));
  if (name === 'inet_addr' && first?.kind === 'string') return in_aton(first.value) ?? 0xffffffff;
  throw new PacketdrillUnsupported(`function ${name}() in an expression`);
}

/** Whether the script leaves it open. */
export function isOpen(expression: Expression | undefined): boolean {
  return expression === undefined || expression.kind === 'ellipsis';
}

/** A field of a structure. */
export function field(expression: Expression, name: string): Expression | undefined {
  if (expression.kind !== 'struct') return undefined;
  return expression.fields.find((entry) => entry.name === name)?.value;
}

export function list(expression: Expression): readonly Expression[] {
  if (expression.kind === 'list') return expression.items;
  return [expression];
}
