// Byte order and addresses. Numbers that come from packets hold network order as a little-endian machine
// loads it. Read beside it: dsl/builtins/random.ts (records), inet_ntop(3).
import type { BuiltinGroup } from '../services.js';
import type { Long, Value } from '../../dsl/abi.js';
import { fromBigInt, unsigned } from '../values.js';

const low32 = (v: Value): number => (typeof v === 'number' ? v >>> 0 : Number(BigInt(v as Long) & 0xffffffffn));

const swap16 = (v: Value): number => {
  const n = low32(v);
  return ((n & 0xff) << 8) | ((n >>> 8) & 0xff);
};
const swap32 = (v: Value): number => {
  const n = low32(v);
  return (((n & 0xff) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;
};
const swap64 = (v: Value): Long => {
  let n = unsigned(v as Long);
  let out = 0n;
  for (let i = 0; i < 8; i++, n >>= 8n) out = (out << 8n) | (n & 0xffn);
  return fromBigInt(out);
};

/** Dotted text of an address as a little-endian machine loads it from a packet. */
export function ipv4Text(address: Value): string {
  const n = low32(address);
  return `${n & 0xff}.${(n >>> 8) & 0xff}.${(n >>> 16) & 0xff}.${n >>> 24}`;
}

/** RFC 5952 text of 16 bytes. */
export function ipv6Text(bytes: string): string {
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push((bytes.charCodeAt(i) << 8) | bytes.charCodeAt(i + 1));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && words[j] === 0) j++;
    if (j - i > best.length) best = { at: i, length: j - i };
  }
  const hex = (part: number[]): string => part.map((w) => w.toString(16)).join(':');
  if (best.at < 0) return hex(words);
  return `${hex(words.slice(0, best.at))}::${hex(words.slice(best.at + best.length))}`;
}

const AF_INET = 2;
const AF_INET6 = 10;

export const net: BuiltinGroup = (rt) => ({
  ntohs: swap16,
  ntohl: swap32,
  ntohll: swap64,
  htons: swap16,
  htonl: swap32,
  htonll: swap64,
  ip_ntop: ipv4Text,
  ip_ntop_family: (family, address) => {
    if (Number(family) === AF_INET) return ipv4Text(address);
    return Number(family) === AF_INET6 ? ipv6Text(rt.memory(address, 16)) : '';
  },
  format_ipaddr: (address, family) => {
    if (Number(family) === AF_INET) return ipv4Text(address);
    return Number(family) === AF_INET6 ? ipv6Text(rt.memory(address, 16)) : '';
  },
  hostname: () => rt.context.hostname(),
});

export const random: BuiltinGroup = (rt) => ({
  randint: (n) => {
    const limit = Number(n);
    return limit <= 0 ? 0 : Number((BigInt(rt.random()) * BigInt(Math.trunc(limit))) >> 32n);
  },
});
