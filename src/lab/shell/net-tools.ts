// ifconfig(8), route(8) and arp(8) of net-tools, in the subset that older set-up scripts use.

import { rtnl_link_stats64 } from '../../stack/include/linux/netdevice.js';
import { dev_get_stats } from '../../stack/net/core/dev/stats.js';
import { IFF_NOARP, IFF_PROMISC, IFF_RUNNING, IFF_UP } from '../../stack/include/linux/if.js';
import { IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST, IFF_POINTOPOINT } from '../../stack/include/linux/if.js';
import {
  __in_dev_get_rtnl,
  type in_ifaddr,
  inet_make_mask,
  inet_mask_len,
} from '../../stack/include/linux/inetdevice.js';
import { htonl } from '../../stack/include/linux/byteorder.js';
import { in_aton, in_ntoa } from '../../stack/include/linux/in_addr.js';
import { ENODEV, strerror } from '../../stack/include/linux/errno.js';
import type { net_device } from '../../stack/include/linux/netdevice.js';
import { NUD_NOARP, NUD_VALID, neigh_release } from '../../stack/include/net/neighbour.js';
import {
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_TABLE_MAIN,
} from '../../stack/include/linux/rtnetlink.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { fib_config } from '../../stack/include/net/ip_fib.js';
import {
  __dev_get_by_name,
  dev_change_flags,
  dev_get_flags,
  dev_set_mac_address,
  dev_set_mtu,
} from '../../stack/net/core/dev.js';
import { neigh_lookup, neigh_remove } from '../../stack/net/core/neighbour.js';
import { inet_rtm_deladdr, inet_rtm_newaddr } from '../../stack/net/ipv4/devinet.js';
import { fib_get_table, inet_rtm_delroute, inet_rtm_newroute } from '../../stack/net/ipv4/fib_frontend.js';
import { fib_table_dump } from '../../stack/net/ipv4/fib_trie.js';
import type { Process } from '../process.js';
import { resolve } from '../apps/resolve.js';
import { subnetBroadcast } from './ip/address.js';
import { hardwareAddress, parseHardwareAddress } from './ip/words.js';

/** @returns the netmask that a class A, B or C address implies (RFC 791) */
function classMask(address: number): number {
  const first = address & 255;
  if (first < 128) return inet_make_mask(8);
  return inet_make_mask(first < 192 ? 16 : 24);
}

function addresses(dev: net_device): in_ifaddr[] {
  const list: in_ifaddr[] = [];
  for (let ifa = __in_dev_get_rtnl(dev)?.ifa_list ?? null; ifa !== null; ifa = ifa.ifa_next) list.push(ifa);
  return list;
}

const FLAGS: readonly (readonly [number, string])[] = [
  [IFF_UP, 'UP'],
  [IFF_BROADCAST, 'BROADCAST'],
  [IFF_LOOPBACK, 'LOOPBACK'],
  [IFF_POINTOPOINT, 'POINTOPOINT'],
  [IFF_RUNNING, 'RUNNING'],
  [IFF_NOARP, 'NOARP'],
  [IFF_PROMISC, 'PROMISC'],
  [IFF_MULTICAST, 'MULTICAST'],
];

function describe(dev: net_device): string {
  const flags = dev_get_flags(dev);
  const names = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const s = dev_get_stats(dev, new rtnl_link_stats64());
  let text = `${dev.name}: flags=${flags & 0xffff}<${names.join(',')}>  mtu ${dev.mtu}\n`;
  for (const ifa of addresses(dev)) {
    text += `        inet ${in_ntoa(ifa.ifa_local)}  netmask ${in_ntoa(ifa.ifa_mask)}`;
    text += ifa.ifa_broadcast !== 0 ? `  broadcast ${in_ntoa(ifa.ifa_broadcast)}\n` : '\n';
  }
  text +=
    (dev.flags & IFF_LOOPBACK) !== 0
      ? `        loop  txqueuelen ${dev.tx_queue_len}  (Local Loopback)\n`
      : `        ether ${hardwareAddress(dev.dev_addr, dev.addr_len)}  txqueuelen ${dev.tx_queue_len}  (Ethernet)\n`;
  const size = (bytes: number): string => `${bytes} (${bytes.toFixed(1)} B)`;
  text += `        RX packets ${s.rx_packets}  bytes ${size(s.rx_bytes)}\n`;
  text += `        RX errors ${s.rx_errors}  dropped ${s.rx_dropped}  overruns ${s.rx_over_errors}  frame ${s.rx_frame_errors}\n`;
  text += `        TX packets ${s.tx_packets}  bytes ${size(s.tx_bytes)}\n`;
  text += `        TX errors ${s.tx_errors}  dropped ${s.tx_dropped} overruns 0  carrier ${s.tx_carrier_errors}  collisions ${s.collisions}\n`;
  return `${text}\n`;
}

