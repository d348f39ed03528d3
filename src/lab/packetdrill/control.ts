// Control messages of sendmsg() and recvmsg() in packetdrill scripts:
// {cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0,scm_nsec=…}} and extended errors.

import { cmsghdr } from '../../stack/include/linux/socket.js';
import { int32 } from '../libc.js';
import { PacketdrillFailure } from './failure.js';
import type { Expression } from './syntax.js';
import { field, isOpen, number, type Definitions } from './values.js';

export function encodeControl(expression: Expression, definitions: Definitions): cmsghdr {
  const member = (name: string): number => {
    const found = field(expression, name);
    return found === undefined || isOpen(found) ? 0 : number(found, definitions);
  };
  const data = field(expression, 'cmsg_data');
  const value = data === undefined || data.kind === 'struct' ? 0 : number(data, definitions);
  return new cmsghdr(member('cmsg_level'), member('cmsg_type'), int32(value));
}

/** Offsets and widths of struct sock_extended_err (include/uapi/linux/errqueue.h). */
const EXTENDED_ERROR: Readonly<Record<string, readonly [at: number, width: 1 | 4]>> = {
  ee_errno: [0, 4],
  ee_origin: [4, 1],
  ee_type: [5, 1],
  ee_code: [6, 1],
  ee_info: [8, 4],
  ee_data: [12, 4],
};

/** Tolerance of time stamps, ns: as that of events. */
const STAMP_TOLERANCE = 4_000_000;

/**
 * @param start ns since 1970 at the script's start: its time stamps count from there
 * @throws PacketdrillFailure
 */
export function checkControl(expected: Expression, actual: cmsghdr, definitions: Definitions, start: bigint): void {
  const compare = (what: string, wanted: Expression | undefined, value: number): void => {
    if (wanted === undefined || isOpen(wanted)) return;
    const expectedValue = number(wanted, definitions);
    if (expectedValue !== value) throw new PacketdrillFailure(`expected ${what}: ${expectedValue} actual: ${value}`);
  };
  compare('cmsg_level', field(expected, 'cmsg_level'), actual.cmsg_level);
  compare('cmsg_type', field(expected, 'cmsg_type'), actual.cmsg_type);
  const data = field(expected, 'cmsg_data');
  if (data === undefined || isOpen(data)) return;
  const view = new DataView(actual.data.buffer, actual.data.byteOffset, actual.data.byteLength);
  if (data.kind !== 'struct') {
    compare('cmsg_data', data, actual.data.length >= 4 ? view.getInt32(0, true) : 0);
    return;
  }
  for (const entry of data.fields) {
    if (entry.name in EXTENDED_ERROR) {
      const [at, width] = EXTENDED_ERROR[entry.name];
      compare(entry.name, entry.value, width === 1 ? view.getUint8(at) : view.getUint32(at, true));
    }
  }
  const sec = field(data, 'scm_sec');
  const nsec = field(data, 'scm_nsec');
  if (sec !== undefined && nsec !== undefined && !isOpen(sec) && !isOpen(nsec)) {
    const wanted = number(sec, definitions) * 1e9 + number(nsec, definitions);
    const stamp = Number(stampOf(view) - start);
    if (Math.abs(wanted - stamp) > STAMP_TOLERANCE) {
      throw new PacketdrillFailure(`bad timestamp: expected: ${wanted} ns actual: ${stamp} ns`);
    }
  }
}

/** ns since the epoch of the first stamp of struct scm_timestamping. */
function stampOf(view: DataView): bigint {
  return view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
}
