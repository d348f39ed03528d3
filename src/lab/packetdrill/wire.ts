// IPv4 packets with TCP, UDP or ICMP as bytes and as fields. Numbers are in host byte order here: this is the
// tester's own view of the wire, independent of the stack under test. Read beside it: RFC 791, 793, 792, 7323.

import type { TcpOption, EcnCount } from './syntax.js';

export const PROTO_ICMP = 1;
export const PROTO_TCP = 6;
export const PROTO_UDP = 17;

export interface Endpoint {
  /** Host byte order. */
  readonly address: number;
  readonly port: number;
}

export interface WireTcp {
  readonly protocol: 'tcp';
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly tos: number;
  readonly ttl: number;
  /** Bits of header byte 13, and AE as 256. */
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
  readonly payload: number;
}

export interface WireUdp {
  readonly protocol: 'udp';
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly tos: number;
  readonly ttl: number;
  readonly payload: number;
}

export interface WireIcmp {
  readonly protocol: 'icmp';
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly tos: number;
  readonly ttl: number;
  readonly type: number;
  readonly code: number;
}

export type WirePacket = WireTcp | WireUdp | WireIcmp;

function sum16(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  for (let i = start; i < end; i += 2) sum += (bytes[i] << 8) | (i + 1 < end ? bytes[i + 1] : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (value >>> 8) & 255;
  bytes[at + 1] = value & 255;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value & 0xffff);
}

function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

function get32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function fromHex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}

/** Options as bytes, unpadded: what is not aligned the script pads itself. */
export function encodeTcpOptions(options: readonly TcpOption[]): Uint8Array {
  const out: number[] = [];
  const push32 = (value: number): number =>
    out.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  for (const option of options) {
    switch (option.kind) {
      case 'eol':
        out.push(0);
        break;
      case 'nop':
        out.push(1);
        break;
      case 'mss':
        out.push(2, 4, option.value >>> 8, option.value & 255);
        break;
      case 'wscale':
        out.push(3, 3, option.value);
        break;
      case 'sackOK':
        out.push(4, 2);
        break;
      case 'sack':
        out.push(5, 2 + 8 * option.blocks.length);
        for (const [left, right] of option.blocks) {
          push32(left);
          push32(right);
        }
        break;
      case 'TS':
        out.push(8, 10);
        push32(option.value);
        push32(option.ecr);
        break;
      case 'FO': {
        const cookie = fromHex(option.cookie);
        out.push(34, 2 + cookie.length, ...cookie);
        break;
      }
      case 'FOEXP': {
        const cookie = fromHex(option.cookie);
        out.push(254, 4 + cookie.length, 0xf9, 0x89, ...cookie);
        break;
      }
      case 'ECN':
        // The first count tells the option's number; an empty one has that of ECT(0) first.
        out.push(option.counts[0]?.[0] === 'e1b' ? 174 : 172, 2 + 3 * option.counts.length);
        for (const [, value] of option.counts) out.push((value >>> 16) & 255, (value >>> 8) & 255, value & 255);
        break;
      case 'md5': {
        const digest = fromHex(option.digest.padEnd(32, '0').slice(0, 32));
        out.push(19, 18, ...digest);
        break;
      }
    }
  }
  while (out.length % 4 !== 0) out.push(0);
  return Uint8Array.from(out);
}

