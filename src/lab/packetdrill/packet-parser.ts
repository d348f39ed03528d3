// Packets of a packetdrill script: `< [ect0] S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK>`, udp, icmp.

import { PacketdrillSyntaxError } from './lexer.js';
import { PacketdrillUnsupported } from './failure.js';
import type { TokenStream } from './parser.js';
import type { Ecn, IcmpPacket, IpFields, Packet, TcpOption, TcpPacket, UdpPacket, EcnCount } from './syntax.js';

const FLAG_BITS: Readonly<Record<string, number>> = {
  F: 1,
  S: 2,
  R: 4,
  P: 8,
  '.': 16,
  U: 32,
  E: 64,
  W: 128,
  A: 256,
};

const ECN_NAMES: readonly string[] = ['noecn', 'ect0', 'ect1', 'ce', 'ect01'] satisfies Ecn[];

export function parsePacket(stream: TokenStream): Packet {
  const direction = stream.next().text === '<' ? 'in' : 'out';
  const ip = parseIpFields(stream);
  if (stream.is('ipv4') || stream.is('ipv6') || stream.is('gre') || stream.is('mpls')) {
    throw new PacketdrillUnsupported(`encapsulated packets (${stream.peek().text})`);
  }
  if (stream.is('udp')) return { kind: 'packet', direction, ip, body: parseUdp(stream) };
  if (stream.is('icmp') || stream.is('icmpv4')) return { kind: 'packet', direction, ip, body: parseIcmp(stream) };
  if (stream.is('icmpv6')) throw new PacketdrillUnsupported('IPv6 (icmpv6)');
  return { kind: 'packet', direction, ip, body: parseTcp(stream) };
}

function parseIpFields(stream: TokenStream): IpFields {
  let ecn: Ecn | null = null;
  let tos: number | null = null;
  let ttl: number | null = null;
  for (;;) {
    if (stream.is('[') || stream.is('(')) {
      const close = stream.next().text === '[' ? ']' : ')';
      while (!stream.is(close)) {
        const name = stream.word();
        if (ECN_NAMES.includes(name)) ecn = name as Ecn;
        else if (name === 'tos') tos = stream.integer();
        else if (name === 'ttl') ttl = stream.integer();
        else if (name === 'flowlabel') stream.integer();
        else stream.fail(`unknown IP field '${name}'`);
        stream.accept(',');
      }
      stream.expect(close);
      continue;
    }
    return { ecn, tos, ttl };
  }
}

/** The flags, which stand without quotes: letters and dots next to each other, or `-` for none. */
function parseFlags(stream: TokenStream): number {
  let text = '';
  let last = -1;
  for (;;) {
    const token = stream.peek();
    if (last >= 0 && token.start !== last) break;
    if (token.text !== '.' && token.text !== '-' && token.text !== '...' && !/^[FSRPUEWA]+$/.test(token.text)) break;
    text += token.text;
    last = token.end;
    stream.next();
  }
  if (text === '') stream.fail('expected TCP flags');
  let flags = 0;
  for (const letter of text) {
    if (letter === '-') continue;
    if (!(letter in FLAG_BITS)) stream.fail(`unknown TCP flag '${letter}'`);
    flags |= FLAG_BITS[letter];
  }
  return flags;
}

/** `1:1001(1000)` */
function parseSequence(stream: TokenStream): { seq: number; length: number } {
  const line = stream.peek().line;
  const start = stream.integer();
  stream.expect(':');
  const end = stream.integer();
  stream.expect('(');
  const length = stream.integer();
  stream.expect(')');
  if ((start + length) >>> 0 !== end >>> 0) {
    throw new PacketdrillSyntaxError(
      line,
      `inconsistent TCP sequence numbers and payload length: ${start}:${end}(${length})`,
    );
  }
  return { seq: start, length };
}

