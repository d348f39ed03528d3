// Host names of the lab: localhost, and what /etc/hosts of the host that asks says. There is no DNS.

import { in_aton } from '../../stack/include/linux/in_addr.js';
import type { Host } from '../host.js';

/** @returns the address in network byte order, or null */
export function resolve(host: Host, name: string): number | null {
  if (name === 'localhost') return in_aton('127.0.0.1');
  const hosts = host.kernel.fs.read('/etc/hosts');
  if (hosts === undefined) return null;
  for (const line of new TextDecoder().decode(hosts).split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (names.includes(name)) return in_aton(address);
  }
  return null;
}
