// Packets as tcpdump(8) prints them: ARP, IPv4 with ICMP, UDP and TCP; other packets by their type and length.

import { htons } from '../../../stack/include/linux/byteorder.js';
import { csum_fold, csum_tcpudp_nofold } from '../../../stack/include/net/checksum.js';
import { csum_partial, ip_fast_csum } from '../../../stack/lib/checksum.js';
import { be16, be32, ipAt, ipOf, ipText, macText, type Frame, type Ip } from './frame.js';

export interface PrintOptions {
  /** Level of -v. */
  readonly verbose: number;
  /** -e */
  readonly link: boolean;
  /** -S: sequence numbers as they are, not from the connection's start. */
  readonly absolute: boolean;
  /** -n: ports as numbers. */
  readonly numeric: boolean;
  /** -q */
  readonly quick: boolean;
  /** -t: '' for none, 'time', 'epoch', 'delta', 'date'. */
  readonly stamp: '' | 'time' | 'epoch' | 'delta' | 'date';
  /** -x, -X, with the link-level header for -xx, -XX. */
  readonly dump: '' | 'x' | 'X' | 'xx' | 'XX';
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 4: 'IPIP', 6: 'TCP', 17: 'UDP' };
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x8035: 'Reverse ARP',
  0x86dd: 'IPv6',
  0x8100: '802.1Q',
};
const SERVICES: Readonly<Record<number, string>> = {
  7: 'echo',
  9: 'discard',
  20: 'ftp-data',
  21: 'ftp',
  22: 'ssh',
  23: 'telnet',
  25: 'smtp',
  53: 'domain',
  80: 'http',
  443: 'https',
};

/** Prints packets one after the other: sequence numbers count from each connection's start. */
export class Printer {
  private readonly options: PrintOptions;
  private readonly flows = new Map<string, number>();
  private last: bigint | null = null;

  constructor(options: PrintOptions) {
    this.options = options;
  }

  /** @returns the lines of one packet */
  print(frame: Frame): string {
    const { options } = this;
    const parts = [this.stamp(frame.time)];
    if (frame.device !== null) parts.push(frame.device.padEnd(5), direction(frame.pkttype).padEnd(3));
    if (options.link && frame.device === null) parts.push(this.linkHeader(frame));
    parts.push(this.network(frame));
    return `${parts.filter((part) => part !== '').join(' ')}\n${this.hex(frame)}`;
  }

  private stamp(time: bigint): string {
    const { stamp } = this.options;
    if (stamp === '') return '';
    const us = time / 1000n;
    const fraction = String(us % 1_000_000n).padStart(6, '0');
    const seconds = us / 1_000_000n;
    if (stamp === 'epoch') return `${seconds}.${fraction}`;
    if (stamp === 'delta') {
      const delta = this.last === null ? 0n : us - this.last;
      this.last = us;
      return ` ${clock(delta / 1_000_000n)}.${String(delta % 1_000_000n).padStart(6, '0')}`;
    }
    const day = new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
    return `${stamp === 'date' ? `${day} ` : ''}${clock(seconds % 86_400n)}.${fraction}`;
  }

  private linkHeader(frame: Frame): string {
    const name = TYPE_NAMES[frame.type] ?? 'Unknown';
    const type = `ethertype ${name} (0x${frame.type.toString(16).padStart(4, '0')})`;
    return `${macText(frame.bytes, 6)} > ${broadcastText(frame.bytes)}, ${type}, length ${frame.length}:`;
  }

  private network(frame: Frame): string {
    const named = this.options.link && frame.device === null;
    if (frame.type === 0x0806) return this.arp(frame, named);
    const ip = ipOf(frame);
    if (ip === null) {
      if (frame.type === 0x0800) return `${named ? '' : 'IP '}[|ip]`;
      return `ethertype Unknown (0x${frame.type.toString(16).padStart(4, '0')}), length ${frame.length - frame.l3}:`;
    }
    const text = this.ipPacket(frame.bytes, ip, frame.bytes.length);
    if (this.options.verbose === 0) return `${named ? '' : 'IP '}${text}`;
    return `${named ? '' : 'IP '}${this.ipHeader(frame.bytes, frame.l3, ip)}\n    ${text}`;
  }

