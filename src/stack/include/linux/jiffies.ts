// Ticks and time (include/linux/jiffies.h, include/linux/timekeeping.h). HZ belongs to the host's kernel.

import type { Kernel } from '../../kernel/kernel.js';
import type { ktime_t, u32, ulong } from './types.js';

export const NSEC_PER_SEC = 1_000_000_000;
export const NSEC_PER_MSEC = 1_000_000;
export const NSEC_PER_USEC = 1_000;
export const USEC_PER_SEC = 1_000_000;
export const USEC_PER_MSEC = 1_000;
export const MSEC_PER_SEC = 1_000;

/** Ticks since boot, from INITIAL_JIFFIES on. @notrace */
export function jiffies(kernel: Kernel): ulong {
  return kernel.jiffies;
}

/** The low 32 bits of jiffies, as TCP uses them. @notrace */
export function jiffies32(kernel: Kernel): u32 {
  return kernel.jiffies >>> 0;
}

/** @param ms milliseconds @returns ticks, rounded up @notrace */
export function msecs_to_jiffies(kernel: Kernel, ms: number): ulong {
  return Math.ceil((ms * kernel.HZ) / 1000);
}

/** @param us microseconds @returns ticks, rounded up @notrace */
export function usecs_to_jiffies(kernel: Kernel, us: number): ulong {
  return Math.ceil((us * kernel.HZ) / 1e6);
}

/** @param ns nanoseconds @returns ticks, rounded down @notrace */
export function nsecs_to_jiffies(kernel: Kernel, ns: number): ulong {
  return Math.floor((ns * kernel.HZ) / 1e9);
}

/** @param ticks jiffies @returns milliseconds @notrace */
export function jiffies_to_msecs(kernel: Kernel, ticks: ulong): number {
  return Math.floor((ticks * 1000) / kernel.HZ);
}

/** @param ticks jiffies @returns microseconds @notrace */
export function jiffies_to_usecs(kernel: Kernel, ticks: ulong): number {
  return Math.floor((ticks * 1e6) / kernel.HZ);
}

/** @param ticks jiffies @returns hundredths of a second, as programs see times @notrace */
export function jiffies_to_clock_t(kernel: Kernel, ticks: ulong): number {
  return Math.floor((ticks * 100) / kernel.HZ);
}

/** @notrace */
export function time_after(a: ulong, b: ulong): boolean {
  return a > b;
}

/** @notrace */
export function time_before(a: ulong, b: ulong): boolean {
  return a < b;
}

/** @notrace */
export function time_after_eq(a: ulong, b: ulong): boolean {
  return a >= b;
}

/** @notrace */
export function time_before_eq(a: ulong, b: ulong): boolean {
  return a <= b;
}

/** ns since boot. @notrace */
export function ktime_get(kernel: Kernel): ktime_t {
  return kernel.events.now;
}

/** ns since 1970, too large for a number. @notrace */
export function ktime_get_real_ns(kernel: Kernel): bigint {
  return kernel.epoch_ns + BigInt(Math.floor(kernel.events.now));
}

/** s since 1970. @notrace */
export function ktime_get_real_seconds(kernel: Kernel): number {
  return Number(ktime_get_real_ns(kernel) / 1_000_000_000n);
}

/** s since boot. @notrace */
export function ktime_get_seconds(kernel: Kernel): number {
  return Math.floor(kernel.events.now / NSEC_PER_SEC);
}
