import { expect, test } from 'vitest';
import { veth_newlink } from '#tsprobe/stack/drivers/net/veth.js';
import { boot } from '#tsprobe/stack/init/main.js';
import { run_as } from '#tsprobe/stack/kernel/current.js';
import { EventQueue } from '#tsprobe/stack/kernel/events.js';
import type { Kernel } from '#tsprobe/stack/kernel/kernel.js';
import { __dev_get_by_name, dev_add_pack, dev_open, dev_queue_xmit } from '#tsprobe/stack/net/core/dev.js';
import { packet_type, type net_device } from '#tsprobe/stack/include/linux/netdevice.js';
import { alloc_skb, consume_skb, skb_put, skb_reserve } from '#tsprobe/stack/include/linux/skbuff.js';
import { br_show } from '#tsprobe/stack/net/bridge/br.js';
import { br_fdb_show } from '#tsprobe/stack/net/bridge/br_fdb.js';
import { br_add_bridge, br_add_if, br_del_bridge, br_del_if } from '#tsprobe/stack/net/bridge/br_if.js';
import { netdev_bridge } from '#tsprobe/stack/net/bridge/br_private.js';
import { PROTO } from '../pair.js';

const SECOND = 1e9;
const BROADCAST = [255, 255, 255, 255, 255, 255];

/** A machine with a bridge, and three hosts on it. */
class Bridged {
  readonly events = new EventQueue();
  readonly M: Kernel;
  readonly hosts: { kernel: Kernel; dev: net_device; got: string[] }[] = [];
  readonly ports: net_device[] = [];
  readonly br: net_device;
  readonly up: string[] = [];

  constructor() {
    this.M = boot({ name: 'M', events: this.events, seed: 1 });
    const net = this.M.init_net;
    expect(this.at(this.M, () => br_add_bridge(net, 'br0'))).toBe(0);
    this.br = __dev_get_by_name(net, 'br0') as net_device;
    this.at(this.M, () => dev_open(this.br));
    this.listen(this.M, this.up);
    for (const name of ['A', 'B', 'C']) {
      const kernel = boot({ name, events: this.events, seed: 1 });
      const link = this.at(this.M, () => veth_newlink(net, `port${name}`, kernel.init_net, 'eth0'));
      if (typeof link === 'number') throw new Error(`veth_newlink: ${link}`);
      const got: string[] = [];
      this.hosts.push({ kernel, dev: link.peer, got });
      this.ports.push(link.dev);
      this.at(kernel, () => dev_open(link.peer));
      this.at(this.M, () => dev_open(link.dev));
      expect(this.at(this.M, () => br_add_if(netdev_bridge(this.br), link.dev))).toBe(0);
      this.listen(kernel, got);
    }
    this.run();
  }

  at<T>(kernel: Kernel, fn: () => T): T {
    return run_as(kernel.idle, fn, undefined);
  }

  listen(kernel: Kernel, got: string[]): void {
    const pt = new packet_type(PROTO, (skb) => {
      // A promiscuous device hands up frames for others too; those are not for this host.
      if (skb.pkt_type !== 3) got.push(String.fromCharCode(skb.head[skb.data]));
      consume_skb(skb);
      return 0;
    });
    this.at(kernel, () => dev_add_pack(kernel, pt));
  }

  send(kernel: Kernel, dev: net_device, to: ArrayLike<number>, letter: string): void {
    this.at(kernel, () => {
      const skb = alloc_skb(200, 0);
      skb_reserve(skb, 64);
      const at = skb_put(skb, 60);
      skb.head.fill(0, at, at + 60);
      skb.head.set(Array.from(to).slice(0, 6), at);
      skb.head.set(dev.dev_addr.subarray(0, 6), at + 6);
      skb.head.set([PROTO & 255, PROTO >> 8, letter.charCodeAt(0)], at + 12);
      skb.protocol = PROTO;
      skb.network_header = at + 14;
      skb.dev = dev;
      return dev_queue_xmit(skb);
    });
    this.run();
  }

