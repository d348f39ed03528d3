// Internet socket addresses (include/uapi/linux/in.h, ip(7)) and their text form.

import { htonl, htons, ntohl, ntohs } from './byteorder.js';
import type { __be16, __be32, u16 } from './types.js';

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const AF_MAX = 46;

export class in_addr {
  s_addr: __be32;

  constructor(s_addr: __be32 = 0) {
    this.s_addr = s_addr;
  }
}

export class sockaddr_in {
  sin_family: u16 = AF_INET;
  sin_port: __be16;
  readonly sin_addr: in_addr;

  /**
   * @param address in network byte order
   * @param port in network byte order
   */
  constructor(address: __be32 = 0, port: __be16 = 0) {
    this.sin_addr = new in_addr(address);
    this.sin_port = port;
  }
}

/**
 * @param text dotted quad
 * @returns the address in network byte order, or null if the text is none
 * @notrace
 */
export function in_aton(text: string): __be32 | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return htonl(((parts[0] << 24) | (parts[1] << 16) | (parts[2] << 8) | parts[3]) >>> 0);
}

/** @param address in network byte order @returns dotted quad @notrace */
export function in_ntoa(address: __be32): string {
  const host = ntohl(address);
  return `${host >>> 24}.${(host >>> 16) & 255}.${(host >>> 8) & 255}.${host & 255}`;
}

/** @param address dotted quad @param port in host byte order @notrace */
export function make_sockaddr_in(address: string, port: u16): sockaddr_in {
  const parsed = in_aton(address);
  if (parsed === null) throw new Error(`not an IPv4 address: ${address}`);
  return new sockaddr_in(parsed, htons(port));
}

/** @returns `address:port` @notrace */
export function sockaddr_in_text(address: sockaddr_in): string {
  return `${in_ntoa(address.sin_addr.s_addr)}:${ntohs(address.sin_port)}`;
}