function parseTcp(stream: TokenStream): TcpPacket {
  const flags = parseFlags(stream);
  const { seq, length } = parseSequence(stream);
  let ack: number | null = null;
  let window: number | null = null;
  let urgent: number | null = null;
  for (;;) {
    if (stream.accept('ack')) ack = stream.integer();
    else if (stream.accept('win')) window = stream.integer();
    else if (stream.accept('urg')) urgent = stream.integer();
    else break;
  }
  return { protocol: 'tcp', flags, seq, length, ack, window, urgent, options: parseTcpOptions(stream) };
}

function parseTcpOptions(stream: TokenStream): readonly TcpOption[] | null {
  // An inbound or outbound packet of the next event also begins with an angle bracket, but behind a time.
  if (!stream.accept('<')) return [];
  if (stream.accept('...')) {
    stream.expect('>');
    return null;
  }
  const options: TcpOption[] = [];
  while (!stream.is('>')) {
    options.push(parseTcpOption(stream));
    if (!stream.accept(',')) break;
  }
  stream.expect('>');
  return options;
}

function parseTcpOption(stream: TokenStream): TcpOption {
  const token = stream.peek();
  const name = stream.word();
  switch (name) {
    case 'mss':
      return { kind: 'mss', value: stream.integer() };
    case 'wscale':
      return { kind: 'wscale', value: stream.integer() };
    case 'sackOK':
      return { kind: 'sackOK' };
    case 'nop':
      return { kind: 'nop' };
    case 'eol':
      return { kind: 'eol' };
    case 'sack': {
      const blocks: (readonly [number, number])[] = [];
      while (stream.peek().kind === 'integer') {
        const left = stream.integer();
        stream.expect(':');
        blocks.push([left, stream.integer()]);
      }
      return { kind: 'sack', blocks };
    }
    case 'TS': {
      if (!stream.accept('val')) stream.fail("expected 'val'");
      const value = stream.integer();
      if (!stream.accept('ecr')) stream.fail("expected 'ecr'");
      return { kind: 'TS', value, ecr: stream.integer() };
    }
    case 'ECN': {
      const counts: (readonly [EcnCount, number])[] = [];
      while (stream.is('e0b') || stream.is('ceb') || stream.is('e1b'))
        counts.push([stream.word() as EcnCount, stream.integer()]);
      return { kind: 'ECN', counts };
    }
    case 'FO':
    case 'FOEXP':
      return { kind: name, cookie: parseHex(stream) };
    case 'md5':
    case 'md5sig':
      return { kind: 'md5', digest: parseHex(stream) };
    default:
      throw new PacketdrillUnsupported(`line ${token.line}: TCP option ${name}`);
  }
}

/** Hexadecimal digits without mark, or a -D symbol that stands for them; '' where there are none. */
function parseHex(stream: TokenStream): string {
  const token = stream.peek();
  if (token.kind !== 'word' && token.kind !== 'integer') return '';
  stream.next();
  const digits = stream.definitions.get(token.text) ?? token.text;
  if (!/^(0x)?[0-9a-fA-F]*$/.test(digits)) stream.fail('expected hexadecimal digits', token);
  return digits.replace(/^0x/, '').toLowerCase();
}

function parseUdp(stream: TokenStream): UdpPacket {
  stream.next();
  stream.expect('(');
  const length = stream.integer();
  stream.expect(')');
  return { protocol: 'udp', length };
}

function parseIcmp(stream: TokenStream): IcmpPacket {
  stream.next();
  const type = stream.word();
  let code = '';
  let mtu: number | null = null;
  let about: IcmpPacket['about'] = null;
  if (stream.peek().kind === 'word' && !stream.is('mtu')) code = stream.word();
  if (stream.accept('mtu')) mtu = stream.integer();
  if (stream.accept('[')) {
    if (stream.is('tcp') || stream.is('udp')) stream.next();
    about = parseSequence(stream);
    stream.expect(']');
  }
  return { protocol: 'icmp', type, code, mtu, about };
}
