// A bridge and its ports (net/bridge/br_private.h; IEEE 802.1D). Left out: spanning tree, VLAN filtering, multicast
// snooping, MRP, CFM.

import type { net_device } from '../../include/linux/netdevice.js';
import { timer_list } from '../../include/linux/timer.js';
import type { u16, u32, u8, ulong } from '../../include/linux/types.js';

export const BR_STATE_DISABLED = 0;
export const BR_STATE_LISTENING = 1;
export const BR_STATE_LEARNING = 2;
export const BR_STATE_FORWARDING = 3;
export const BR_STATE_BLOCKING = 4;

/** Bits of net_bridge_port.flags. */
export const BR_HAIRPIN_MODE = 1 << 0;
export const BR_LEARNING = 1 << 5;
export const BR_FLOOD = 1 << 6;
export const BR_MCAST_FLOOD = 1 << 11;
export const BR_BCAST_FLOOD = 1 << 14;
export const BR_ISOLATED = 1 << 16;

export const NF_BR_PRE_ROUTING = 0;
export const NF_BR_LOCAL_IN = 1;
export const NF_BR_FORWARD = 2;
export const NF_BR_LOCAL_OUT = 3;
export const NF_BR_POST_ROUTING = 4;

export const BR_PKT_UNICAST = 0;
export const BR_PKT_MULTICAST = 1;
export const BR_PKT_BROADCAST = 2;

/** Where an address was seen. `dst` is null for the bridge's own addresses. */
export class net_bridge_fdb_entry {
  readonly addr: Uint8Array;
  dst: net_bridge_port | null;
  is_local: boolean;
  is_static: boolean;
  /** jiffies */
  updated: ulong;
  used: ulong;

  constructor(addr: Uint8Array, dst: net_bridge_port | null, is_local: boolean, now: ulong) {
    this.addr = addr;
    this.dst = dst;
    this.is_local = is_local;
    this.is_static = is_local;
    this.updated = now;
    this.used = now;
  }
}

export class net_bridge {
  readonly dev: net_device;
  port_list: net_bridge_port[] = [];
  /** Entries by address as a 48-bit number. */
  readonly fdb: Map<number, net_bridge_fdb_entry> = new Map();
  /** jiffies that an address is remembered */
  ageing_time: ulong = 0;
  readonly gc_timer: timer_list = new timer_list();
  /** Whether a user set the address: else it is the lowest of the ports'. */
  addr_set = false;

  constructor(dev: net_device) {
    this.dev = dev;
  }
}

export class net_bridge_port {
  readonly br: net_bridge;
  readonly dev: net_device;
  port_no: u16;
  state: u8 = BR_STATE_DISABLED;
  flags: u32 = BR_LEARNING | BR_FLOOD | BR_MCAST_FLOOD | BR_BCAST_FLOOD;

  constructor(br: net_bridge, dev: net_device, port_no: u16) {
    this.br = br;
    this.dev = dev;
    this.port_no = port_no;
  }
}

/** @notrace */
export function netdev_bridge(dev: net_device): net_bridge {
  return dev.priv as net_bridge;
}

/** The port that a device is, or null. @notrace */
export function br_port_get(dev: net_device): net_bridge_port | null {
  return dev.rx_handler_data instanceof net_bridge_port ? dev.rx_handler_data : null;
}

/** An address as a number. @param at where it begins @notrace */
export function mac_key(buf: Uint8Array, at: number): number {
  return (
    ((buf[at] << 8) | buf[at + 1]) * 0x100000000 +
    (((buf[at + 2] << 24) | (buf[at + 3] << 16) | (buf[at + 4] << 8) | buf[at + 5]) >>> 0)
  );
}
