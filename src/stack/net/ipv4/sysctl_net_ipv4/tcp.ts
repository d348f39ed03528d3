// The sysctls of TCP that are not plain numbers: congestion controls, Fast Open keys, memory (net/ipv4/sysctl_net_ipv4.c).

import { EINVAL } from '../../../include/linux/errno.js';
import type { int } from '../../../include/linux/types.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { ctl_table } from '../../../kernel/sysctl.js';
import { int_entry, ints_entry } from '../../../kernel/sysctl.js';
import {
  tcp_get_allowed_congestion_control,
  tcp_get_available_congestion_control,
  tcp_get_default_congestion_control,
  tcp_set_default_congestion_control,
} from '../tcp_cong.js';
import { tcp_fastopen_get_cipher, tcp_fastopen_init_key_once, tcp_fastopen_reset_cipher } from '../tcp_fastopen.js';

const TCP_FASTOPEN_KEY_LENGTH = 16;

/** A key as it is written: four words of eight hexadecimal digits, each stored little-endian. @returns null if it is none @notrace */
function parse_key(text: string): Uint8Array | null {
  const words = text.trim().split('-');
  if (words.length !== 4 || !words.every((word) => /^[0-9a-fA-F]{1,8}$/.test(word))) return null;
  const key = new Uint8Array(TCP_FASTOPEN_KEY_LENGTH);
  words.forEach((word, i) => new DataView(key.buffer).setUint32(4 * i, parseInt(word, 16), true));
  return key;
}

/** @notrace */
function format_key(key: Uint8Array): string {
  const view = new DataView(key.buffer, key.byteOffset);
  return [0, 4, 8, 12].map((i) => view.getUint32(i, true).toString(16).padStart(8, '0')).join('-');
}

/** One key or, divided by a comma, one and an older one whose cookies are still taken. */
export function proc_tcp_fastopen_key(net: net, text: string): int {
  const keys = text.split(',').map(parse_key);
  const [primary, backup] = keys;
  if (keys.length > 2 || primary === null || backup === null) return -EINVAL;
  return tcp_fastopen_reset_cipher(net, null, primary, backup ?? null);
}

/** @notrace */
function fastopen_keys(net: net): string {
  tcp_fastopen_init_key_once(net);
  const keys = tcp_fastopen_get_cipher(net, null);
  const texts: string[] = [];
  for (let i = 0; i < keys.length; i += TCP_FASTOPEN_KEY_LENGTH)
    texts.push(format_key(keys.slice(i, i + TCP_FASTOPEN_KEY_LENGTH)));
  return texts.join(',');
}

/** @notrace */
export function tcp_sysctl_table(net: net): ctl_table[] {
  const kernel = net.kernel;
  return [
    {
      procname: 'tcp_congestion_control',
      get: () => tcp_get_default_congestion_control(net),
      set: (text) => tcp_set_default_congestion_control(net, text),
    },
    { procname: 'tcp_available_congestion_control', get: () => tcp_get_available_congestion_control(kernel) },
    { procname: 'tcp_allowed_congestion_control', get: () => tcp_get_allowed_congestion_control(kernel) },
    { procname: 'tcp_fastopen_key', get: () => fastopen_keys(net), set: (text) => proc_tcp_fastopen_key(net, text) },
    ints_entry('tcp_mem', kernel.sysctl_tcp_mem, 0),
    int_entry('tcp_max_orphans', kernel, 'sysctl_tcp_max_orphans'),
  ];
}
