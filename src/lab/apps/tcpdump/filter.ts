// Filter expressions (pcap-filter(7)): primitives with host, net, port, protocol and length, comparisons of bytes of
// a header, `and`, `or`, `not` and parentheses. Names are not looked up; VLAN, MPLS and gateway are left out.

import { be16, ipOf, ipText, macText, type Frame } from './frame.js';

export type Predicate = (frame: Frame) => boolean;

/** A filter that cannot be read; the message says why. */
export class FilterError extends Error {}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, igmp: 2, tcp: 6, udp: 17 };
const ETHERTYPES: Readonly<Record<string, number>> = { ip: 0x0800, arp: 0x0806, rarp: 0x8035, ip6: 0x86dd };
const NAMES: Readonly<Record<string, number>> = {
  icmptype: 0,
  icmpcode: 1,
  tcpflags: 13,
  'tcp-fin': 1,
  'tcp-syn': 2,
  'tcp-rst': 4,
  'tcp-push': 8,
  'tcp-ack': 16,
  'tcp-urg': 32,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-timxceed': 11,
};
const PORTS: Readonly<Record<string, number>> = { ftp: 21, ssh: 22, telnet: 23, domain: 53, http: 80, https: 443 };

function isProtocol(frame: Frame, protocol: number): boolean {
  return ipOf(frame)?.protocol === protocol;
}

function ethertype(name: string): Predicate {
  return (frame) => frame.type === ETHERTYPES[name];
}

/** Ports of a first fragment of TCP or UDP, or null. */
function ports(frame: Frame): { src: number; dst: number } | null {
  const ip = ipOf(frame);
  if (ip === null || ip.offset !== 0 || (ip.protocol !== 6 && ip.protocol !== 17)) return null;
  if (frame.bytes.length < ip.l4 + 4) return null;
  return { src: be16(frame.bytes, ip.l4), dst: be16(frame.bytes, ip.l4 + 2) };
}

/** Network addresses of IP and ARP. */
function addresses(frame: Frame): { src: string; dst: string } | null {
  const ip = ipOf(frame);
  if (ip !== null) return { src: ip.src, dst: ip.dst };
  if (frame.type !== 0x0806 || frame.bytes.length < frame.l3 + 28) return null;
  return { src: ipText(frame.bytes, frame.l3 + 14), dst: ipText(frame.bytes, frame.l3 + 24) };
}

type Direction = '' | 'src' | 'dst';

function either<T>(direction: Direction, pair: { src: T; dst: T } | null, test: (value: T) => boolean): boolean {
  if (pair === null) return false;
  return (direction !== 'dst' && test(pair.src)) || (direction !== 'src' && test(pair.dst));
}

