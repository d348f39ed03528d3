// /proc/net/dev, ptype and softnet_stat (net/core/net-procfs.c).

import { ntohs } from '../../include/linux/byteorder.js';
import { ETH_P_ALL } from '../../include/linux/if_ether.js';
import { rtnl_link_stats64, type net_device, type packet_type } from '../../include/linux/netdevice.js';
import type { net } from '../../include/net/net_namespace.js';
import type { Kernel } from '../../kernel/kernel.js';
import { dev_get_stats } from './dev/stats.js';

function dev_seq_printf_stats(dev: net_device): string {
  const s = dev_get_stats(dev, new rtnl_link_stats64());
  const cells: [number, number][] = [
    [s.rx_bytes, 7],
    [s.rx_packets, 7],
    [s.rx_errors, 4],
    [s.rx_dropped + s.rx_missed_errors, 4],
    [s.rx_fifo_errors, 4],
    [s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors, 5],
    [s.rx_compressed, 10],
    [s.multicast, 9],
    [s.tx_bytes, 8],
    [s.tx_packets, 7],
    [s.tx_errors, 4],
    [s.tx_dropped, 4],
    [s.tx_fifo_errors, 4],
    [s.collisions, 5],
    [s.tx_carrier_errors + s.tx_aborted_errors + s.tx_window_errors + s.tx_heartbeat_errors, 7],
    [s.tx_compressed, 10],
  ];
  return `${dev.name.padStart(6)}: ${cells.map(([value, width]) => String(value).padStart(width)).join(' ')}\n`;
}

/** The text of /proc/net/dev. */
export function dev_seq_show(net: net): string {
  let text =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  for (const dev of net.dev_base_head) text += dev_seq_printf_stats(dev);
  return text;
}

function ptype_line(pt: packet_type): string {
  const type = ntohs(pt.type);
  const name = type === ETH_P_ALL ? 'ALL ' : type.toString(16).padStart(4, '0');
  return `${name} ${(pt.dev?.name ?? '').padEnd(8)} ${pt.func.name}\n`;
}

/** The text of /proc/net/ptype. */
export function ptype_seq_show(kernel: Kernel): string {
  let text = 'Type Device      Function\n';
  for (const dev of kernel.init_net.dev_base_head) {
    for (const pt of [...dev.ptype_all, ...dev.ptype_specific]) text += ptype_line(pt);
  }
  for (const pt of kernel.ptype_all) text += ptype_line(pt);
  for (const list of kernel.ptype_base) for (const pt of list) text += ptype_line(pt);
  return text;
}

/** The text of /proc/net/softnet_stat: one processor's counts, in hexadecimal. */
export function softnet_seq_show(kernel: Kernel): string {
  const sd = kernel.softnet_data;
  const cells = [sd.processed, sd.dropped, sd.time_squeeze, 0, 0, 0, 0, 0, 0, sd.received_rps, 0];
  cells.push(sd.input_pkt_queue.qlen + sd.process_queue.qlen, 0, sd.input_pkt_queue.qlen, sd.process_queue.qlen);
  return `${cells.map((value) => (value >>> 0).toString(16).padStart(8, '0')).join(' ')}\n`;
}

/** Boot. */
export function dev_proc_init(kernel: Kernel): number {
  kernel.proc.set('net/dev', () => dev_seq_show(kernel.init_net));
  kernel.proc.set('net/ptype', () => ptype_seq_show(kernel));
  kernel.proc.set('net/softnet_stat', () => softnet_seq_show(kernel));
  return 0;
}
