// Named settings under /proc/sys (kernel/sysctl.c, net/sysctl_net.c): a table of entries each with a getter
// and a setter; text in and text out as the files have it.

import { EACCES, EINVAL, ENOENT } from '../include/linux/errno.js';
import type { int } from '../include/linux/types.js';
import type { Kernel } from './kernel.js';

export interface ctl_table {
  /** Last part of the path. */
  readonly procname: string;
  /** The value as text, without line end. */
  readonly get: () => string;
  /** Takes the text; 0 or a negative errno. Absent where the file is read-only. */
  readonly set?: (text: string) => int;
}

/** Path below /proc/sys, with slashes → entry. */
export type ctl_dir = Map<string, ctl_table>;

/**
 * @param path directory below /proc/sys, e.g. `net/ipv4`
 * @notrace
 */
export function register_sysctl(kernel: Kernel, path: string, table: readonly ctl_table[]): void {
  for (const entry of table) kernel.sysctl.set(`${path}/${entry.procname}`, entry);
}

/** @notrace */
export function unregister_sysctl(kernel: Kernel, path: string, table: readonly ctl_table[]): void {
  for (const entry of table) kernel.sysctl.delete(`${path}/${entry.procname}`);
}

/** @param name with dots or slashes @returns the text, or null if there is none of the name @notrace */
export function sysctl_read(kernel: Kernel, name: string): string | null {
  return sysctl_find(kernel, name)?.get() ?? null;
}

/** @param name with dots or slashes @returns 0 or a negative errno @notrace */
export function sysctl_write(kernel: Kernel, name: string, text: string): int {
  const entry = sysctl_find(kernel, name);
  if (entry === undefined) return -ENOENT;
  if (entry.set === undefined) return -EACCES;
  return entry.set(text.trim());
}

/** @notrace */
function sysctl_find(kernel: Kernel, name: string): ctl_table | undefined {
  // A dot in a device's name is written with a slash where dots divide (sysctl.d(5)).
  const dotted = /^[^/.]*\./.test(name);
  const path = dotted ? name.replace(/[./]/g, (c) => (c === '.' ? '/' : '.')) : name;
  return kernel.sysctl.get(path);
}

/**
 * An entry for one integer field (proc_dointvec_minmax).
 * @param object where the value stands
 * @param field its name there
 * @param onChange called after a change
 * @notrace
 */
export function int_entry<K extends string>(
  procname: string,
  object: Record<K, number>,
  field: K,
  min = -0x80000000,
  max = 0x7fffffff,
  onChange?: () => void,
): ctl_table {
  return {
    procname,
    get: () => String(object[field]),
    set(text) {
      if (!/^[+-]?(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return -EINVAL;
      const value = Number(text);
      if (value < min || value > max) return -EINVAL;
      object[field] = value;
      onChange?.();
      return 0;
    },
  };
}

/** An entry for several integers in one file (tcp_rmem, ip_local_port_range …). @notrace */
export function ints_entry(
  procname: string,
  values: number[],
  min = -0x80000000,
  max = 0x7fffffff,
  onChange?: () => void,
): ctl_table {
  return {
    procname,
    get: () => values.join('\t'),
    set(text) {
      const given = text.split(/\s+/);
      if (given.length > values.length || !given.every((word) => /^[+-]?\d+$/.test(word))) return -EINVAL;
      const numbers = given.map(Number);
      if (numbers.some((value) => value < min || value > max)) return -EINVAL;
      numbers.forEach((value, i) => (values[i] = value));
      onChange?.();
      return 0;
    },
  };
}