function setAddress(dev: net_device, address: number, mask: number | null, broadcast: number | null): number {
  const net = dev.nd_net;
  const old = addresses(dev).find((ifa) => ifa.ifa_label === dev.name);
  if (old !== undefined) inet_rtm_deladdr(net, dev, old.ifa_local, old.ifa_prefixlen);
  if (address === 0) return 0;
  const prefixlen = inet_mask_len(mask ?? classMask(address));
  return inet_rtm_newaddr(net, {
    dev,
    local: address,
    prefixlen,
    scope: (dev.flags & IFF_LOOPBACK) !== 0 ? RT_SCOPE_HOST : undefined,
    broadcast: broadcast ?? subnetBroadcast(dev, address, prefixlen),
  });
}

export function* ifconfig(process: Process): Task<number> {
  const net = process.host.kernel.init_net;
  const [, ...words] = process.argv;
  const all = words[0] === '-a';
  if (all || words.length === 0) {
    for (const dev of net.dev_base_head) if (all || (dev.flags & IFF_UP) !== 0) process.stdout(describe(dev));
    return 0;
  }
  const dev = __dev_get_by_name(net, words[0]);
  if (dev === null) {
    process.stderr(`${words[0]}: ERROR while getting interface flags: No such device\n`);
    return 1;
  }
  words.shift();
  if (words.length === 0) {
    process.stdout(describe(dev));
    return 0;
  }
  let address: number | null = null;
  let mask: number | null = null;
  let broadcast: number | null = null;
  let up: boolean | null = null;
  const fail = (what: string, error: number): number => {
    process.stderr(`${what}: ${strerror(error)}\n`);
    return 1;
  };
  while (words.length > 0) {
    const word = words.shift() as string;
    let error = 0;
    if (word === 'up' || word === 'down') up = word === 'up';
    else if (word === 'netmask') mask = in_aton(words.shift() ?? '');
    else if (word === 'broadcast') broadcast = in_aton(words.shift() ?? '');
    else if (word === 'mtu') error = dev_set_mtu(dev, Number(words.shift()));
    else if (word === 'hw') {
      words.shift();
      error = dev_set_mac_address(dev, parseHardwareAddress(words.shift() ?? ''));
    } else if (word === 'promisc') error = dev_change_flags(dev, dev.flags | IFF_PROMISC);
    else if (word === '-promisc') error = dev_change_flags(dev, dev.flags & ~IFF_PROMISC);
    else if (word === 'arp') error = dev_change_flags(dev, dev.flags & ~IFF_NOARP);
    else if (word === '-arp') error = dev_change_flags(dev, dev.flags | IFF_NOARP);
    else {
      const [text, length] = word.split('/');
      address = in_aton(text);
      if (address === null) {
        process.stderr(`${word}: Unknown host\nifconfig: \`--help' gives usage information.\n`);
        return 1;
      }
      if (length !== undefined) mask = inet_make_mask(Number(length));
      // An address alone brings the device up.
      up ??= true;
    }
    if (error < 0) return fail('SIOCSIFFLAGS', error);
  }
  if (address !== null) {
    const error = setAddress(dev, address, mask, broadcast);
    if (error < 0) return fail('SIOCSIFADDR', error);
  }
  if (up !== null) {
    const error = dev_change_flags(dev, up ? dev.flags | IFF_UP : dev.flags & ~IFF_UP);
    if (error < 0) return fail('SIOCSIFFLAGS', error);
  }
  return 0;
}

function showRoutes(process: Process): void {
  process.stdout(
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n',
  );
  const table = fib_get_table(process.host.kernel.init_net, RT_TABLE_MAIN);
  if (table === null) return;
  for (const { dst, fa } of fib_table_dump(table)) {
    if (fa.tb_id !== RT_TABLE_MAIN) continue;
    const nh = fa.fa_info.fib_nh[0];
    const length = 32 - fa.fa_slen;
    const gateway = nh.nhc_gw_family !== 0;
    const flags = `${fa.fa_type === RTN_UNREACHABLE ? '!' : 'U'}${gateway ? 'G' : ''}${length === 32 ? 'H' : ''}`;
    const row = [in_ntoa(htonl(dst)), in_ntoa(gateway ? nh.nhc_gw4 : 0), in_ntoa(inet_make_mask(length))];
    process.stdout(
      `${row.map((cell) => cell.padEnd(15)).join(' ')} ${flags.padEnd(5)} ${String(fa.fa_info.fib_priority).padEnd(6)} 0        0 ${nh.nhc_dev?.name ?? '-'}\n`,
    );
  }
}

