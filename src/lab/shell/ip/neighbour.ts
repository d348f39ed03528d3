// ip neighbour: the ARP cache shown, entries set and deleted.

import { in_ntoa } from '../../../stack/include/linux/in_addr.js';
import { ENOENT } from '../../../stack/include/linux/errno.js';
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_OVERRIDE,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  NUD_VALID,
  neigh_release,
  type neighbour,
} from '../../../stack/include/net/neighbour.js';
import type { net_device } from '../../../stack/include/linux/netdevice.js';
import { __neigh_create, neigh_lookup, neigh_remove, neigh_update } from '../../../stack/net/core/neighbour.js';
import type { Process } from '../../process.js';
import { IpUsageError, type IpOptions } from '../ip.js';
import { address, answer, argument, device, hardwareAddress, parseHardwareAddress } from './words.js';

const STATES: Readonly<Record<string, number>> = {
  incomplete: NUD_INCOMPLETE,
  reachable: NUD_REACHABLE,
  stale: NUD_STALE,
  delay: NUD_DELAY,
  probe: NUD_PROBE,
  failed: NUD_FAILED,
  noarp: NUD_NOARP,
  permanent: NUD_PERMANENT,
  none: NUD_NONE,
};

export function ipNeighbour(process: Process, words: string[], _options: IpOptions): number {
  const command = words.shift() ?? 'show';
  if ('show'.startsWith(command) || 'list'.startsWith(command)) return show(process, words);
  if ('flush'.startsWith(command)) return flush(process, words);
  if (['add', 'change', 'replace', 'del', 'delete'].includes(command)) return change(process, words, command);
  throw new IpUsageError(`Command "${command}" is unknown, try "ip neigh help".`);
}

function entries(process: Process, words: string[]): neighbour[] {
  const dev = words.includes('dev') ? device(process, words[words.indexOf('dev') + 1] ?? '') : null;
  const table = process.host.kernel.arp_tbl;
  return [...table.nht].filter((n) => (dev === null || n.dev === dev) && (n.nud_state & NUD_NOARP) === 0);
}

function show(process: Process, words: string[]): number {
  for (const n of entries(process, words)) {
    const state = Object.keys(STATES).find((name) => STATES[name] === n.nud_state) ?? 'none';
    const lladdr = (n.nud_state & NUD_VALID) !== 0 ? ` lladdr ${hardwareAddress(n.ha, n.dev.addr_len)}` : '';
    process.stdout(`${in_ntoa(n.primary_key)} dev ${n.dev.name}${lladdr} ${state.toUpperCase()} \n`);
  }
  return 0;
}

function flush(process: Process, words: string[]): number {
  const all = words.includes('all') || words.includes('dev');
  if (!all) throw new IpUsageError('Flush requires arguments.');
  for (const n of entries(process, words)) if ((n.nud_state & NUD_PERMANENT) === 0) neigh_remove(n);
  return 0;
}

function change(process: Process, words: string[], command: string): number {
  let key: number | null = null;
  let lladdr: Uint8Array | null = null;
  let state = NUD_PERMANENT;
  let dev: net_device | null = null;
  while (words.length > 0) {
    const word = argument(words);
    if (word === 'dev') dev = device(process, argument(words));
    else if (word === 'lladdr') lladdr = parseHardwareAddress(argument(words));
    else if (word === 'nud') {
      const name = argument(words);
      if (!(name in STATES)) throw new IpUsageError(`Error: argument "${name}" is wrong: nud state is bad`);
      state = STATES[name];
    } else key = address(word === 'to' ? argument(words) : word);
  }
  if (dev === null || key === null) throw new IpUsageError('Device and destination are required arguments.');
  const table = process.host.kernel.arp_tbl;
  const known = neigh_lookup(table, key, dev);
  if (command.startsWith('del')) {
    if (known === null) return answer(process, -ENOENT);
    neigh_remove(known);
    neigh_release(known);
    return 0;
  }
  const n = known ?? __neigh_create(table, key, dev, true);
  if (n === null) return answer(process, -ENOENT);
  const error = neigh_update(n, lladdr, state, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0);
  neigh_release(n);
  return answer(process, error);
}