  private arp(frame: Frame, named: boolean): string {
    const { bytes, l3 } = frame;
    const length = Math.max(0, frame.length - l3);
    if (bytes.length < l3 + 28) return `${named ? '' : 'ARP, '}[|arp]`;
    const head = this.options.verbose > 0 ? 'Ethernet (len 6), IPv4 (len 4), ' : '';
    const op = be16(bytes, l3 + 6);
    const sender = ipText(bytes, l3 + 14);
    const target = ipText(bytes, l3 + 24);
    let text = `unknown (${op})`;
    if (op === 1) text = `Request who-has ${target} tell ${sender}`;
    else if (op === 2) text = `Reply ${sender} is-at ${macText(bytes, l3 + 8)}`;
    return `${named ? '' : 'ARP, '}${head}${text}, length ${length}`;
  }

  private ipHeader(b: Uint8Array, at: number, ip: Ip): string {
    const flags = [ip.flags & 2 ? 'DF' : '', ip.flags & 1 ? '+' : ''].filter((f) => f !== '').join(', ') || 'none';
    const name = PROTOCOL_NAMES[ip.protocol] ?? 'unknown';
    const options = ip.l4 - at > 20 ? `, options (${ip.l4 - at - 20} bytes)` : '';
    const header = `tos 0x${ip.tos.toString(16)}${ecnText(ip.tos)}, ttl ${ip.ttl}, id ${ip.id}, offset ${ip.offset}, flags [${flags}]`;
    const bad =
      b.length >= ip.l4 && ip_fast_csum(b, at, (ip.l4 - at) / 4) !== 0
        ? `, bad cksum ${be16(b, at + 10).toString(16)}!`
        : '';
    return `(${header}, proto ${name} (${ip.protocol}), length ${ip.total}${options}${bad})`;
  }

  /** @param end where the captured bytes end */
  private ipPacket(b: Uint8Array, ip: Ip, end: number): string {
    if (ip.offset !== 0) {
      const name = this.options.numeric ? undefined : PROTOCOL_NAMES[ip.protocol]?.toLowerCase();
      return `${ip.src} > ${ip.dst}: ${name ?? `ip-proto-${ip.protocol}`}`;
    }
    const payload = Math.max(0, ip.payload);
    if (ip.protocol === 6) return this.tcp(b, ip, payload, end);
    if (ip.protocol === 17) return this.udp(b, ip, payload, end);
    const to = `${ip.src} > ${ip.dst}: `;
    if (ip.protocol === 1) return to + this.icmp(b, ip, payload, end);
    if (ip.protocol === 4) {
      const inner = ipAt(b, ip.l4);
      return inner === null ? `${to}IP [|ip]` : `${to}IP ${this.ipPacket(b, inner, end)}`;
    }
    return `${to}${PROTOCOL_NAMES[ip.protocol]?.toLowerCase() ?? ` ip-proto-${ip.protocol} ${payload}`}`;
  }

  private port(port: number): string {
    return this.options.numeric ? String(port) : (SERVICES[port] ?? String(port));
  }

  private udp(b: Uint8Array, ip: Ip, payload: number, end: number): string {
    if (end < ip.l4 + 8) return `${ip.src} > ${ip.dst}: [|udp]`;
    const ports = `${ip.src}.${this.port(be16(b, ip.l4))} > ${ip.dst}.${this.port(be16(b, ip.l4 + 2))}: `;
    const check = be16(b, ip.l4 + 6);
    let sum = '';
    if (this.options.verbose > 1 && (ip.flags & 1) === 0) {
      if (check === 0) sum = '[no cksum] ';
      else if (end >= ip.l4 + payload) sum = transportSum(b, ip, payload) === 0 ? '[udp sum ok] ' : '[bad udp cksum] ';
    }
    return `${ports}${sum}UDP, length ${Math.max(0, be16(b, ip.l4 + 4) - 8)}`;
  }

  private icmp(b: Uint8Array, ip: Ip, payload: number, end: number): string {
    if (end < ip.l4 + 8) return 'ICMP [|icmp]';
    const wrong =
      this.options.verbose > 0 &&
      (ip.flags & 1) === 0 &&
      end >= ip.l4 + payload &&
      csum_fold(csum_partial(b, ip.l4, payload, 0)) !== 0;
    const text = `ICMP ${icmpText(b, ip)}, length ${payload}${wrong ? ' (wrong icmp cksum!)' : ''}`;
    const inner = this.options.verbose > 0 && [3, 4, 5, 11, 12].includes(b[ip.l4]) ? ipAt(b, ip.l4 + 8) : null;
    if (inner === null) return text;
    return `${text}\n\tIP ${this.ipHeader(b, ip.l4 + 8, inner)}\n    ${this.ipPacket(b, inner, end)}`;
  }

