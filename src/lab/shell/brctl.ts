// brctl(8): bridges made, shown and given ports. The spanning tree is not there: `stp … on` is refused.

import { strerror } from '../../stack/include/linux/errno.js';
import { netif_is_bridge_master, type net_device } from '../../stack/include/linux/netdevice.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { br_show } from '../../stack/net/bridge/br.js';
import { br_fdb_show } from '../../stack/net/bridge/br_fdb.js';
import { br_add_bridge, br_add_if, br_del_bridge, br_del_if } from '../../stack/net/bridge/br_if.js';
import { netdev_bridge } from '../../stack/net/bridge/br_private.js';
import { __dev_get_by_name } from '../../stack/net/core/dev.js';
import type { Process } from '../process.js';

const USAGE = `Usage: brctl [commands]
commands:
\taddbr     \t<bridge>\t\tadd bridge
\tdelbr     \t<bridge>\t\tdelete bridge
\taddif     \t<bridge> <device>\tadd interface to bridge
\tdelif     \t<bridge> <device>\tdelete interface from bridge
\tsetageing \t<bridge> <time>\t\tset ageing time
\tshow      \t[ <bridge> ]\t\tshow a list of bridges
\tshowmacs  \t<bridge>\t\tshow a list of mac addrs
\tstp       \t<bridge> {on|off}\tturn stp on/off
`;

const PORT_ERRORS: Readonly<Record<number, (dev: string, br: string) => string>> = {
  [-16]: (dev) => `device ${dev} is already a member of a bridge; can't enslave it to bridge`,
  [-22]: (dev, br) => `can't add ${dev} to bridge ${br}: Invalid argument`,
  [-40]: (dev) => `device ${dev} is a bridge device itself; can't enslave a bridge device to a bridge device.`,
};

export function* brctl(process: Process): Task<number> {
  const [command, name = '', value = ''] = process.argv.slice(1);
  const net = process.host.kernel.init_net;
  const fail = (text: string): number => {
    process.stderr(`${text}\n`);
    return 1;
  };
  if (command === 'show') {
    process.stdout(br_show(net));
    return 0;
  }
  if (command === undefined || name === '') {
    process.stderr(USAGE);
    return 1;
  }
  if (command === 'addbr') {
    const err = br_add_bridge(net, name);
    if (err === -17) return fail(`device ${name} already exists; can't create bridge with the same name`);
    return err < 0 ? fail(`add bridge failed: ${strerror(err)}`) : 0;
  }
  if (command === 'delbr') {
    const err = br_del_bridge(net, name);
    if (err === -6) return fail(`bridge ${name} doesn't exist; can't delete it`);
    if (err === -16) return fail(`bridge ${name} is still up; can't delete it`);
    return err < 0 ? fail(`can't delete bridge ${name}: ${strerror(err)}`) : 0;
  }
  const dev = __dev_get_by_name(net, name);
  if (dev === null || !netif_is_bridge_master(dev)) return fail(`bridge ${name} does not exist!`);
  return onBridge(process, dev, command, value, fail);
}

function onBridge(
  process: Process,
  dev: net_device,
  command: string,
  value: string,
  fail: (text: string) => number,
): number {
  const br = netdev_bridge(dev);
  switch (command) {
    case 'addif':
    case 'delif': {
      const port = __dev_get_by_name(process.host.kernel.init_net, value);
      if (port === null) return fail(`interface ${value} does not exist!`);
      const err = command === 'addif' ? br_add_if(br, port) : br_del_if(br, port);
      if (err >= 0) return 0;
      if (command === 'delif') return fail(`device ${value} is not a slave of ${dev.name}`);
      return fail(PORT_ERRORS[err]?.(value, dev.name) ?? `can't add ${value} to bridge ${dev.name}: ${strerror(err)}`);
    }
    case 'showmacs':
      process.stdout(br_fdb_show(br));
      return 0;
    case 'setageing':
      if (!/^\d+(\.\d+)?$/.test(value)) return fail('bad ageing time value');
      br.ageing_time = Math.round(Number(value) * process.host.kernel.HZ);
      return 0;
    case 'stp':
      if (value === 'off' || value === 'no' || value === '0') return 0;
      return fail('set stp status failed: Operation not supported');
    default:
      process.stderr(`never heard of command [${command}]\n${USAGE}`);
      return 1;
  }
}
