// ip address: IPv4 addresses of devices shown, added, deleted.

import { IFF_BROADCAST, IFF_LOOPBACK, IFF_POINTOPOINT } from '../../../stack/include/linux/if.js';
import {
  IFA_F_SECONDARY,
  __in_dev_get_rtnl,
  type in_ifaddr,
  inet_make_mask,
} from '../../../stack/include/linux/inetdevice.js';
import { in_ntoa } from '../../../stack/include/linux/in_addr.js';
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../../../stack/include/linux/rtnetlink.js';
import type { net_device } from '../../../stack/include/linux/netdevice.js';
import { inet_rtm_deladdr, inet_rtm_newaddr } from '../../../stack/net/ipv4/devinet.js';
import type { Process } from '../../process.js';
import { IpUsageError, type IpOptions } from '../ip.js';
import { linkLines } from './link.js';
import { address, answer, argument, device, prefix } from './words.js';

const SCOPES: Readonly<Record<string, number>> = {
  global: RT_SCOPE_UNIVERSE,
  link: RT_SCOPE_LINK,
  host: RT_SCOPE_HOST,
};

export function ipAddress(process: Process, words: string[], options: IpOptions): number {
  const command = words.shift() ?? 'show';
  if ('show'.startsWith(command) || 'list'.startsWith(command)) return show(process, words, options);
  if (command === 'add' || command === 'del' || command === 'delete') return change(process, words, command === 'add');
  if ('flush'.startsWith(command)) {
    if (words[0] === 'dev') words.shift();
    flush(process, device(process, argument(words)));
    return 0;
  }
  throw new IpUsageError(`Command "${command}" is unknown, try "ip address help".`);
}

function addresses(dev: net_device): in_ifaddr[] {
  const list: in_ifaddr[] = [];
  for (let ifa = __in_dev_get_rtnl(dev)?.ifa_list ?? null; ifa !== null; ifa = ifa.ifa_next) list.push(ifa);
  return list;
}

function addressLine(ifa: in_ifaddr): string {
  const peer = ifa.ifa_local !== ifa.ifa_address ? ` peer ${in_ntoa(ifa.ifa_address)}` : '';
  const broadcast = ifa.ifa_broadcast !== 0 ? ` brd ${in_ntoa(ifa.ifa_broadcast)}` : '';
  const scope = Object.keys(SCOPES).find((name) => SCOPES[name] === ifa.ifa_scope) ?? String(ifa.ifa_scope);
  const secondary = (ifa.ifa_flags & IFA_F_SECONDARY) !== 0 ? ' secondary' : '';
  return `    inet ${in_ntoa(ifa.ifa_local)}${peer}/${ifa.ifa_prefixlen}${broadcast} scope ${scope}${secondary} ${ifa.ifa_label}\n       valid_lft forever preferred_lft forever\n`;
}

function show(process: Process, words: string[], options: IpOptions): number {
  if (words[0] === 'dev') words.shift();
  const devices = words.length > 0 ? [device(process, words[0])] : process.host.kernel.init_net.dev_base_head;
  for (const dev of devices) {
    process.stdout(linkLines(dev, options) + addresses(dev).map(addressLine).join(''));
  }
  return 0;
}

function change(process: Process, words: string[], add: boolean): number {
  let local: { address: number; length: number } | null = null;
  let peer: number | null = null;
  let broadcast: number | null = null;
  let scope: number | null = null;
  let label: string | null = null;
  let dev: net_device | null = null;
  while (words.length > 0) {
    const word = argument(words);
    if (word === 'dev') dev = device(process, argument(words));
    else if (word === 'peer') peer = prefix(argument(words)).address;
    else if (word === 'label') label = argument(words);
    else if (word === 'broadcast' || word === 'brd') {
      const value = argument(words);
      broadcast = value === '+' ? -1 : address(value);
    } else if (word === 'scope') {
      const value = argument(words);
      if (!(value in SCOPES)) throw new IpUsageError(`Error: argument "${value}" is wrong: invalid scope value.`);
      scope = SCOPES[value];
    } else if (word !== 'local' && local === null) local = prefix(word);
    else throw new IpUsageError(`Error: either "local" is duplicate, or "${word}" is a garbage.`);
  }
  if (dev === null) throw new IpUsageError('Not enough information: "dev" argument is required.');
  if (local === null) throw new IpUsageError('Not enough information: "local" argument is required.');
  const net = process.host.kernel.init_net;
  if (!add) return answer(process, inet_rtm_deladdr(net, dev, local.address, local.length));
  return answer(
    process,
    inet_rtm_newaddr(net, {
      dev,
      local: local.address,
      prefixlen: local.length,
      peer: peer ?? undefined,
      scope: scope ?? ((dev.flags & IFF_LOOPBACK) !== 0 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE),
      label: label ?? undefined,
      broadcast: broadcast === -1 ? subnetBroadcast(dev, local.address, local.length) : (broadcast ?? undefined),
    }),
  );
}

/** The broadcast address of a subnet, where the device has such; 0 without. @param address network byte order */
export function subnetBroadcast(dev: net_device, address: number, length: number): number {
  if ((dev.flags & IFF_BROADCAST) === 0 || (dev.flags & IFF_POINTOPOINT) !== 0 || length >= 31) return 0;
  return (address | ~inet_make_mask(length)) >>> 0;
}

function flush(process: Process, dev: net_device): void {
  const net = process.host.kernel.init_net;
  for (const ifa of addresses(dev)) inet_rtm_deladdr(net, dev, ifa.ifa_local, ifa.ifa_prefixlen);
}
