// The sysctls net.ipv4.neigh.* (net/core/neighbour.c; Documentation/networking/ip-sysctl.rst): of each device, and
// under `default` of those that have none of their own.

import { EINVAL } from '../../../include/linux/errno.js';
import {
  NEIGH_VAR_ANYCAST_DELAY,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NEIGH_VAR_DELAY_PROBE_TIME,
  NEIGH_VAR_GC_STALETIME,
  NEIGH_VAR_LOCKTIME,
  NEIGH_VAR_MCAST_PROBES,
  NEIGH_VAR_MCAST_REPROBES,
  NEIGH_VAR_PROXY_DELAY,
  NEIGH_VAR_PROXY_QLEN,
  NEIGH_VAR_QUEUE_LEN_BYTES,
  NEIGH_VAR_RETRANS_TIME,
  NEIGH_VAR_UCAST_PROBES,
  type neigh_parms,
  type neigh_table,
} from '../../../include/net/neighbour.js';
import type { int } from '../../../include/linux/types.js';
import { int_entry, register_sysctl, type ctl_table } from '../../../kernel/sysctl.js';

/** Units that a value is shown in: as it is, or so many a second (100 for USER_HZ). */
type Unit = 'plain' | 1 | 100 | 1000;

type Entry = readonly [name: string, index: int, unit: Unit];

/** The entries; made when asked for, for the indices may not be there yet while modules load. */
function neigh_vars(): readonly Entry[] {
  return [
    ['mcast_solicit', NEIGH_VAR_MCAST_PROBES, 'plain'],
    ['ucast_solicit', NEIGH_VAR_UCAST_PROBES, 'plain'],
    ['app_solicit', NEIGH_VAR_APP_PROBES, 'plain'],
    ['mcast_resolicit', NEIGH_VAR_MCAST_REPROBES, 'plain'],
    ['retrans_time', NEIGH_VAR_RETRANS_TIME, 100],
    ['retrans_time_ms', NEIGH_VAR_RETRANS_TIME, 1000],
    ['base_reachable_time', NEIGH_VAR_BASE_REACHABLE_TIME, 1],
    ['base_reachable_time_ms', NEIGH_VAR_BASE_REACHABLE_TIME, 1000],
    ['delay_first_probe_time', NEIGH_VAR_DELAY_PROBE_TIME, 1],
    ['gc_stale_time', NEIGH_VAR_GC_STALETIME, 1],
    ['unres_qlen_bytes', NEIGH_VAR_QUEUE_LEN_BYTES, 'plain'],
    ['proxy_qlen', NEIGH_VAR_PROXY_QLEN, 'plain'],
    ['anycast_delay', NEIGH_VAR_ANYCAST_DELAY, 100],
    ['proxy_delay', NEIGH_VAR_PROXY_DELAY, 100],
    ['locktime', NEIGH_VAR_LOCKTIME, 100],
  ];
}

/** A new default goes to the devices that have no value of their own. */
function neigh_copy_dflt_parms(tbl: neigh_table, index: int): void {
  for (const parms of tbl.parms_list) if (!parms.data_state[index]) parms.data[index] = tbl.parms.data[index];
}

/** Registers the sysctls of one set of parameters. @param name of the device, or `default` */
export function neigh_sysctl_register(name: string, parms: neigh_parms, tbl: neigh_table): void {
  const { kernel } = tbl;
  const table: ctl_table[] = neigh_vars().map(([procname, index, unit]) => {
    const scale = unit === 'plain' ? 1 : kernel.HZ / unit;
    return {
      procname,
      get: () => String(Math.floor(parms.data[index] / scale)),
      set(text) {
        if (!/^\d{1,9}$/.test(text)) return -EINVAL;
        parms.data[index] = Math.ceil(Number(text) * scale);
        if (parms === tbl.parms) neigh_copy_dflt_parms(tbl, index);
        else parms.data_state[index] = true;
        return 0;
      },
    };
  });
  if (parms === tbl.parms) {
    table.push(
      int_entry('gc_thresh1', tbl, 'gc_thresh1', 0),
      int_entry('gc_thresh2', tbl, 'gc_thresh2', 0),
      int_entry('gc_thresh3', tbl, 'gc_thresh3', 0),
    );
  }
  register_sysctl(kernel, `net/ipv4/neigh/${name}`, table);
}

/** Takes away the sysctls of a device. @param name of the device */
export function neigh_sysctl_unregister(name: string, tbl: neigh_table): void {
  for (const [procname] of neigh_vars()) tbl.kernel.sysctl.delete(`net/ipv4/neigh/${name}/${procname}`);
}
