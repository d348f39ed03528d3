// Two hosts on a wire, and frames between them: what the tests of devices, taps and qdiscs stand on.
import { veth_newlink } from '#tsprobe/stack/drivers/net/veth.js';
import { boot } from '#tsprobe/stack/init/main.js';
import { EventQueue } from '#tsprobe/stack/kernel/events.js';
import { run_as } from '#tsprobe/stack/kernel/current.js';
import type { Kernel } from '#tsprobe/stack/kernel/kernel.js';
import { dev_add_pack, dev_open, dev_queue_xmit } from '#tsprobe/stack/net/core/dev.js';
import { packet_type, type net_device } from '#tsprobe/stack/include/linux/netdevice.js';
import { alloc_skb, consume_skb, skb_copy_bits, skb_put, skb_reserve } from '#tsprobe/stack/include/linux/skbuff.js';

/** A protocol number of nobody (RFC 7042: for experiments), in network byte order. */
export const PROTO = 0xb588;

export interface Received {
  /** ns */
  time: number;
  payload: number[];
}

export class Pair {
  readonly events = new EventQueue();
  readonly A: Kernel;
  readonly B: Kernel;
  readonly a: net_device;
  readonly b: net_device;
  readonly received: Received[] = [];

  constructor(seed = 1) {
    this.A = boot({ name: 'A', events: this.events, seed });
    this.B = boot({ name: 'B', events: this.events, seed });
    const link = this.on(this.A, () => veth_newlink(this.A.init_net, 'eth0', this.B.init_net, 'eth0'));
    if (typeof link === 'number') throw new Error(`veth_newlink: ${link}`);
    this.a = link.dev;
    this.b = link.peer;
    this.on(this.A, () => dev_open(this.a));
    this.on(this.B, () => dev_open(this.b));
    const pt = new packet_type(PROTO, (skb) => {
      const bytes = new Uint8Array(skb.len);
      skb_copy_bits(skb, 0, bytes, 0, skb.len);
      this.received.push({ time: this.events.now, payload: [...bytes] });
      consume_skb(skb);
      return 0;
    });
    this.on(this.B, () => dev_add_pack(this.B, pt));
  }

  on<T>(kernel: Kernel, fn: () => T): T {
    return run_as(kernel.idle, fn, undefined);
  }

  /** Sends from A to B. @returns what dev_queue_xmit() said */
  send(payload: readonly number[], priority = 0): number {
    return this.on(this.A, () => {
      const skb = alloc_skb(64 + 14 + payload.length, 0);
      skb_reserve(skb, 64);
      const at = skb_put(skb, 14 + payload.length);
      skb.head.set(this.b.dev_addr.subarray(0, 6), at);
      skb.head.set(this.a.dev_addr.subarray(0, 6), at + 6);
      skb.head[at + 12] = PROTO & 0xff;
      skb.head[at + 13] = PROTO >>> 8;
      skb.head.set(payload, at + 14);
      skb.protocol = PROTO;
      skb.network_header = at + 14;
      skb.priority = priority;
      skb.dev = this.a;
      return dev_queue_xmit(skb);
    });
  }

  /** Runs all that is to happen until `time` (ns). */
  run(time = 1e12): void {
    this.events.runUntil(time);
  }
}
