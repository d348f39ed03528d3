// ip link: devices shown, set, made and deleted.

import { rtnl_link_stats64 } from '../../../stack/include/linux/netdevice.js';
import { dev_get_stats } from '../../../stack/net/core/dev/stats.js';
import {
  IFF_ALLMULTI,
  IFF_BROADCAST,
  IFF_DYNAMIC,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
} from '../../../stack/include/linux/if.js';
import { EOPNOTSUPP } from '../../../stack/include/linux/errno.js';
import { netif_carrier_ok, type net_device } from '../../../stack/include/linux/netdevice.js';
import {
  dev_change_flags,
  dev_change_name,
  dev_get_flags,
  dev_set_mac_address,
  dev_set_mtu,
  unregister_netdevice,
} from '../../../stack/net/core/dev.js';
import { veth_newlink } from '../../../stack/drivers/net/veth.js';
import type { Process } from '../../process.js';
import { IpUsageError, type IpOptions } from '../ip.js';
import { answer, argument, device, hardwareAddress, number, parseHardwareAddress } from './words.js';

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [IFF_LOOPBACK, 'LOOPBACK'],
  [IFF_BROADCAST, 'BROADCAST'],
  [IFF_POINTOPOINT, 'POINTOPOINT'],
  [IFF_MULTICAST, 'MULTICAST'],
  [IFF_NOARP, 'NOARP'],
  [IFF_ALLMULTI, 'ALLMULTI'],
  [IFF_PROMISC, 'PROMISC'],
  [IFF_DYNAMIC, 'DYNAMIC'],
  [IFF_UP, 'UP'],
  [IFF_LOWER_UP, 'LOWER_UP'],
];

/** The first lines of `ip link show` and `ip address show` for one device. */
export function linkLines(dev: net_device, options: IpOptions): string {
  const flags = dev_get_flags(dev);
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  if ((flags & IFF_UP) !== 0 && !netif_carrier_ok(dev)) names.unshift('NO-CARRIER');
  const state = (dev.flags & IFF_LOOPBACK) !== 0 ? 'UNKNOWN' : (flags & IFF_RUNNING) !== 0 ? 'UP' : 'DOWN';
  const loopback = (dev.flags & IFF_LOOPBACK) !== 0;
  const qdisc = (dev.flags & IFF_UP) === 0 ? 'noop' : (dev.qdisc?.ops.id ?? 'noop');
  const master = dev.master === null ? '' : ` master ${dev.master.name}`;
  const queue = dev.tx_queue_len > 0 ? ` qlen ${dev.tx_queue_len}` : '';
  let text = `${dev.ifindex}: ${dev.name}: <${names.join(',')}> mtu ${dev.mtu} qdisc ${qdisc}${master} state ${state} group default${queue}\n`;
  text += `    link/${loopback ? 'loopback' : 'ether'} ${hardwareAddress(dev.dev_addr, dev.addr_len)} brd ${hardwareAddress(dev.broadcast, dev.addr_len)}\n`;
  if (options.statistics) {
    const s = dev_get_stats(dev, new rtnl_link_stats64());
    const row = (...cells: number[]): string =>
      `    ${cells
        .map((cell, i) => String(cell).padEnd(i === 0 ? 11 : 8))
        .join(' ')
        .trimEnd()} \n`;
    text += '    RX:  bytes packets errors dropped  missed   mcast           \n';
    text += row(s.rx_bytes, s.rx_packets, s.rx_errors, s.rx_dropped, s.rx_missed_errors, s.multicast);
    text += '    TX:  bytes packets errors dropped carrier collsns           \n';
    text += row(s.tx_bytes, s.tx_packets, s.tx_errors, s.tx_dropped, s.tx_carrier_errors, s.collisions);
  }
  return text;
}

export function ipLink(process: Process, words: string[], options: IpOptions): number {
  const command = words.shift() ?? 'show';
  if ('show'.startsWith(command) || 'list'.startsWith(command)) return show(process, words, options);
  if (command === 'set') return set(process, words);
  if (command === 'add') return add(process, words);
  if ('delete'.startsWith(command)) {
    if (words[0] === 'dev') words.shift();
    unregister_netdevice(device(process, argument(words)));
    return 0;
  }
  throw new IpUsageError(`Command "${command}" is unknown, try "ip link help".`);
}

function show(process: Process, words: string[], options: IpOptions): number {
  if (words[0] === 'dev') words.shift();
  const devices = words.length > 0 ? [device(process, words[0])] : process.host.kernel.init_net.dev_base_head;
  for (const dev of devices) process.stdout(linkLines(dev, options));
  return 0;
}

function set(process: Process, words: string[]): number {
  if (words[0] === 'dev') words.shift();
  const dev = device(process, argument(words));
  while (words.length > 0) {
    const word = argument(words);
    let error = 0;
    if (word === 'up') error = dev_change_flags(dev, dev.flags | IFF_UP);
    else if (word === 'down') error = dev_change_flags(dev, dev.flags & ~IFF_UP);
    else if (word === 'mtu') error = dev_set_mtu(dev, number(argument(words), 'mtu'));
    else if (word === 'name') error = dev_change_name(dev, argument(words));
    else if (word === 'address') error = dev_set_mac_address(dev, parseHardwareAddress(argument(words)));
    else if (word === 'txqueuelen' || word === 'qlen') dev.tx_queue_len = number(argument(words), 'txqueuelen');
    else if (word === 'arp') error = switchFlag(dev, IFF_NOARP, argument(words) === 'off');
    else if (word === 'promisc') error = switchFlag(dev, IFF_PROMISC, argument(words) === 'on');
    else if (word === 'multicast') error = switchFlag(dev, IFF_MULTICAST, argument(words) === 'on');
    else if (word === 'master') {
      const master = device(process, argument(words));
      error = master.netdev_ops.ndo_add_slave?.(master, dev) ?? -EOPNOTSUPP;
    } else if (word === 'nomaster') {
      const { master } = dev;
      error = master === null ? 0 : (master.netdev_ops.ndo_del_slave?.(master, dev) ?? -EOPNOTSUPP);
    } else throw new IpUsageError(`Error: either "dev" is duplicate, or "${word}" is a garbage.`);
    if (error < 0) return answer(process, error);
  }
  return 0;
}

function switchFlag(dev: net_device, flag: number, on: boolean): number {
  return dev_change_flags(dev, on ? dev.flags | flag : dev.flags & ~flag);
}

/** Only veth pairs within the host; a lab's links between hosts are made by its module. */
function add(process: Process, words: string[]): number {
  if (words[0] === 'name') words.shift();
  const name = argument(words);
  if (argument(words) !== 'type') throw new IpUsageError('Not enough information: "type" argument is required.');
  const type = argument(words);
  const net = process.host.kernel.init_net;
  if (type === 'veth') {
    if (words[0] === 'peer') words.splice(0, words[1] === 'name' ? 2 : 1);
    const pair = veth_newlink(net, name, net, words.shift() ?? 'veth%d');
    return answer(process, typeof pair === 'number' ? pair : 0);
  }
  throw new IpUsageError(`Error: unknown device type "${type}".`);
}