  private tcp(b: Uint8Array, ip: Ip, payload: number, end: number): string {
    if (end < ip.l4 + 20) return `${ip.src} > ${ip.dst}: [|tcp]`;
    const at = ip.l4;
    const sport = be16(b, at);
    const dport = be16(b, at + 2);
    const flags = b[at + 13] | ((b[at + 12] & 1) << 8);
    const hlen = (b[at + 12] >> 4) * 4;
    const length = Math.max(0, payload - hlen);
    const to = `${ip.src}.${this.port(sport)} > ${ip.dst}.${this.port(dport)}: `;
    if (this.options.quick) return `${to}tcp ${length}`;
    let seq = be32(b, at + 4);
    let ack = be32(b, at + 8);
    if (!this.options.absolute) [seq, ack] = this.relative(ip, sport, dport, seq, ack, flags);
    let text = `Flags [${flagText(flags)}]`;
    if (this.options.verbose > 0 && end >= at + payload) {
      const shown = `0x${be16(b, at + 16)
        .toString(16)
        .padStart(4, '0')}`;
      text += transportSum(b, ip, payload) === 0 ? `, cksum ${shown} (correct)` : `, cksum ${shown} (incorrect)`;
    }
    if (length > 0 || (flags & 7) !== 0) text += `, seq ${seq}${length > 0 ? `:${(seq + length) >>> 0}` : ''}`;
    if ((flags & 16) !== 0) text += `, ack ${ack}`;
    text += `, win ${be16(b, at + 14)}`;
    if ((flags & 32) !== 0) text += `, urg ${be16(b, at + 18)}`;
    const options = tcpOptions(b, at + 20, Math.min(at + hlen, end));
    if (options !== '') text += `, options [${options}]`;
    return `${to}${text}, length ${length}`;
  }

  /** Numbers from the connection's start, where that was seen. */
  private relative(ip: Ip, sport: number, dport: number, seq: number, ack: number, flags: number): [number, number] {
    const mine = `${ip.src}.${sport}>${ip.dst}.${dport}`;
    const other = `${ip.dst}.${dport}>${ip.src}.${sport}`;
    if ((flags & 2) !== 0) {
      this.flows.set(mine, seq);
      return [seq, ack];
    }
    if (!this.flows.has(mine)) {
      this.flows.set(mine, seq);
      if ((flags & 16) !== 0 && !this.flows.has(other)) this.flows.set(other, ack);
      return [seq, ack];
    }
    return [(seq - (this.flows.get(mine) as number)) >>> 0, (ack - (this.flows.get(other) ?? 0)) >>> 0];
  }