  run(until = this.events.now): void {
    this.events.runUntil(until);
  }

  get received(): string {
    return [...this.hosts.map((h) => h.got.join('')), this.up.join('')].join('|');
  }
}

test('an unknown address goes everywhere, a learnt one to its port alone', () => {
  const net = new Bridged();
  const [A, B] = net.hosts;
  net.send(A.kernel, A.dev, B.dev.dev_addr, 'x');
  expect(net.received).toBe('|x||');
  // C's port was flooded: C saw the frame as one for another host.
  expect(net.ports[2].stats.tx_packets).toBe(1);
  net.send(B.kernel, B.dev, A.dev.dev_addr, 'y');
  net.send(A.kernel, A.dev, B.dev.dev_addr, 'z');
  expect(net.received).toBe('y|xz||');
  expect(net.ports[2].stats.tx_packets).toBe(1);
});

test('broadcast reaches all, the bridge host too; its own address the host alone', () => {
  const net = new Bridged();
  const [A, B] = net.hosts;
  net.send(A.kernel, A.dev, BROADCAST, 'b');
  expect(net.received).toBe('|b|b|b');
  net.send(B.kernel, B.dev, net.br.dev_addr, 'h');
  expect(net.received).toBe('|b|b|bh');
});

test('the bridge host sends by the port that it knows', () => {
  const net = new Bridged();
  const [A] = net.hosts;
  net.send(A.kernel, A.dev, BROADCAST, 'b');
  net.send(net.M, net.br, A.dev.dev_addr, 'r');
  expect(net.received).toBe('r|b|b|b');
  net.send(net.M, net.br, BROADCAST, 's');
  expect(net.received).toBe('rs|bs|bs|b');
});

test('an address is forgotten after 300 s', () => {
  const net = new Bridged();
  const [A, B] = net.hosts;
  net.send(A.kernel, A.dev, BROADCAST, 'b');
  expect(
    br_fdb_show(netdev_bridge(net.br))
      .split('\n')
      .filter((line) => line.includes('\tno\t')),
  ).toHaveLength(1);
  net.run(301 * SECOND);
  expect(
    br_fdb_show(netdev_bridge(net.br))
      .split('\n')
      .filter((line) => line.includes('\tno\t')),
  ).toHaveLength(0);
  net.send(B.kernel, B.dev, A.dev.dev_addr, 'y');
  expect(net.ports[2].stats.tx_packets).toBe(2);
});

test('frames with a group address as sender, and pause frames, are dropped', () => {
  const net = new Bridged();
  const [A] = net.hosts;
  A.dev.dev_addr[0] |= 1;
  net.send(A.kernel, A.dev, BROADCAST, 'g');
  A.dev.dev_addr[0] &= ~1;
  net.send(A.kernel, A.dev, [1, 0x80, 0xc2, 0, 0, 1], 'p');
  expect(net.received).toBe('|||');
});

test('ports come and go; brctl shows them', () => {
  const net = new Bridged();
  const br = netdev_bridge(net.br);
  expect(br_show(net.M.init_net).split('\n')[1]).toMatch(/^br0\t\t8000\.[0-9a-f]{12}\tno\t\tportA$/);
  expect(net.at(net.M, () => br_add_if(br, net.ports[0]))).toBe(-16);
  expect(net.at(net.M, () => br_add_if(br, net.br))).toBe(-40);
  expect(net.at(net.M, () => br_del_if(br, net.ports[0]))).toBe(0);
  expect(net.at(net.M, () => br_del_if(br, net.ports[0]))).toBe(-22);
  expect(net.ports[0].promiscuity).toBe(0);
  expect(net.at(net.M, () => br_del_bridge(net.M.init_net, 'br0'))).toBe(-16);
  expect(net.at(net.M, () => br_del_bridge(net.M.init_net, 'portB'))).toBe(-1);
  expect(net.at(net.M, () => br_del_bridge(net.M.init_net, 'nosuch'))).toBe(-6);
});
