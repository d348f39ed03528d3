// netstat(8) of net-tools 2.10, in the subset that labs use.
//   netstat [-t] [-u] [-l | -a] [-n] [-o] [-p]     sockets
//   netstat -s [-t] [-u]                           counters, netstat-counters.ts
//   netstat -r [-n], netstat -i [-a]               routes, devices
// Names of hosts and services are left out: addresses and ports are always numbers.

import { rtnl_link_stats64 } from '../../stack/include/linux/netdevice.js';
import { dev_get_stats } from '../../stack/net/core/dev/stats.js';
import { IFF_ALLMULTI, IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST } from '../../stack/include/linux/if.js';
import { IFF_NOARP, IFF_POINTOPOINT, IFF_PROMISC, IFF_RUNNING, IFF_UP } from '../../stack/include/linux/if.js';
import { in_ntoa } from '../../stack/include/linux/in_addr.js';
import { RTF_GATEWAY, RTF_HOST, RTF_REJECT, RTF_UP } from '../../stack/include/linux/rtnetlink.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { TCP_ESTABLISHED, TCP_LISTEN } from '../../stack/include/net/tcp_states.js';
import type { Kernel } from '../../stack/kernel/kernel.js';
import { dev_get_flags } from '../../stack/net/core/dev.js';
import { getopt } from '../apps/getopt.js';
import type { Process } from '../process.js';
import { counters } from './netstat-counters.js';
import { type SocketEntry, socketUsers, tcpSockets, udpSockets } from './ss.js';

/** States by their numbers in the kernel. */
const STATES: readonly string[] =
  ' ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING'.split(' ');

/** Letters of the column Flg. */
const FLAGS: readonly (readonly [number, string])[] = [
  [IFF_ALLMULTI, 'A'],
  [IFF_BROADCAST, 'B'],
  [IFF_LOOPBACK, 'L'],
  [IFF_MULTICAST, 'M'],
  [IFF_NOARP, 'O'],
  [IFF_PROMISC, 'P'],
  [IFF_POINTOPOINT, 'P'],
  [IFF_RUNNING, 'R'],
  [IFF_UP, 'U'],
];

function timerText({ timer }: SocketEntry): string {
  if (timer === null) return 'off (0.00/0/0)';
  const name = timer.name === 'persist' ? 'probe' : timer.name;
  const keepalive = timer.name === 'keepalive' || timer.name === 'persist';
  const counts = keepalive ? `0/${timer.retransmits}` : `${timer.retransmits}/0`;
  return `${name} (${(timer.left / 1000).toFixed(2)}/${counts})`;
}

function endText(address: number, port: number): string {
  return `${in_ntoa(address)}:${port === 0 ? '*' : port}`.padEnd(23);
}

function showSockets(process: Process, letters: ReadonlySet<string>): void {
  const { kernel } = process.host;
  const both = letters.has('t') === letters.has('u');
  const all = letters.has('a');
  const what = all ? 'servers and established' : letters.has('l') ? 'only servers' : 'w/o servers';
  let text = `Active Internet connections (${what})\n`;
  text += 'Proto Recv-Q Send-Q Local Address           Foreign Address         State      ';
  if (letters.has('p')) text += ' PID/Program name    ';
  if (letters.has('o')) text += ' Timer';
  text += '\n';
  const entries = [
    ...(both || letters.has('t') ? tcpSockets(kernel) : []),
    ...(both || letters.has('u') ? udpSockets(kernel) : []),
  ];
  for (const entry of entries) {
    const server = entry.netid === 'tcp' ? entry.state === TCP_LISTEN : entry.state !== TCP_ESTABLISHED;
    if (!all && server !== letters.has('l')) continue;
    const state = entry.netid === 'udp' && server ? '' : STATES[entry.state];
    // A listener's limit is not in /proc/net/tcp.
    const sent = entry.state === TCP_LISTEN ? 0 : entry.sendQueue;
    text += `${entry.netid}   ${String(entry.receiveQueue).padStart(6)} ${String(sent).padStart(6)} `;
    text += `${endText(entry.local, entry.localPort)} ${endText(entry.peer, entry.peerPort)} ${state.padEnd(11)}`;
    if (letters.has('p')) {
      const user = socketUsers(kernel, entry.sk).at(0);
      text += ` ${(user === undefined ? '-' : `${user.pid}/${user.name}`).slice(0, 19).padEnd(20)}`;
    }
    if (letters.has('o')) text += ` ${timerText(entry)}`;
    text += '\n';
  }
  process.stdout(text);
}

/** The main table as /proc/net/route has it. */
function showRoutes(process: Process, numeric: boolean): void {
  let text =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n';
  const lines = (process.host.kernel.proc.get('net/route')?.() ?? '').split('\n').slice(1);
  for (const line of lines) {
    const cells = line.trim().split('\t');
    if (cells.length < 11) continue;
    const [device, destination, gateway, flagsText, , , , mask, mss, window, irtt] = cells;
    const flags = parseInt(flagsText, 16);
    const names: readonly (readonly [number, string])[] = [
      [RTF_UP, 'U'],
      [RTF_GATEWAY, 'G'],
      [RTF_HOST, 'H'],
    ];
    const letters = names.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
    const address = (hex: string): string => in_ntoa(parseInt(hex, 16)).padEnd(15);
    const target = !numeric && parseInt(mask, 16) === 0 ? 'default'.padEnd(15) : address(destination);
    text += `${target} ${address(gateway)} ${address(mask)} `;
    text += `${(flags & RTF_REJECT) !== 0 ? '!H' : letters.join('')}`.padEnd(5);
    text += ` ${mss.padStart(5)} ${window.padEnd(5)} ${irtt.padStart(6)} ${device === '*' ? '-' : device}\n`;
  }
  process.stdout(text);
}

function showDevices(kernel: Kernel, all: boolean): string {
  let text =
    'Kernel Interface table\n' +
    'Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n';
  const devices = [...kernel.init_net.dev_base_head].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const dev of devices) {
    const flags = dev_get_flags(dev);
    if (!all && (flags & IFF_UP) === 0) continue;
    const s = dev_get_stats(dev, new rtnl_link_stats64());
    const received = [s.rx_errors, s.rx_dropped + s.rx_missed_errors];
    const sent = [s.tx_errors, s.tx_dropped, s.tx_fifo_errors];
    const cells = (values: number[]): string => values.map((value) => String(value).padStart(6)).join(' ');
    text += `${dev.name.padEnd(15)} ${String(dev.mtu).padStart(5)} ${String(s.rx_packets).padStart(8)} `;
    text += `${cells(received)} ${String(s.rx_fifo_errors).padEnd(6)} `;
    text += `${String(s.tx_packets).padStart(8)} ${cells(sent)} `;
    const letters = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
    text += `${letters.join('') || '[NO FLAGS]'}\n`;
  }
  return text;
}

export function* netstat(process: Process): Task<number> {
  const { kernel } = process.host;
  const parsed = getopt(process, 'tulanopsri4');
  if (parsed === null) return 3;
  const letters = new Set(parsed.options.map(([letter]) => letter));
  if (letters.has('s')) {
    const protocols = ['t', 'u'].filter((letter) => letters.has(letter));
    const files = ['net/snmp', 'net/netstat'].map((name) => kernel.proc.get(name)?.() ?? '');
    process.stdout(counters(files.join(''), protocols));
  } else if (letters.has('r')) showRoutes(process, letters.has('n'));
  else if (letters.has('i')) process.stdout(showDevices(kernel, letters.has('a')));
  else showSockets(process, letters);
  return 0;
}
