// Reading the words of ip commands.

import { in_aton } from '../../../stack/include/linux/in_addr.js';
import { strerror } from '../../../stack/include/linux/errno.js';
import type { net_device } from '../../../stack/include/linux/netdevice.js';
import { __dev_get_by_name } from '../../../stack/net/core/dev.js';
import type { Process } from '../../process.js';
import { IpUsageError } from '../ip.js';

/** @returns the next word; throws where there is none */
export function argument(words: string[]): string {
  const word = words.shift();
  if (word === undefined) throw new IpUsageError('Command line is not complete. Try option "help"');
  return word;
}

export function device(process: Process, name: string): net_device {
  const dev = __dev_get_by_name(process.host.kernel.init_net, name);
  if (dev === null) throw new IpUsageError(`Cannot find device "${name}"`);
  return dev;
}

export function number(word: string, what: string): number {
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(word))
    throw new IpUsageError(`Error: argument "${word}" is wrong: "${what}" value is invalid`);
  return Number(word);
}

export function address(word: string): number {
  const parsed = in_aton(word);
  if (parsed === null) throw new IpUsageError(`Error: any valid prefix is expected rather than "${word}".`);
  return parsed;
}

/** `192.168.10.2/24`, `default`, `192.168.10.2`. */
export function prefix(word: string): { address: number; length: number; given: boolean } {
  if (word === 'default' || word === 'any') return { address: 0, length: 0, given: true };
  const [text, lengthText] = word.split('/');
  const length = lengthText === undefined ? 32 : Number(lengthText);
  if (!(Number.isInteger(length) && length >= 0 && length <= 32)) {
    throw new IpUsageError(`Error: any valid prefix is expected rather than "${word}".`);
  }
  return { address: address(text), length, given: lengthText !== undefined };
}

/** Says what the kernel answered. @returns the exit status */
export function answer(process: Process, error: number): number {
  if (error >= 0) return 0;
  process.stderr(`RTNETLINK answers: ${strerror(error)}\n`);
  return 2;
}

/** A link-layer address as text. */
export function hardwareAddress(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** @returns the bytes; throws where the text is no Ethernet address */
export function parseHardwareAddress(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text)) throw new IpUsageError(`"${text}" is invalid lladdr.`);
  return Uint8Array.from(text.split(':'), (part) => parseInt(part, 16));
}
