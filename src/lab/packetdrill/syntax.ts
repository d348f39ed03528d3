// What a packetdrill script says, parsed: options, commands and a list of events in time. Read beside it: the
// syntax manual of packetdrill. IPv6 and encapsulated packets are left out and refused by name.

/** When an event is to happen, in µs. */
export type EventTime =
  | { readonly kind: 'absolute'; readonly us: number }
  | { readonly kind: 'relative'; readonly us: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'absolute-range'; readonly us: number; readonly end: number }
  | { readonly kind: 'relative-range'; readonly us: number; readonly end: number };

export interface Script {
  readonly file: string;
  readonly options: readonly ScriptOption[];
  /** The command before the first event, if there is one. */
  readonly init: Command | null;
  readonly events: readonly ScriptEvent[];
  /** The command behind the last event, which has no time. */
  readonly cleanup: Command | null;
}

export interface ScriptOption {
  readonly line: number;
  readonly name: string;
  readonly value: string;
}

export interface ScriptEvent {
  readonly line: number;
  readonly time: EventTime;
  readonly action: Packet | Syscall | Command | Code;
  /** The source text of the event, one line. */
  readonly text: string;
}

export interface Command {
  readonly kind: 'command';
  readonly line: number;
  readonly text: string;
}

/** Python between %{ and }%. */
export interface Code {
  readonly kind: 'code';
  readonly line: number;
  readonly text: string;
}

export interface Syscall {
  readonly kind: 'syscall';
  readonly name: string;
  readonly args: readonly Expression[];
  /** What it must return; null for `= ?`. */
  readonly result: Expression | null;
  /** `EAGAIN` … after the result. */
  readonly errno: string | null;
  /** End of a blocking call in µs, on the base that the event's time has; null where it must not block. */
  readonly end: number | null;
}

export type Expression =
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] };

export interface StructField {
  /** '' for a bare value, as in `{..., 1000}`. */
  readonly name: string;
  /** `msg_iov(1)=…`: the length in parentheses. */
  readonly length: Expression | null;
  readonly value: Expression;
}

export type Ecn = 'noecn' | 'ect0' | 'ect1' | 'ce' | 'ect01';

/** What a packet says of its IP header. */
export interface IpFields {
  readonly ecn: Ecn | null;
  readonly tos: number | null;
  readonly ttl: number | null;
}

export interface Packet {
  readonly kind: 'packet';
  readonly direction: 'in' | 'out';
  readonly ip: IpFields;
  readonly body: TcpPacket | UdpPacket | IcmpPacket;
}

export interface TcpPacket {
  readonly protocol: 'tcp';
  /** Bits of header byte 13: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128; and AE as 256. */
  readonly flags: number;
  readonly seq: number;
  readonly length: number;
  readonly ack: number | null;
  readonly window: number | null;
  readonly urgent: number | null;
  /** null for `<...>`: any. */
  readonly options: readonly TcpOption[] | null;
}

export type TcpOption =
  | { readonly kind: 'mss'; readonly value: number }
  | { readonly kind: 'wscale'; readonly value: number }
  | { readonly kind: 'sackOK' }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | { readonly kind: 'TS'; readonly value: number; readonly ecr: number }
  | { readonly kind: 'nop' }
  | { readonly kind: 'eol' }
  | { readonly kind: 'FO' | 'FOEXP'; readonly cookie: string }
  | { readonly kind: 'md5'; readonly digest: string }
  | { readonly kind: 'ECN'; readonly counts: readonly (readonly [name: EcnCount, value: number])[] };

/** Counts of bytes in the option of Accurate ECN, in the order in which they stand. */
export type EcnCount = 'e0b' | 'ceb' | 'e1b';

export interface UdpPacket {
  readonly protocol: 'udp';
  readonly length: number;
}

export interface IcmpPacket {
  readonly protocol: 'icmp';
  readonly type: string;
  readonly code: string;
  readonly mtu: number | null;
  /** The TCP segment that it is about. */
  readonly about: { readonly seq: number; readonly length: number } | null;
}
