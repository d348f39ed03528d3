// Hosts coming up, and a protocol of one's own.

import { htons } from '../../stack/include/linux/byteorder.js';
import { ETH_P_ALL } from '../../stack/include/linux/if_ether.js';
import { packet_type, type net_device } from '../../stack/include/linux/netdevice.js';
import type { sk_buff } from '../../stack/include/linux/skbuff.js';
import { run_as } from '../../stack/kernel/current.js';
import { pr_info } from '../../stack/kernel/printk.js';
import { dev_add_pack } from '../../stack/net/core/dev.js';
import { kfree_skb } from '../../stack/net/core/skbuff.js';
import { routed } from '../topologies/routed.js';
import { takeOptions, type Scenario } from './scenario.js';

export const boot: Scenario = {
  name: 'boot',
  summary: 'a host boots: address families, protocols, packet handlers and the loopback device are registered',
  options: '',
  start(lab, args) {
    takeOptions(args, []);
    lab.events.schedule(0, () => {
      lab.addHost('A');
    });
    lab.lingerFor(1_000_000);
  },
};

export const ownProtocol: Scenario = {
  name: 'own-protocol',
  summary: 'R has a packet handler of its own for all protocols (dev_add_pack), and sees a ping before ip_rcv does',
  options: 'those of ping',
  start(lab, args) {
    const { rest } = takeOptions(args, []);
    const { A, R } = routed(lab);
    const { kernel } = R;
    const my_protocol_rcv = (skb: sk_buff, dev: net_device): number => {
      pr_info(kernel, `my_protocol: ${skb.len} bytes on ${dev.name}`);
      kfree_skb(skb);
      return 0;
    };
    lab.events.schedule(lab.now, () =>
      run_as(
        kernel.idle,
        (pt: packet_type) => dev_add_pack(kernel, pt),
        new packet_type(htons(ETH_P_ALL), my_protocol_rcv),
      ),
    );
    lab.awaitProcess(A.spawn('ping', ['-c', '1', ...rest, '192.168.30.2']));
  },
};
