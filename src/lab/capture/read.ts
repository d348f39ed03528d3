// Capture files read: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), of either byte order, with
// Ethernet, raw IP, BSD loopback and Linux cooked packets. All are given as Ethernet frames.

/** A captured packet as a frame; those without an Ethernet header of their own have one with zero addresses. */
export interface CapturedFrame {
  /** ns since 1970 */
  readonly time: bigint;
  readonly frame: Uint8Array;
}

/** A file that is no capture, or of packets that cannot be read; the message says which. */
export class CaptureError extends Error {}

const LINKTYPE_NULL = 0;
const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;
const LINKTYPE_LINUX_SLL = 113;
const LINKTYPE_IPV4 = 228;
const LINKTYPE_LINUX_SLL2 = 276;
const READABLE = [
  LINKTYPE_NULL,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_IPV4,
  LINKTYPE_LINUX_SLL2,
];

function withHeader(type: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(14 + payload.length);
  frame[12] = type >> 8;
  frame[13] = type & 255;
  frame.set(payload, 14);
  return frame;
}

/** @returns an Ethernet frame, or null for a packet too short to have its own header */
function toEthernet(linktype: number, data: Uint8Array): Uint8Array | null {
  switch (linktype) {
    case LINKTYPE_ETHERNET:
      return data.length < 14 ? null : data;
    case LINKTYPE_RAW:
    case LINKTYPE_IPV4:
      return data.length === 0 ? null : withHeader(data[0] >> 4 === 6 ? 0x86dd : 0x0800, data);
    case LINKTYPE_NULL:
      return data.length < 4 ? null : withHeader(data[0] === 2 || data[3] === 2 ? 0x0800 : 0x86dd, data.subarray(4));
    case LINKTYPE_LINUX_SLL:
      return data.length < 16 ? null : withHeader((data[14] << 8) | data[15], data.subarray(16));
    default:
      return data.length < 20 ? null : withHeader((data[0] << 8) | data[1], data.subarray(20));
  }
}

function checkLinktype(linktype: number): void {
  if (!READABLE.includes(linktype)) throw new CaptureError(`Packets of link type ${linktype} cannot be replayed.`);
}

function readPcap(bytes: Uint8Array, little: boolean, nanoseconds: boolean): CapturedFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24) throw new CaptureError('The capture ends within its header.');
  const linktype = view.getUint32(20, little) & 0xffff;
  checkLinktype(linktype);
  const frames: CapturedFrame[] = [];
  for (let at = 24; at + 16 <= bytes.length;) {
    const seconds = BigInt(view.getUint32(at, little));
    const fraction = BigInt(view.getUint32(at + 4, little));
    const length = view.getUint32(at + 8, little);
    at += 16;
    // The last packet may have been cut off while it was written.
    if (length > bytes.length - at) break;
    const frame = toEthernet(linktype, bytes.subarray(at, at + length));
    if (frame !== null) frames.push({ time: seconds * 1_000_000_000n + fraction * (nanoseconds ? 1n : 1000n), frame });
    at += length;
  }
  return frames;
}

interface Interface {
  readonly linktype: number;
  /** Ticks of time stamps a second. */
  readonly resolution: bigint;
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const OPTION_RESOLUTION = 9;

/** The resolution of an interface's time stamps: option if_tsresol, else microseconds. */
function resolutionOf(view: DataView, from: number, to: number, little: boolean): bigint {
  for (let at = from; at + 4 <= to;) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0) break;
    if (code === OPTION_RESOLUTION && length >= 1 && at + 5 <= to) {
      const value = view.getUint8(at + 4);
      const exponent = BigInt(Math.min(value & 127, 30));
      return (value & 128) !== 0 ? 2n ** exponent : 10n ** exponent;
    }
    at += 4 + ((length + 3) & ~3);
  }
  return 1_000_000n;
}

function readPcapng(bytes: Uint8Array): CapturedFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: CapturedFrame[] = [];
  let interfaces: Interface[] = [];
  let little = true;
  for (let at = 0; at + 12 <= bytes.length;) {
    const type = view.getUint32(at, little);
    if (type === SECTION_HEADER) {
      little = view.getUint32(at + 8, true) === 0x1a2b3c4d;
      interfaces = [];
    }
    const length = view.getUint32(at + 4, little);
    if (length < 12 || length % 4 !== 0 || length > bytes.length - at) break;
    const body = at + 8;
    const end = at + length - 4;
    if (type === INTERFACE_DESCRIPTION && end - body >= 8) {
      const linktype = view.getUint16(body, little);
      checkLinktype(linktype);
      interfaces.push({ linktype, resolution: resolutionOf(view, body + 8, end, little) });
    } else if (type === ENHANCED_PACKET && end - body >= 20) {
      const from = interfaces[view.getUint32(body, little)];
      const size = view.getUint32(body + 12, little);
      if (from !== undefined && size <= end - body - 20) {
        const ticks = (BigInt(view.getUint32(body + 4, little)) << 32n) | BigInt(view.getUint32(body + 8, little));
        const frame = toEthernet(from.linktype, bytes.subarray(body + 20, body + 20 + size));
        if (frame !== null) frames.push({ time: (ticks * 1_000_000_000n) / from.resolution, frame });
      }
    } else if (type === SIMPLE_PACKET && end - body >= 4 && interfaces.length > 0) {
      const size = Math.min(view.getUint32(body, little), end - body - 4);
      const frame = toEthernet(interfaces[0].linktype, bytes.subarray(body + 4, body + 4 + size));
      if (frame !== null) frames.push({ time: frames.at(-1)?.time ?? 0n, frame });
    }
    at += length;
  }
  return frames;
}

/**
 * @param bytes a whole file
 * @returns its packets in their order
 * @throws CaptureError for a file that is no capture
 */
export function readCapture(bytes: Uint8Array): CapturedFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length >= 4 ? view.getUint32(0, true) : 0;
  switch (magic) {
    case 0xa1b2c3d4:
      return readPcap(bytes, true, false);
    case 0xa1b23c4d:
      return readPcap(bytes, true, true);
    case 0xd4c3b2a1:
      return readPcap(bytes, false, false);
    case 0x4d3cb2a1:
      return readPcap(bytes, false, true);
    case SECTION_HEADER:
      return readPcapng(bytes);
    default:
      throw new CaptureError('This is no capture: neither pcap nor pcapng.');
  }
}
