// BUG and WARN (kernel/panic.c, include/asm-generic/bug.h). A warning goes to the host's log; a BUG is a
// fault of the model and throws.

import type { Kernel } from './kernel.js';
import { printk } from './printk.js';

/** @returns the condition @notrace */
export function WARN_ON(kernel: Kernel, condition: boolean, text: string): boolean {
  if (condition) printk(kernel, 4, `WARNING: ${text}`);
  return condition;
}

/** As WARN_ON, once a text and host. @notrace */
export function WARN_ON_ONCE(kernel: Kernel, condition: boolean, text: string): boolean {
  if (condition && !kernel.warned.has(text)) {
    kernel.warned.add(text);
    printk(kernel, 4, `WARNING: ${text}`);
  }
  return condition;
}

/** @notrace */
export function BUG_ON(condition: boolean, text: string): void {
  if (condition) throw new Error(`kernel BUG: ${text}`);
}