/** route add|del [-net|-host] target [netmask mask] [gw gateway] [metric n] [reject] [[dev] device] */
export function* route(process: Process): Task<number> {
  const [, ...words] = process.argv;
  while (words[0] === '-n') words.shift();
  const command = words.shift();
  if (command === undefined) {
    showRoutes(process);
    return 0;
  }
  if (command !== 'add' && command !== 'del') {
    process.stderr(
      'Usage: route [-n] | route {add|del} [-net|-host] target [netmask Nm] [gw Gw] [metric N] [[dev] If]\n',
    );
    return 4;
  }
  const net = process.host.kernel.init_net;
  const cfg = new fib_config();
  cfg.fc_table = RT_TABLE_MAIN;
  cfg.fc_protocol = RTPROT_BOOT;
  cfg.fc_type = RTN_UNICAST;
  let host: boolean | null = null;
  if (words[0] === '-net' || words[0] === '-host') host = words.shift() === '-host';
  const target = words.shift() ?? '';
  const [text, length] = target === 'default' ? ['0.0.0.0', '0'] : target.split('/');
  const destination = in_aton(text) ?? resolve(process.host, text);
  if (destination === null) {
    process.stderr(`${target}: Unknown host\n`);
    return 6;
  }
  cfg.fc_dst = destination;
  cfg.fc_dst_len = length !== undefined ? Number(length) : host === false ? inet_mask_len(classMask(destination)) : 32;
  while (words.length > 0) {
    const word = words.shift() as string;
    if (word === 'netmask') cfg.fc_dst_len = inet_mask_len(in_aton(words.shift() ?? '') ?? 0);
    else if (word === 'gw') {
      cfg.fc_gw4 = in_aton(words.shift() ?? '') ?? 0;
      cfg.fc_gw_family = 2;
    } else if (word === 'metric') cfg.fc_priority = Number(words.shift());
    else if (word === 'reject') cfg.fc_type = RTN_UNREACHABLE;
    else {
      const dev = __dev_get_by_name(net, word === 'dev' ? (words.shift() ?? '') : word);
      if (dev === null) {
        process.stderr(`SIOC${command === 'add' ? 'ADD' : 'DEL'}RT: ${strerror(ENODEV)}\n`);
        return 7;
      }
      cfg.fc_oif = dev.ifindex;
    }
  }
  if (cfg.fc_gw_family === 0) cfg.fc_scope = RT_SCOPE_LINK;
  if (command === 'del') cfg.fc_scope = RT_SCOPE_NOWHERE;
  if (command === 'del') cfg.fc_protocol = 0;
  cfg.fc_nlflags = command === 'add' ? NLM_F_CREATE | NLM_F_EXCL : 0;
  const error = command === 'add' ? inet_rtm_newroute(net, cfg) : inet_rtm_delroute(net, cfg);
  if (error < 0) {
    process.stderr(`SIOC${command === 'add' ? 'ADD' : 'DEL'}RT: ${strerror(error)}\n`);
    return 7;
  }
  return 0;
}

/** arp [-n] [-a], arp -d host */
export function* arp(process: Process): Task<number> {
  const [, ...words] = process.argv;
  const table = process.host.kernel.arp_tbl;
  if (words[0] === '-d') {
    const key = in_aton(words[1] ?? '');
    for (const n of [...table.nht]) {
      if (n.primary_key !== key) continue;
      const held = neigh_lookup(table, n.primary_key, n.dev);
      neigh_remove(n);
      if (held !== null) neigh_release(held);
      return 0;
    }
    process.stderr(`No ARP entry for ${words[1] ?? ''}\n`);
    return 255;
  }
  const bsd = words.includes('-a');
  if (!bsd) process.stdout('Address                  HWtype  HWaddress           Flags Mask            Iface\n');
  for (const n of table.nht) {
    if ((n.nud_state & NUD_NOARP) !== 0) continue;
    const known = (n.nud_state & NUD_VALID) !== 0;
    const address = in_ntoa(n.primary_key);
    const hardware = known ? hardwareAddress(n.ha, n.dev.addr_len) : bsd ? '<incomplete>' : '';
    if (bsd) process.stdout(`? (${address}) at ${hardware}${known ? ' [ether]' : ''} on ${n.dev.name}\n`);
    else if (known)
      process.stdout(`${address.padEnd(24)} ether   ${hardware.padEnd(19)} C                     ${n.dev.name}\n`);
    else process.stdout(`${address.padEnd(24)}         (incomplete)                              ${n.dev.name}\n`);
  }
  return 0;
}
