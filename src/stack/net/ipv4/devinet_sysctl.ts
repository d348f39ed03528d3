// The sysctls of each device: net.ipv4.conf.DEV.* (net/ipv4/devinet.c, Documentation/networking/ip-sysctl.rst).

import { EINVAL } from '../../include/linux/errno.js';
import {
  IPV4_DEVCONF_ACCEPT_REDIRECTS,
  IPV4_DEVCONF_FORWARDING,
  IPV4_DEVCONF_MAX,
  IPV4_DEVCONF_PROMOTE_SECONDARIES,
  IPV4_DEVCONF_ROUTE_LOCALNET,
  IPV4_DEVCONF_ACCEPT_LOCAL,
} from '../../include/linux/inetdevice.js';
import type { in_device, ipv4_devconf } from '../../include/linux/inetdevice.js';
import type { net } from '../../include/net/net_namespace.js';
import { register_sysctl, unregister_sysctl } from '../../kernel/sysctl.js';
import type { ctl_table } from '../../kernel/sysctl.js';
import { dev_disable_lro } from '../core/dev.js';
import { rt_cache_flush } from './route.js';
import type { int } from '../../include/linux/types.js';

/** Names by IPV4_DEVCONF_* less one; '' where there is no file. */
const names: readonly string[] = [
  'forwarding',
  'mc_forwarding',
  'proxy_arp',
  'accept_redirects',
  'secure_redirects',
  'send_redirects',
  'shared_media',
  'rp_filter',
  'accept_source_route',
  'bootp_relay',
  'log_martians',
  'tag',
  'arp_filter',
  'medium_id',
  'disable_xfrm',
  'disable_policy',
  'force_igmp_version',
  'arp_announce',
  'arp_ignore',
  'promote_secondaries',
  'arp_accept',
  'arp_notify',
  'accept_local',
  'src_valid_mark',
  'proxy_arp_pvlan',
  'route_localnet',
  'igmpv2_unsolicited_report_interval',
  'igmpv3_unsolicited_report_interval',
  'ignore_routes_with_linkdown',
  'drop_unicast_in_l2_multicast',
  'drop_gratuitous_arp',
  'bc_forwarding',
  'arp_evict_nocarrier',
];

/** A host that becomes a router does not believe redirects any more; on all devices. */
export function inet_forward_change(net: net): void {
  const on = net.ipv4.devconf_all.data[IPV4_DEVCONF_FORWARDING - 1];
  net.ipv4.devconf_all.data[IPV4_DEVCONF_ACCEPT_REDIRECTS - 1] = on !== 0 ? 0 : 1;
  net.ipv4.devconf_dflt.data[IPV4_DEVCONF_FORWARDING - 1] = on;
  for (const dev of net.dev_base_head) {
    if (on !== 0) dev_disable_lro(dev);
    if (dev.ip_ptr !== null) dev.ip_ptr.cnf.data[IPV4_DEVCONF_FORWARDING - 1] = on;
  }
}

/** A new default reaches the devices on which the entry was not set by itself. */
export function devinet_copy_dflt_conf(net: net, i: int): void {
  for (const dev of net.dev_base_head) {
    const in_dev = dev.ip_ptr;
    if (in_dev !== null && in_dev.cnf.state[i] === 0) in_dev.cnf.data[i] = net.ipv4.devconf_dflt.data[i];
  }
}

/** @notrace */
function entry(net: net, cnf: ipv4_devconf, i: int): ctl_table {
  return {
    procname: names[i],
    get: () => String(cnf.data[i]),
    set: (text) => {
      if (!/^-?\d+$/.test(text)) return -EINVAL;
      const val = Number(text);
      const old = cnf.data[i];
      cnf.data[i] = val;
      cnf.state[i] = 1;
      if (cnf === net.ipv4.devconf_dflt) devinet_copy_dflt_conf(net, i);
      if (i === IPV4_DEVCONF_FORWARDING - 1 && old !== val && cnf === net.ipv4.devconf_all) inet_forward_change(net);
      const flushes =
        i === IPV4_DEVCONF_FORWARDING - 1 ||
        i === IPV4_DEVCONF_ROUTE_LOCALNET - 1 ||
        i === IPV4_DEVCONF_ACCEPT_LOCAL - 1 ||
        i === IPV4_DEVCONF_PROMOTE_SECONDARIES - 1;
      if (flushes && old !== val) rt_cache_flush(net);
      return 0;
    },
  };
}

/** @notrace */
function table(net: net, cnf: ipv4_devconf): ctl_table[] {
  const out: ctl_table[] = [];
  for (let i = 0; i < IPV4_DEVCONF_MAX; i++) out.push(entry(net, cnf, i));
  return out;
}

export function devinet_sysctl_register(in_dev: in_device): void {
  const net = in_dev.dev.nd_net;
  register_sysctl(net.kernel, `net/ipv4/conf/${in_dev.dev.name}`, table(net, in_dev.cnf));
}

export function devinet_sysctl_unregister(in_dev: in_device): void {
  const net = in_dev.dev.nd_net;
  unregister_sysctl(net.kernel, `net/ipv4/conf/${in_dev.dev.name}`, table(net, in_dev.cnf));
}

/** conf/all, conf/default, and ip_forward, which is all's forwarding. */
export function devinet_sysctl_init(net: net): void {
  register_sysctl(net.kernel, 'net/ipv4/conf/all', table(net, net.ipv4.devconf_all));
  register_sysctl(net.kernel, 'net/ipv4/conf/default', table(net, net.ipv4.devconf_dflt));
  const forward = entry(net, net.ipv4.devconf_all, IPV4_DEVCONF_FORWARDING - 1);
  register_sysctl(net.kernel, 'net/ipv4', [{ ...forward, procname: 'ip_forward' }]);
}
