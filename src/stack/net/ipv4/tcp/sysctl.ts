/**
 * Those of TCP's sysctls that are more than a number: congestion control, Fast Open's key, memory.
 *
 * Read beside it: net/ipv4/sysctl_net_ipv4.c, Documentation/networking/ip-sysctl.rst.
 */
import { EINVAL, ENOENT } from '../../../include/linux/errno.js';
import { TCP_FASTOPEN_KEY_LENGTH } from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import type { net } from '../../../include/net/net_namespace.js';
import { TCP_CONG_NON_RESTRICTED } from '../../../include/net/tcp.js';
import { int_entry, ints_entry, register_sysctl } from '../../../kernel/sysctl.js';
import type { ctl_table } from '../../../kernel/sysctl.js';
import {
  tcp_ca_find,
  tcp_get_allowed_congestion_control,
  tcp_get_available_congestion_control,
  tcp_get_default_congestion_control,
  tcp_set_default_congestion_control,
} from '../tcp_cong.js';
import { tcp_fastopen_get_cipher, tcp_fastopen_reset_cipher } from '../tcp_fastopen.js';

/** A key as four words in hexadecimal, each as the machine loads it. @notrace */
function key_text(key: Uint8Array): string {
  const words: string[] = [];
  for (let i = 0; i < 16; i += 4) {
    const word = (key[i] | (key[i + 1] << 8) | (key[i + 2] << 16) | (key[i + 3] << 24)) >>> 0;
    words.push(word.toString(16).padStart(8, '0'));
  }
  return words.join('-');
}

/** @returns null if the text is no key @notrace */
function parse_key(text: string): Uint8Array | null {
  const words = text.trim().split('-');
  if (words.length !== 4 || !words.every((word) => /^[0-9a-fA-F]{1,8}$/.test(word))) return null;
  const key = new Uint8Array(TCP_FASTOPEN_KEY_LENGTH);
  words.forEach((word, i) => {
    const value = parseInt(word, 16);
    for (let j = 0; j < 4; j++) key[4 * i + j] = value >>> (8 * j);
  });
  return key;
}

/** "w-w-w-w" or, with a backup key, "w-w-w-w,w-w-w-w". */
function proc_tcp_fastopen_key(net: net): ctl_table {
  return {
    procname: 'tcp_fastopen_key',
    get: () => {
      const keys = tcp_fastopen_get_cipher(net, null);
      const texts: string[] = [];
      for (let i = 0; i < keys.length; i += TCP_FASTOPEN_KEY_LENGTH)
        texts.push(key_text(keys.subarray(i, i + TCP_FASTOPEN_KEY_LENGTH)));
      return texts.join(',') || '00000000-00000000-00000000-00000000';
    },
    set: (text) => {
      const keys = text.split(',').map(parse_key);
      if (keys.length > 2 || keys[0] === null || keys[1] === null) return -EINVAL;
      return tcp_fastopen_reset_cipher(net, null, keys[0], keys[1] ?? null);
    },
  };
}

/** @notrace */
function set_allowed(net: net, text: string): int {
  const names = text.split(/\s+/).filter((name) => name !== '');
  for (const name of names) if (!tcp_ca_find(net.kernel, name)) return -ENOENT;
  for (const [name, ca] of net.kernel.tcp_cong_list) {
    const flags = names.includes(name) ? ca.flags | TCP_CONG_NON_RESTRICTED : ca.flags & ~TCP_CONG_NON_RESTRICTED;
    if (flags !== ca.flags) net.kernel.tcp_cong_list.set(name, { ...ca, flags });
  }
  return 0;
}

export function tcp_sysctl_init(net: net): void {
  const kernel = net.kernel;
  register_sysctl(kernel, 'net/ipv4', [
    {
      procname: 'tcp_congestion_control',
      get: () => tcp_get_default_congestion_control(net),
      set: (text) => tcp_set_default_congestion_control(net, text.trim()),
    },
    { procname: 'tcp_available_congestion_control', get: () => tcp_get_available_congestion_control(kernel) },
    {
      procname: 'tcp_allowed_congestion_control',
      get: () => tcp_get_allowed_congestion_control(kernel),
      set: (text) => set_allowed(net, text),
    },
    proc_tcp_fastopen_key(net),
    ints_entry('tcp_mem', kernel.sysctl_tcp_mem, 0),
    int_entry('tcp_max_orphans', kernel, 'sysctl_tcp_max_orphans', 0),
    // A new time-out begins with a clean record.
    int_entry(
      'tcp_fastopen_blackhole_timeout_sec',
      net.ipv4,
      'sysctl_tcp_fastopen_blackhole_timeout',
      0,
      0x7fffffff,
      () => {
        net.ipv4.tfo_active_disable_times = 0;
      },
    ),
  ]);
}
