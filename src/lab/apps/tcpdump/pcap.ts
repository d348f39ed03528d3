// Capture files as libpcap writes them (draft-ietf-opsawg-pcap): microseconds, little-endian.

export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_LINUX_SLL2 = 276;

/** @param snaplen bytes of a packet that are kept at most @returns the 24 bytes at the start of a file */
export function pcapHeader(linktype: number, snaplen: number): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snaplen, true);
  view.setUint32(20, linktype, true);
  return bytes;
}

/** @param time ns since 1970 @param length bytes of the packet before it was cut @returns header and bytes */
export function pcapRecord(time: bigint, data: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(16 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(time / 1_000_000_000n), true);
  view.setUint32(4, Number((time % 1_000_000_000n) / 1000n), true);
  view.setUint32(8, data.length, true);
  view.setUint32(12, length, true);
  bytes.set(data, 16);
  return bytes;
}
