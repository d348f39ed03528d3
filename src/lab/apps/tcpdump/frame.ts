// A captured packet taken apart as far as filters and text need it: where each header begins, and what it says.

export interface Frame {
  readonly bytes: Uint8Array;
  /** Bytes before the capture was cut. */
  readonly length: number;
  /** ns since 1970 */
  readonly time: bigint;
  /** Ethernet type, host order. */
  readonly type: number;
  /** Where the network header begins. */
  readonly l3: number;
  /** Set where the packet was taken from any device: its name and the packet's direction. */
  readonly device: string | null;
  readonly pkttype: number;
}

export interface Ip {
  readonly tos: number;
  readonly total: number;
  readonly id: number;
  readonly flags: number;
  /** Bytes from the start of the datagram that this fragment begins at. */
  readonly offset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: string;
  readonly dst: string;
  /** Where the payload begins, and how long it is by the header. */
  readonly l4: number;
  readonly payload: number;
}

export function be16(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
}

export function be32(b: Uint8Array, at: number): number {
  return be16(b, at) * 0x10000 + be16(b, at + 2);
}

export function ipText(b: Uint8Array, at: number): string {
  return `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`;
}

export function macText(b: Uint8Array, at: number): string {
  return Array.from(b.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The IPv4 header at `at`, or null where there is no whole one. */
export function ipAt(b: Uint8Array, at: number): Ip | null {
  if (b.length < at + 20 || b[at] >> 4 !== 4) return null;
  const ihl = (b[at] & 15) * 4;
  const total = be16(b, at + 2);
  if (ihl < 20) return null;
  const frag = be16(b, at + 6);
  return {
    tos: b[at + 1],
    total,
    id: be16(b, at + 4),
    flags: frag >> 13,
    offset: (frag & 0x1fff) * 8,
    ttl: b[at + 8],
    protocol: b[at + 9],
    src: ipText(b, at + 12),
    dst: ipText(b, at + 16),
    l4: at + ihl,
    payload: total - ihl,
  };
}

export function ipOf(frame: Frame): Ip | null {
  return frame.type === 0x0800 ? ipAt(frame.bytes, frame.l3) : null;
}
