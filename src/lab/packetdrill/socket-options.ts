// Values of setsockopt() and getsockopt() in packetdrill scripts: numbers, texts, structures, as bytes.

import { SOL_SOCKET, SOL_TCP, SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO } from '../../stack/include/linux/socket.js';
import { TCP_CONGESTION, TCP_FASTOPEN_KEY, TCP_INFO } from '../../stack/include/uapi/linux/tcp.js';
import { int32, text } from '../libc.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';
import type { Expression } from './syntax.js';
import { field, isOpen, list, number, type Definitions } from './values.js';

/** A key of Fast Open as its sysctl has it: groups of eight hexadecimal digits. */
const KEY_TEXT = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{8})+(,[0-9a-fA-F]{8}(-[0-9a-fA-F]{8})+)?$/;

/** Bytes of the largest option value. */
const MOST_BYTES = 65536;

function hexBytes(source: string): Uint8Array {
  const digits = source.replace(/[^0-9a-fA-F]/g, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function int64(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigInt64(0, BigInt(value), true);
  return out;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * @param length what the script passes as optlen; negative: the value's own
 * @returns the value as the call gets it
 */
export function encodeOption(
  level: number,
  name: number,
  value: Expression,
  length: number,
  definitions: Definitions,
): Uint8Array {
  const whole = encodeValue(level, name, value, definitions);
  if (length < 0 || length === whole.length) return whole;
  if (length > MOST_BYTES) throw new PacketdrillUnsupported(`a socket option of ${length} bytes`);
  const cut = new Uint8Array(length);
  cut.set(whole.subarray(0, length));
  return cut;
}

function encodeValue(level: number, name: number, value: Expression, definitions: Definitions): Uint8Array {
  const single = value.kind === 'list' && value.items.length === 1 ? value.items[0] : value;
  if (isOpen(single)) return new Uint8Array(4);
  if (single.kind === 'string') {
    if (level === SOL_TCP && name === TCP_FASTOPEN_KEY && KEY_TEXT.test(single.value)) return hexBytes(single.value);
    return Uint8Array.from(single.value, (char) => char.charCodeAt(0));
  }
  if (single.kind === 'struct') {
    const member = (key: string): number => {
      const found = field(single, key);
      return found === undefined ? 0 : number(found, definitions);
    };
    if (level === SOL_SOCKET && name === SO_LINGER) return join(int32(member('onoff')), int32(member('linger')));
    if (level === SOL_SOCKET && (name === SO_RCVTIMEO || name === SO_SNDTIMEO)) {
      return join(int64(member('tv_sec')), int64(member('tv_usec')));
    }
    throw new PacketdrillUnsupported(`a structure as value of socket option ${name} of level ${level}`);
  }
  if (value.kind === 'list' && value.items.length > 1) {
    return join(...list(value).map((item) => int32(number(item, definitions))));
  }
  return int32(number(single, definitions));
}

/** Compares what getsockopt() gave. @throws PacketdrillFailure */
export function checkOption(
  level: number,
  name: number,
  expected: Expression,
  actual: Uint8Array,
  definitions: Definitions,
): void {
  const single = expected.kind === 'list' && expected.items.length === 1 ? expected.items[0] : expected;
  if (isOpen(single) || (level === SOL_TCP && name === TCP_INFO && single.kind !== 'struct')) return;
  if (level === SOL_TCP && name === TCP_CONGESTION && single.kind === 'string') {
    const given = text(actual).replace(/\0.*$/s, '');
    if (given !== single.value) throw new PacketdrillFailure(`expected optval: "${single.value}" actual: "${given}"`);
    return;
  }
  if (single.kind === 'string') return;
  const wanted = encodeValue(level, name, expected, definitions);
  const view = (data: Uint8Array): number => {
    const whole = new Uint8Array(4);
    whole.set(data.subarray(0, 4));
    return new DataView(whole.buffer).getInt32(0, true);
  };
  const same =
    wanted.length <= 4 ? view(wanted) === view(actual) : wanted.every((byte, i) => byte === (actual[i] ?? 0));
  if (!same) throw new PacketdrillFailure(`bad getsockopt optval: expected: ${view(wanted)} actual: ${view(actual)}`);
}