function number32(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return null;
  while (parts.length < 4) parts.push('0');
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

class Parser {
  private readonly words: string[];

  constructor(text: string) {
    const words = text.match(/&&|\|\||<<|>>|<=|>=|!=|==|[()[\]!=<>&|+*]|[^\s()[\]!=<>&|+*]+/g) ?? [];
    // A colon is part of an address, but in brackets it stands before a size.
    let depth = 0;
    this.words = words.flatMap((word) => {
      if (word === '[') depth++;
      else if (word === ']') depth--;
      return depth > 0 && word.length > 1 ? word.split(/(:)/).filter((part) => part !== '') : [word];
    });
  }

  parse(): Predicate {
    const predicate = this.words.length === 0 ? () => true : this.or();
    if (this.words.length > 0)
      throw new FilterError(`can't parse filter expression: syntax error near ${this.words[0]}`);
    return predicate;
  }

  private accept(...words: string[]): boolean {
    if (!words.includes(this.words[0] ?? '')) return false;
    this.words.shift();
    return true;
  }

  private next(): string {
    const word = this.words.shift();
    if (word === undefined) throw new FilterError("can't parse filter expression: syntax error");
    return word;
  }

  private or(): Predicate {
    let left = this.and();
    while (this.accept('or', '||')) {
      const [a, b] = [left, this.and()];
      left = (frame) => a(frame) || b(frame);
    }
    return left;
  }

  private and(): Predicate {
    let left = this.not();
    while (this.accept('and', '&&')) {
      const [a, b] = [left, this.not()];
      left = (frame) => a(frame) && b(frame);
    }
    return left;
  }

  private not(): Predicate {
    if (this.accept('not', '!')) {
      const inner = this.not();
      return (frame) => !inner(frame);
    }
    if (this.words[0] === '(') {
      const saved = [...this.words];
      this.words.shift();
      try {
        const inner = this.or();
        if (this.accept(')') && !this.comparisonFollows()) return inner;
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
      }
      this.words.splice(0, this.words.length, ...saved);
      return this.comparison();
    }
    return this.primitive();
  }

  private comparisonFollows(): boolean {
    return /^([=<>]|!=|==|<=|>=|[&|+*/])$/.test(this.words[0] ?? '');
  }

  private primitive(): Predicate {
    const word = this.words[0] ?? '';
    const indexed = this.words[1] === '[';
    if (indexed || /^(\d|0x)/.test(word) || (word in NAMES && this.words.length > 1)) {
      if (indexed || /^([=<>]|!=|==|<=|>=|[&|+*/])$/.test(this.words[1] ?? '')) return this.comparison();
    }
    if (this.accept('greater')) {
      const size = this.number();
      return (frame) => frame.length >= size;
    }
    if (this.accept('less')) {
      const size = this.number();
      return (frame) => frame.length <= size;
    }
    if (this.accept('broadcast')) return (frame) => frame.bytes.subarray(0, 6).every((byte) => byte === 255);
    if (this.accept('multicast')) return (frame) => (frame.bytes[0] & 1) !== 0;
    return this.qualified();
  }

  private number(): number {
    const word = this.next();
    if (!/^(\d+|0x[0-9a-f]+)$/i.test(word)) throw new FilterError(`'${word}' is not a number`);
    return Number(word);
  }

  /** `tcp src port 22`, `host 10.0.0.1`, `arp`. */
  private qualified(): Predicate {
    let protocol: Predicate = () => true;
    let named = '';
    const first = this.words[0] ?? '';
    if (first in PROTOCOLS || first in ETHERTYPES || first === 'ether') {
      named = this.next();
      if (named in PROTOCOLS) protocol = (frame) => isProtocol(frame, PROTOCOLS[named]);
      else if (named !== 'ether') protocol = ethertype(named);
      if (named === 'ip' && this.accept('proto')) return this.proto();
    }
    let direction: Direction = '';
    if (this.accept('src')) direction = 'src';
    else if (this.accept('dst')) direction = 'dst';
    const kind = ['host', 'net', 'port', 'portrange', 'proto'].includes(this.words[0] ?? '') ? this.next() : '';
    if (kind === '' && direction === '') {
      if (named !== '' && named !== 'ether') return protocol;
      const word = this.words[0] ?? '';
      if (number32(word) === null) throw new FilterError("can't parse filter expression: syntax error");
    }
    if (kind === 'proto') return this.proto();
    const test = this.value(kind, direction, named === 'ether');
    return (frame) => protocol(frame) && test(frame);
  }

  private proto(): Predicate {
    const word = this.next();
    const value = PROTOCOLS[word] ?? (/^\d+$/.test(word) ? Number(word) : NaN);
    if (Number.isNaN(value)) throw new FilterError(`unknown ip proto '${word}'`);
    return (frame) => isProtocol(frame, value);
  }

  private value(kind: string, direction: Direction, ether: boolean): Predicate {
    const word = this.next();
    if (ether) {
      const mac = word.toLowerCase();
      return (frame) =>
        either(direction, { src: macText(frame.bytes, 6), dst: macText(frame.bytes, 0) }, (value) => value === mac);
    }
    if (kind === 'port' || kind === 'portrange') {
      const [low, high = low] = word.split('-').map((text) => PORTS[text] ?? Number(text));
      if (!(low >= 0 && high <= 65535)) throw new FilterError(`unknown port '${word}'`);
      return (frame) => either(direction, ports(frame), (port) => port >= low && port <= high);
    }
    if (kind === 'net') {
      const [text, bits] = word.split('/');
      const base = number32(text);
      const length = bits === undefined ? text.split('.').length * 8 : Number(bits);
      if (base === null || !(length >= 0 && length <= 32)) throw new FilterError(`invalid network '${word}'`);
      const size = 2 ** (32 - length);
      const wanted = Math.floor(base / size);
      return (frame) =>
        either(direction, addresses(frame), (value) => Math.floor((number32(value) as number) / size) === wanted);
    }
    if (number32(word) === null) throw new FilterError(`unknown host '${word}'`);
    return (frame) => either(direction, addresses(frame), (value) => value === word);
  }

  /** `tcp[13] & 2 != 0`, `icmp[icmptype] = 8`, `len > 100`. */
  private comparison(): Predicate {
    const left = this.arithmetic();
    const op = this.next();
    const right = this.arithmetic();
    const tests: Readonly<Record<string, (a: number, b: number) => boolean>> = {
      '=': (a, b) => a === b,
      '==': (a, b) => a === b,
      '!=': (a, b) => a !== b,
      '<': (a, b) => a < b,
      '>': (a, b) => a > b,
      '<=': (a, b) => a <= b,
      '>=': (a, b) => a >= b,
    };
    const test = tests[op];
    if (test === undefined) throw new FilterError("can't parse filter expression: syntax error");
    return (frame) => {
      const [a, b] = [left(frame), right(frame)];
      return a !== null && b !== null && test(a, b);
    };
  }

  private arithmetic(): (frame: Frame) => number | null {
    let left = this.operand();
    for (;;) {
      const op = this.words[0] ?? '';
      const apply = ARITHMETIC[op];
      if (apply === undefined) return left;
      this.words.shift();
      const [a, b] = [left, this.operand()];
      left = (frame) => {
        const [x, y] = [a(frame), b(frame)];
        return x === null || y === null ? null : apply(x, y);
      };
    }
  }

  private operand(): (frame: Frame) => number | null {
    if (this.accept('(')) {
      const inner = this.arithmetic();
      if (!this.accept(')')) throw new FilterError("can't parse filter expression: syntax error");
      return inner;
    }
    const word = this.next();
    if (this.words[0] === '[') return this.load(word);
    if (word === 'len') return (frame) => frame.length;
    const value = NAMES[word] ?? (/^(\d+|0x[0-9a-f]+)$/i.test(word) ? Number(word) : NaN);
    if (Number.isNaN(value)) throw new FilterError(`can't parse filter expression: syntax error near ${word}`);
    return () => value;
  }

  private load(protocol: string): (frame: Frame) => number | null {
    this.next();
    const offset = this.arithmetic();
    const size = this.accept(':') ? this.number() : 1;
    if (!this.accept(']') || ![1, 2, 4].includes(size))
      throw new FilterError("can't parse filter expression: syntax error");
    const base = (frame: Frame): number | null => {
      if (protocol === 'ether') return 0;
      if (protocol in ETHERTYPES) return frame.type === ETHERTYPES[protocol] ? frame.l3 : null;
      const ip = ipOf(frame);
      return ip !== null && ip.protocol === PROTOCOLS[protocol] && ip.offset === 0 ? ip.l4 : null;
    };
    if (!(protocol in PROTOCOLS || protocol in ETHERTYPES || protocol === 'ether')) {
      throw new FilterError(`unknown protocol '${protocol}'`);
    }
    return (frame) => {
      const [at, off] = [base(frame), offset(frame)];
      if (at === null || off === null || at + off + size > frame.bytes.length) return null;
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + frame.bytes[at + off + i];
      return value;
    };
  }
}

const ARITHMETIC: Readonly<Record<string, ((a: number, b: number) => number) | undefined>> = {
  '&': (a, b) => (a & b) >>> 0,
  '|': (a, b) => (a | b) >>> 0,
  '+': (a, b) => (a + b) >>> 0,
  '*': (a, b) => Math.imul(a, b) >>> 0,
  '/': (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  '<<': (a, b) => (b > 31 ? 0 : (a << b) >>> 0),
  '>>': (a, b) => (b > 31 ? 0 : a >>> b),
};

/** @throws FilterError for an expression that cannot be read */
export function parseFilter(text: string): Predicate {
  return new Parser(text).parse();
}
