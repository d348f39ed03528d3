// The kernel's log of one host (kernel/printk/printk.c), as dmesg shows it. Log levels are kept, rate
// limits of single messages are their callers' business.

import type { Kernel } from './kernel.js';

export interface printk_record {
  /** ns since boot */
  readonly time: number;
  /** 0 (emergency) … 7 (debug) */
  readonly level: number;
  readonly text: string;
}

export class printk_buffer {
  readonly records: printk_record[] = [];
  /** Called with each record, for a console. */
  console: ((record: printk_record) => void) | null = null;
}

/** Records kept; older ones go, as the ring buffer lets them. */
const LOG_RECORDS = 4096;

/** @notrace */
export function printk(kernel: Kernel, level: number, text: string): void {
  const record = { time: kernel.now, level, text };
  const log = kernel.log;
  if (log.records.length >= LOG_RECORDS) log.records.shift();
  log.records.push(record);
  if (log.console !== null) log.console(record);
}

/** @notrace */
export function pr_info(kernel: Kernel, text: string): void {
  printk(kernel, 6, text);
}

/** @notrace */
export function pr_warn(kernel: Kernel, text: string): void {
  printk(kernel, 4, text);
}

/** @notrace */
export function pr_err(kernel: Kernel, text: string): void {
  printk(kernel, 3, text);
}
