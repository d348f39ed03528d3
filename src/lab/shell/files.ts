// A host's files as its programs see them: the ones in memory, /proc with the sysctls, module parameters.

import { EACCES, EINVAL, ENOENT } from '../../stack/include/linux/errno.js';
import type { Kernel } from '../../stack/kernel/kernel.js';
import { sysctl_write } from '../../stack/kernel/sysctl.js';
import { bytes } from '../libc.js';

/** Path of a module's parameter in /sys as the kernel's own name of it, `module.parameter`. */
function parameterName(path: string): string | null {
  const match = /^\/sys\/module\/(\w+)\/parameters\/(\w+)$/.exec(path);
  return match === null ? null : `${match[1]}.${match[2]}`;
}

/** @returns the content as latin1, or null if there is no such file */
export function readText(kernel: Kernel, path: string): string | null {
  if (path === '/dev/null') return '';
  if (path.startsWith('/proc/sys/')) {
    return kernel.sysctl.get(path.slice('/proc/sys/'.length))?.get().concat('\n') ?? null;
  }
  const proc = path.startsWith('/proc/') ? kernel.proc.get(path.slice('/proc/'.length))?.() : undefined;
  if (proc !== undefined) return proc;
  const content = kernel.fs.read(path);
  return content === undefined ? null : new TextDecoder('latin1').decode(content);
}

/** @returns whether there is such a file */
export function exists(kernel: Kernel, path: string): boolean {
  const parameter = parameterName(path);
  return parameter === null ? readText(kernel, path) !== null : kernel.module_parameters.has(parameter);
}

/** @returns whether files lie in it */
export function isDirectory(kernel: Kernel, path: string): boolean {
  const folder = `${path.replace(/\/+$/, '')}/`;
  if (kernel.fs.list(folder.slice(0, -1)).length > 0) return true;
  const below = [...kernel.sysctl.keys()].map((name) => `/proc/sys/${name}`);
  below.push(...[...kernel.proc.keys()].map((name) => `/proc/${name}`));
  below.push(...[...kernel.module_parameters.keys()].map((name) => `/sys/module/${name.replace('.', '/parameters/')}`));
  return below.some((name) => name.startsWith(folder));
}

/** @param append behind what there is @returns 0 or a negative errno */
export function writeText(kernel: Kernel, path: string, text: string, append: boolean): number {
  if (path === '/dev/null' || path === '/dev/stdout' || path === '/dev/stderr') return 0;
  if (path.startsWith('/proc/sys/')) return sysctl_write(kernel, path.slice('/proc/sys/'.length), text.trim());
  if (path.startsWith('/proc/')) {
    const write = kernel.proc_write.get(path.slice('/proc/'.length));
    if (write === undefined) return -EACCES;
    write(text);
    return 0;
  }
  if (path.startsWith('/sys/')) {
    const set = kernel.module_parameters.get(parameterName(path) ?? '');
    if (set === undefined) return -ENOENT;
    return set(text.trim()) < 0 ? -EINVAL : 0;
  }
  if (append) kernel.fs.append(path, bytes(text));
  else kernel.fs.write(path, bytes(text));
  return 0;
}