/** @returns the options, or what is malformed about them */
function decodeTcpOptions(bytes: Uint8Array, start: number, end: number): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = start; at < end;) {
    const kind = bytes[at];
    if (kind === 0) {
      options.push({ kind: 'eol' });
      break;
    }
    if (kind === 1) {
      options.push({ kind: 'nop' });
      at++;
      continue;
    }
    const length = bytes[at + 1];
    if (length < 2 || at + length > end) break;
    const hex = (from: number): string =>
      Array.from(bytes.subarray(from, at + length), (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (kind === 2) options.push({ kind: 'mss', value: get16(bytes, at + 2) });
    else if (kind === 3) options.push({ kind: 'wscale', value: bytes[at + 2] });
    else if (kind === 4) options.push({ kind: 'sackOK' });
    else if (kind === 5) {
      const blocks: (readonly [number, number])[] = [];
      for (let b = at + 2; b + 8 <= at + length; b += 8) blocks.push([get32(bytes, b), get32(bytes, b + 4)]);
      options.push({ kind: 'sack', blocks });
    } else if (kind === 8) options.push({ kind: 'TS', value: get32(bytes, at + 2), ecr: get32(bytes, at + 6) });
    else if (kind === 172 || kind === 174) {
      const order: readonly EcnCount[] = kind === 174 ? ['e1b', 'ceb', 'e0b'] : ['e0b', 'ceb', 'e1b'];
      const fields = order.slice(0, Math.floor((length - 2) / 3));
      const count = (i: number): number => (get16(bytes, at + 2 + 3 * i) << 8) | bytes[at + 4 + 3 * i];
      options.push({ kind: 'ECN', counts: fields.map((name, i) => [name, count(i)] as const) });
    } else if (kind === 19) options.push({ kind: 'md5', digest: hex(at + 2) });
    else if (kind === 34) options.push({ kind: 'FO', cookie: hex(at + 2) });
    else if (kind === 254) options.push({ kind: 'FOEXP', cookie: hex(at + 4) });
    at += length;
  }
  return options;
}

function encodeIp(
  packet: Uint8Array,
  source: number,
  destination: number,
  protocol: number,
  tos: number,
  ttl: number,
): void {
  packet[0] = 0x45;
  packet[1] = tos;
  put16(packet, 2, packet.length);
  packet[8] = ttl;
  packet[9] = protocol;
  put32(packet, 12, source);
  put32(packet, 16, destination);
  put16(packet, 10, ~sum16(packet, 0, 20) & 0xffff);
}

/** The pseudo header's part of a TCP or UDP checksum. */
function pseudoSum(packet: Uint8Array, protocol: number): number {
  return sum16(packet, 12, 20) + protocol + (packet.length - 20);
}

export function encodeTcp(tcp: WireTcp): Uint8Array {
  const options = encodeTcpOptions(tcp.options);
  const header = 20 + options.length;
  const packet = new Uint8Array(20 + header + tcp.payload);
  const at = 20;
  put16(packet, at, tcp.source.port);
  put16(packet, at + 2, tcp.destination.port);
  put32(packet, at + 4, tcp.seq);
  put32(packet, at + 8, tcp.ack);
  packet[at + 12] = ((header / 4) << 4) | ((tcp.flags & 256) !== 0 ? 1 : 0);
  packet[at + 13] = tcp.flags & 255;
  put16(packet, at + 14, tcp.window);
  put16(packet, at + 18, tcp.urgent);
  packet.set(options, at + 20);
  encodeIp(packet, tcp.source.address, tcp.destination.address, PROTO_TCP, tcp.tos, tcp.ttl);
  put16(packet, at + 16, ~sum16(packet, 20, packet.length, pseudoSum(packet, PROTO_TCP)) & 0xffff);
  return packet;
}

export function encodeUdp(udp: WireUdp): Uint8Array {
  const packet = new Uint8Array(28 + udp.payload);
  put16(packet, 20, udp.source.port);
  put16(packet, 22, udp.destination.port);
  put16(packet, 24, 8 + udp.payload);
  encodeIp(packet, udp.source.address, udp.destination.address, PROTO_UDP, udp.tos, udp.ttl);
  const sum = ~sum16(packet, 20, packet.length, pseudoSum(packet, PROTO_UDP)) & 0xffff;
  put16(packet, 26, sum === 0 ? 0xffff : sum);
  return packet;
}

/**
 * @param rest the four bytes behind the checksum
 * @param about the packet that the message is about, cut as RFC 792 has it
 */
export function encodeIcmp(
  source: number,
  destination: number,
  type: number,
  code: number,
  rest: number,
  about: Uint8Array,
): Uint8Array {
  const packet = new Uint8Array(28 + about.length);
  packet[20] = type;
  packet[21] = code;
  put32(packet, 24, rest);
  packet.set(about, 28);
  put16(packet, 22, ~sum16(packet, 20, packet.length) & 0xffff);
  encodeIp(packet, source, destination, PROTO_ICMP, 0, 255);
  return packet;
}

/** Reads a packet that the stack under test has sent. @returns it, or what is wrong with it */
export function decode(packet: Uint8Array): WirePacket | string {
  if (packet.length < 20 || packet[0] >>> 4 !== 4) return 'not an IPv4 packet';
  const header = (packet[0] & 15) * 4;
  const total = get16(packet, 2);
  if (total !== packet.length) return `bad IP total length: ${total}, not ${packet.length}`;
  if (sum16(packet, 0, header) !== 0xffff) return 'bad IP header checksum';
  if ((get16(packet, 6) & 0x3fff) !== 0) return 'an IP fragment';
  const tos = packet[1];
  const ttl = packet[8];
  const from = get32(packet, 12);
  const to = get32(packet, 16);
  const protocol = packet[9];
  if (protocol === PROTO_ICMP) {
    if (sum16(packet, header, total) !== 0xffff) return 'bad ICMP checksum';
    return {
      protocol: 'icmp',
      source: { address: from, port: 0 },
      destination: { address: to, port: 0 },
      tos,
      ttl,
      type: packet[header],
      code: packet[header + 1],
    };
  }
  const source = { address: from, port: get16(packet, header) };
  const destination = { address: to, port: get16(packet, header + 2) };
  const pseudo = sum16(packet, 12, 20) + protocol + (total - header);
  if (protocol === PROTO_UDP) {
    if (get16(packet, header + 6) !== 0 && sum16(packet, header, total, pseudo) !== 0xffff) return 'bad UDP checksum';
    return { protocol: 'udp', source, destination, tos, ttl, payload: total - header - 8 };
  }
  if (protocol !== PROTO_TCP) return `unknown IP protocol ${protocol}`;
  if (sum16(packet, header, total, pseudo) !== 0xffff) return 'bad TCP checksum';
  const dataOffset = (packet[header + 12] >>> 4) * 4;
  if (dataOffset < 20 || header + dataOffset > total) return 'bad TCP data offset';
  return {
    protocol: 'tcp',
    source,
    destination,
    tos,
    ttl,
    flags: packet[header + 13] | ((packet[header + 12] & 1) !== 0 ? 256 : 0),
    seq: get32(packet, header + 4),
    ack: get32(packet, header + 8),
    window: get16(packet, header + 14),
    urgent: get16(packet, header + 18),
    options: decodeTcpOptions(packet, header + 20, header + dataOffset),
    payload: total - header - dataOffset,
  };
}

const FLAGS: readonly (readonly [number, string])[] = [
  [2, 'S'],
  [1, 'F'],
  [4, 'R'],
  [8, 'P'],
  [16, '.'],
  [32, 'U'],
  [64, 'E'],
  [128, 'W'],
  [256, 'A'],
];

export function optionText(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`;
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`;
    case 'TS':
      return `TS val ${option.value} ecr ${option.ecr}`;
    case 'FO':
    case 'FOEXP':
      return `${option.kind} ${option.cookie}`.trim();
    case 'ECN':
      return `ECN ${option.counts.map(([name, value]) => `${name} ${value}`).join(' ')}`.trim();
    case 'md5':
      return `md5 ${option.digest}`;
    default:
      return option.kind;
  }
}

/** A segment as scripts write it. */
export function tcpText(tcp: Pick<WireTcp, 'flags' | 'seq' | 'ack' | 'window' | 'payload' | 'options'>): string {
  const flags =
    FLAGS.filter(([bit]) => (tcp.flags & bit) !== 0)
      .map(([, letter]) => letter)
      .join('') || '-';
  const options = tcp.options.length > 0 ? ` <${tcp.options.map(optionText).join(',')}>` : '';
  const ack = (tcp.flags & 16) !== 0 ? ` ack ${tcp.ack}` : '';
  return `${flags} ${tcp.seq}:${(tcp.seq + tcp.payload) >>> 0}(${tcp.payload})${ack} win ${tcp.window}${options}`;
}
