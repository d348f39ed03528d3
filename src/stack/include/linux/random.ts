// Random numbers as the kernel draws them (include/linux/random.h), from the host's own seeded stream.

import type { Kernel } from '../../kernel/kernel.js';
import type { u16, u32, u8 } from './types.js';

/** @notrace */
export function get_random_u32(kernel: Kernel): u32 {
  return kernel.random.u32();
}

/** @notrace */
export function get_random_u16(kernel: Kernel): u16 {
  return kernel.random.u32() & 0xffff;
}

/** @param ceiling 1 … 2^32 @returns 0 … ceiling-1 @notrace */
export function get_random_u32_below(kernel: Kernel, ceiling: u32): u32 {
  return kernel.random.below(ceiling);
}

/** @returns floor … ceil, both included @notrace */
export function get_random_u32_inclusive(kernel: Kernel, floor: u32, ceil: u32): u32 {
  return floor + kernel.random.below(ceil - floor + 1);
}

/** Fills `length` bytes of `buffer` from `offset` on. @notrace */
export function get_random_bytes(kernel: Kernel, buffer: Uint8Array, offset: number, length: number): void {
  for (let i = 0; i < length; i++) buffer[offset + i] = (kernel.random.u32() & 0xff) as u8;
}