  private hex(frame: Frame): string {
    const { dump } = this.options;
    if (dump === '') return '';
    const from = dump.length === 2 ? 0 : frame.l3;
    let text = '';
    for (let at = from; at < frame.bytes.length; at += 16) {
      const row = frame.bytes.subarray(at, Math.min(at + 16, frame.bytes.length));
      let cells = '';
      for (let i = 0; i < row.length; i += 2) {
        cells += ` ${Array.from(row.subarray(i, i + 2), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
      }
      const ascii = Array.from(row, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
      const offset = `0x${(at - from).toString(16).padStart(4, '0')}`;
      text += `\t${offset}: ${dump[0] === 'X' ? `${cells.padEnd(40)}  ${ascii}` : cells}\n`;
    }
    return text;
  }
}

function clock(seconds: bigint): string {
  const s = Number(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

function broadcastText(b: Uint8Array): string {
  const mac = macText(b, 0);
  return mac === 'ff:ff:ff:ff:ff:ff' ? 'Broadcast' : mac;
}

function direction(pkttype: number): string {
  return ['In', 'B', 'M', 'P', 'Out'][pkttype] ?? '?';
}

function ecnText(tos: number): string {
  return ['', ',ECT(1)', ',ECT(0)', ',CE'][tos & 3];
}

function transportSum(b: Uint8Array, ip: Ip, payload: number): number {
  const address = (text: string): number =>
    text.split('.').reduce((value, part, i) => (value | (Number(part) << (8 * i))) >>> 0, 0);
  const pseudo = csum_tcpudp_nofold(address(ip.src), address(ip.dst), payload, ip.protocol, 0);
  return htons(csum_fold(csum_partial(b, ip.l4, payload, pseudo)));
}

function flagText(flags: number): string {
  const letters: readonly (readonly [number, string])[] = [
    [1, 'F'],
    [2, 'S'],
    [4, 'R'],
    [8, 'P'],
    [16, '.'],
    [32, 'U'],
    [64, 'E'],
    [128, 'W'],
    [256, 'e'],
  ];
  const text = letters
    .filter(([bit]) => (flags & bit) !== 0)
    .map(([, letter]) => letter)
    .join('');
  return text === '' ? 'none' : text;
}

function tcpOptions(b: Uint8Array, from: number, to: number): string {
  const texts: string[] = [];
  for (let at = from; at < to;) {
    const kind = b[at];
    if (kind === 0) {
      texts.push('eol');
      break;
    }
    if (kind === 1) {
      texts.push('nop');
      at++;
      continue;
    }
    const length = b[at + 1] ?? 0;
    if (length < 2 || at + length > to) {
      texts.push('[bad opt]');
      break;
    }
    if (kind === 2 && length === 4) texts.push(`mss ${be16(b, at + 2)}`);
    else if (kind === 3 && length === 3) texts.push(`wscale ${b[at + 2]}`);
    else if (kind === 4) texts.push('sackOK');
    else if (kind === 5) texts.push(sackText(b, at + 2, length - 2));
    else if (kind === 8 && length === 10) texts.push(`TS val ${be32(b, at + 2)} ecr ${be32(b, at + 6)}`);
    else texts.push(`unknown-${kind} ${hexText(b, at + 2, length - 2)}`);
    at += length;
  }
  return texts.join(',');
}

function sackText(b: Uint8Array, at: number, length: number): string {
  const blocks: string[] = [];
  for (let i = 0; i + 8 <= length; i += 8) blocks.push(`{${be32(b, at + i)}:${be32(b, at + i + 4)}}`);
  return `sack ${blocks.length} ${blocks.join('')}`;
}

function hexText(b: Uint8Array, at: number, length: number): string {
  return `0x${Array.from(b.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

const UNREACHABLE: Readonly<Record<number, (dst: string) => string>> = {
  0: (dst) => `net ${dst} unreachable`,
  1: (dst) => `host ${dst} unreachable`,
  5: (dst) => `${dst} unreachable - source route failed`,
  6: (dst) => `net ${dst} unreachable - unknown`,
  7: (dst) => `host ${dst} unreachable - unknown`,
  9: (dst) => `net ${dst} unreachable - admin prohibited`,
  10: (dst) => `host ${dst} unreachable - admin prohibited`,
  13: (dst) => `host ${dst} unreachable - admin prohibited filter`,
};

function icmpText(b: Uint8Array, ip: Ip): string {
  const at = ip.l4;
  const [type, code] = [b[at], b[at + 1]];
  const inner = ipAt(b, at + 8);
  const dst = inner?.dst ?? '?';
  switch (type) {
    case 0:
    case 8:
      return `echo ${type === 8 ? 'request' : 'reply'}, id ${be16(b, at + 4)}, seq ${be16(b, at + 6)}`;
    case 3:
      if (code === 2) return `${dst} protocol ${inner?.protocol ?? '?'} unreachable`;
      if (code === 3) {
        const name = inner?.protocol === 6 ? 'tcp' : 'udp';
        return `${dst} ${name} port ${inner === null ? '?' : be16(b, inner.l4 + 2)} unreachable`;
      }
      if (code === 4) {
        const mtu = be16(b, at + 6);
        return `${dst} unreachable - need to frag${mtu !== 0 ? ` (mtu ${mtu})` : ''}`;
      }
      return UNREACHABLE[code]?.(dst) ?? `${dst} unreachable - #${code}`;
    case 4:
      return 'source quench';
    case 5:
      return `redirect ${dst} to ${code === 0 ? 'net' : 'host'} ${ipText(b, at + 4)}`;
    case 11:
      return code === 1 ? 'ip reassembly time exceeded' : 'time exceeded in-transit';
    case 12:
      return `parameter problem - octet ${b[at + 4]}`;
    case 13:
      return `time stamp query id ${be16(b, at + 4)} seq ${be16(b, at + 6)}`;
    case 14:
      return `time stamp reply id ${be16(b, at + 4)} seq ${be16(b, at + 6)}`;
    default:
      return `type-#${type}`;
  }
}
