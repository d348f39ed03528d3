// ethtool(8): a device's driver (-i), link, and offloads shown (-k) and switched (-K).

import {
  NETIF_F_ALL_TSO,
  NETIF_F_CSUM_MASK,
  NETIF_F_FRAGLIST,
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_LRO,
  NETIF_F_RXCSUM,
  NETIF_F_SCTP_CRC,
  NETIF_F_SG,
  netdev_features_strings,
} from '../../stack/include/linux/netdev_features.js';
import { netif_carrier_ok, type net_device } from '../../stack/include/linux/netdevice.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { __dev_get_by_name, netdev_set_wanted_feature } from '../../stack/net/core/dev.js';
import type { Process } from '../process.js';

interface Group {
  readonly title: string;
  /** Word of -K. */
  readonly short: string;
  readonly mask: number;
}

/** The names that -k prints for groups of features, in its order. */
const GROUPS: readonly Group[] = [
  { title: 'rx-checksumming', short: 'rx', mask: NETIF_F_RXCSUM },
  { title: 'tx-checksumming', short: 'tx', mask: NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC },
  { title: 'scatter-gather', short: 'sg', mask: NETIF_F_SG | NETIF_F_FRAGLIST },
  { title: 'tcp-segmentation-offload', short: 'tso', mask: NETIF_F_ALL_TSO },
  { title: 'generic-segmentation-offload', short: 'gso', mask: NETIF_F_GSO },
  { title: 'generic-receive-offload', short: 'gro', mask: NETIF_F_GRO },
  { title: 'large-receive-offload', short: 'lro', mask: NETIF_F_LRO },
];

function state(dev: net_device, mask: number): string {
  const fixed = (dev.hw_features & mask) === 0 ? ' [fixed]' : '';
  const requested = (dev.wanted_features & mask) !== 0 && (dev.features & mask) === 0 ? ' [requested on]' : '';
  return `${(dev.features & mask) !== 0 ? 'on' : 'off'}${fixed !== '' ? fixed : requested}`;
}

function showFeatures(dev: net_device): string {
  let text = `Features for ${dev.name}:\n`;
  let shown = 0;
  for (const { title, mask } of GROUPS) {
    text += `${title}: ${state(dev, mask)}\n`;
    const members = netdev_features_strings.filter(({ feature }) => (feature & mask) !== 0);
    if (members.length > 1) for (const { feature, name } of members) text += `\t${name}: ${state(dev, feature)}\n`;
    shown |= mask;
  }
  for (const { feature, name } of netdev_features_strings) {
    if ((feature & shown) === 0) text += `${name}: ${state(dev, feature)}\n`;
  }
  return text;
}

function setFeatures(process: Process, dev: net_device, words: readonly string[]): number {
  if (words.length === 0 || words.length % 2 !== 0) return usage(process);
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i], words[i + 1]];
    const group = GROUPS.find(({ short, title }) => short === name || title === name);
    const single = netdev_features_strings.find((f) => f.name === name);
    const mask = group?.mask ?? single?.feature;
    if (mask === undefined || (value !== 'on' && value !== 'off')) return usage(process);
    const before = dev.features;
    netdev_set_wanted_feature(dev, mask & dev.hw_features, value === 'on');
    if ((mask & dev.hw_features) === 0 && ((before & mask) !== 0) !== (value === 'on')) {
      process.stderr(`Cannot change ${group?.title ?? name}\n`);
      process.stderr('Could not change any device features\n');
      return 1;
    }
  }
  return 0;
}

function usage(process: Process): number {
  process.stderr('ethtool: bad command line argument(s)\nFor more information run ethtool -h\n');
  return 1;
}

export function* ethtool(process: Process): Task<number> {
  const args = process.argv.slice(1);
  const option = args[0]?.startsWith('-') ? (args.shift() as string) : '';
  const name = args.shift();
  if (name === undefined) return usage(process);
  const dev = __dev_get_by_name(process.host.kernel.init_net, name);
  if (dev === null) {
    process.stderr(`netlink error: no device matches name (offset 24)\nnetlink error: No such device\n`);
    return 75;
  }
  switch (option) {
    case '-k':
    case '--show-features':
    case '--show-offload':
      process.stdout(showFeatures(dev));
      return 0;
    case '-K':
    case '--features':
    case '--offload':
      return setFeatures(process, dev, args);
    case '-i':
    case '--driver': {
      const info = dev.ethtool_ops?.get_drvinfo?.(dev) ?? { driver: '', version: '' };
      process.stdout(`driver: ${info.driver}\nversion: ${info.version}\n`);
      return 0;
    }
    case '':
      process.stdout(`Settings for ${dev.name}:\n\tLink detected: ${netif_carrier_ok(dev) ? 'yes' : 'no'}\n`);
      return 0;
    default:
      return usage(process);
  }
}
