// sysctl(8), hostname(1), cat(1) of /proc, dmesg(1): looking at a host's kernel and setting it.

import { EACCES, ENOENT, strerror } from '../../stack/include/linux/errno.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { sysctl_read, sysctl_write } from '../../stack/kernel/sysctl.js';
import type { Process } from '../process.js';
import { readText } from './files.js';

/** sysctl [-aenqw] name[=value]…; -e passes over names that there are not, -a shows all. */
export function* sysctl(process: Process): Task<number> {
  const { kernel } = process.host;
  let status = 0;
  let valuesOnly = false;
  let quiet = false;
  let ignore = false;
  for (const word of process.argv.slice(1)) {
    if (/^-[aenqw]+$/.test(word)) {
      valuesOnly ||= word.includes('n');
      quiet ||= word.includes('q');
      ignore ||= word.includes('e');
      if (!word.includes('a')) continue;
      for (const path of [...kernel.sysctl.keys()].sort()) {
        process.stdout(`${path.replaceAll('/', '.')} = ${kernel.sysctl.get(path)?.get() ?? ''}\n`);
      }
    } else {
      const [, name, value] = /^([^=]*?)\s*(?:=\s*(.*))?$/s.exec(word) ?? ['', word];
      const known = sysctl_read(kernel, name);
      const error = known === null ? -ENOENT : value === undefined ? 0 : sysctl_write(kernel, name, value);
      if (error === -ENOENT && ignore) continue;
      if (error < 0) {
        const path = `/proc/sys/${name.replaceAll('.', '/')}`;
        process.stderr(
          error === -ENOENT
            ? `sysctl: cannot stat ${path}: No such file or directory\n`
            : `sysctl: ${error === -EACCES ? 'permission denied on key' : 'setting key'} "${name}": ${strerror(error)}\n`,
        );
        status = 255;
      } else if (!quiet) {
        const shown = sysctl_read(kernel, name) ?? '';
        process.stdout(valuesOnly ? `${shown}\n` : `${name.replaceAll('/', '.')} = ${shown}\n`);
      }
    }
  }
  return status;
}

/** cat of files of the host, /proc and /proc/sys among them. */
export function* cat(process: Process): Task<number> {
  const paths = process.argv.slice(1).filter((word) => !/^-./.test(word));
  if (paths.length === 0) process.stdout(process.input);
  let status = 0;
  for (const path of paths) {
    const text = path === '-' ? process.input : readText(process.host.kernel, path);
    if (text === null) {
      process.stderr(`cat: ${path}: No such file or directory\n`);
      status = 1;
    } else process.stdout(text);
  }
  return status;
}

export function* hostname(process: Process): Task<number> {
  const [, name] = process.argv;
  if (name === undefined) process.stdout(`${process.host.kernel.name}\n`);
  else process.host.kernel.name = name;
  return 0;
}

/** The kernel's log with the seconds since boot. */
export function* dmesg(process: Process): Task<number> {
  for (const record of process.host.kernel.log.records) {
    process.stdout(`[${(record.time / 1e9).toFixed(6).padStart(12)}] ${record.text}\n`);
  }
  return 0;
}
