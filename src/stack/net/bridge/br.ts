// The bridge module (net/bridge/br.c): boot, and what brctl(8) shows.

import { netif_is_bridge_master } from '../../include/linux/netdevice.js';
import type { int } from '../../include/linux/types.js';
import type { net } from '../../include/net/net_namespace.js';
import type { Kernel } from '../../kernel/kernel.js';
import { register_netdevice_notifier } from '../core/dev.js';
import { br_device_event } from './br_if.js';
import { netdev_bridge } from './br_private.js';

/** Boot. */
export function br_init(kernel: Kernel): int {
  return register_netdevice_notifier(kernel, { notifier_call: br_device_event });
}

/** What `brctl show` prints. */
export function br_show(net: net): string {
  let text = 'bridge name\tbridge id\t\tSTP enabled\tinterfaces\n';
  for (const dev of net.dev_base_head) {
    if (!netif_is_bridge_master(dev)) continue;
    const mac = [...dev.dev_addr.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const ports = [...netdev_bridge(dev).port_list].sort((a, b) => a.port_no - b.port_no).map((p) => p.dev.name);
    text += `${dev.name}\t\t8000.${mac}\tno\t\t${ports[0] ?? ''}\n`;
    for (const name of ports.slice(1)) text += `\t\t\t\t\t\t\t${name}\n`;
  }
  return text;
}
