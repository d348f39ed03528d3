// ss(8) of iproute2, in the subset that labs use: TCP and UDP sockets, with timers, memory, tcp_info and users.
//   ss [-H] [-t] [-u] [-l | -a] [-n] [-o] [-m] [-i] [-p] [-O] [state STATE] [dport = :PORT] [sport = :PORT]
// Read beside it: ss(8), /proc/net/tcp (tcp_ipv4/proc.ts). What is left out: names of services (ports are always
// numbers), other families, -s, -e, expressions with `or` and brackets.

import { ntohs } from '../../stack/include/linux/byteorder.js';
import { in_ntoa } from '../../stack/include/linux/in_addr.js';
import { jiffies_to_msecs } from '../../stack/include/linux/jiffies.js';
import { socket } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { tcp_sk } from '../../stack/include/linux/tcp.js';
import { timer_pending } from '../../stack/include/linux/timer.js';
import { udp_sk } from '../../stack/include/linux/udp.js';
import {
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_PROBE0,
  ICSK_TIME_REO_TIMEOUT,
  ICSK_TIME_RETRANS,
  inet_csk,
} from '../../stack/include/net/inet_connection_sock.js';
import { inet_sk } from '../../stack/include/net/inet_sock.js';
import { inet_twsk } from '../../stack/include/net/inet_timewait_sock.js';
import { inet_reqsk } from '../../stack/include/net/request_sock.js';
import { sk_rmem_alloc_get, sk_wmem_alloc_get } from '../../stack/include/net/sock.js';
import type { sock, sock_common } from '../../stack/include/net/sock.js';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../../stack/include/net/tcp_states.js';
import { TCP_NEW_SYN_RECV, TCP_SYN_RECV, TCP_TIME_WAIT } from '../../stack/include/net/tcp_states.js';
import type { Kernel } from '../../stack/kernel/kernel.js';
import { tcp_seq_sockets } from '../../stack/net/ipv4/tcp_ipv4/proc.js';
import { getopt } from '../apps/getopt.js';
import type { Process } from '../process.js';
import { tcpInfoText, tcpOptionsText } from './ss-info.js';

/** States by their numbers in the kernel. */
const STATES: readonly string[] =
  'UNKNOWN ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING'.split(
    ' ',
  );
const ALL_STATES = STATES.map((_, state) => state).slice(1);
/** What is shown without -a, -l or a state: neither listeners nor remains. */
const CONNECTED = ALL_STATES.filter(
  (state) => state !== TCP_LISTEN && state !== TCP_CLOSE && state !== TCP_TIME_WAIT && state !== TCP_SYN_RECV,
);

/** A timer as ss and netstat tell of it. */
export interface SocketTimer {
  readonly name: 'on' | 'keepalive' | 'timewait' | 'persist';
  /** ms until it expires */
  readonly left: number;
  readonly retransmits: number;
}

/** What of a socket is listed. */
export interface SocketEntry {
  readonly netid: 'tcp' | 'udp';
  /** TCP_ESTABLISHED … TCP_CLOSING */
  readonly state: number;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly local: number;
  readonly localPort: number;
  readonly peer: number;
  readonly peerPort: number;
  /** null: what stands for a connection before or after its socket */
  readonly sk: sock | null;
  readonly timer: SocketTimer | null;
}

function remaining(kernel: Kernel, expires: number): number {
  return jiffies_to_msecs(kernel, Math.max(0, expires - kernel.jiffies));
}

function tcpTimer(kernel: Kernel, sk: sock): SocketTimer | null {
  const icsk = inet_csk(sk);
  const pending = icsk.icsk_pending;
  const left = remaining(kernel, icsk.icsk_retransmit_timer.expires);
  if (pending === ICSK_TIME_RETRANS || pending === ICSK_TIME_REO_TIMEOUT || pending === ICSK_TIME_LOSS_PROBE)
    return { name: 'on', left, retransmits: icsk.icsk_retransmits };
  if (pending === ICSK_TIME_PROBE0) return { name: 'persist', left, retransmits: icsk.icsk_probes_out };
  if (!timer_pending(sk.sk_timer)) return null;
  return { name: 'keepalive', left: remaining(kernel, sk.sk_timer.expires), retransmits: icsk.icsk_probes_out };
}

function tcpEntry(kernel: Kernel, common: sock_common): SocketEntry {
  const ends = {
    netid: 'tcp' as const,
    local: common.skc_rcv_saddr,
    localPort: common.skc_num,
    peer: common.skc_daddr,
    peerPort: ntohs(common.skc_dport),
  };
  if (common.skc_state === TCP_TIME_WAIT) {
    const tw = inet_twsk(common);
    const timer = { name: 'timewait' as const, left: remaining(kernel, tw.tw_timer.expires), retransmits: 0 };
    return { ...ends, state: tw.tw_substate, receiveQueue: 0, sendQueue: 0, sk: null, timer };
  }
  if (common.skc_state === TCP_NEW_SYN_RECV) {
    const req = inet_reqsk(common);
    const timer = {
      name: 'on' as const,
      left: remaining(kernel, req.rsk_timer.expires),
      retransmits: req.num_timeout,
    };
    return { ...ends, state: TCP_SYN_RECV, receiveQueue: 0, sendQueue: 0, sk: null, timer };
  }
  const sk = common as sock;
  const tp = tcp_sk(sk);
  const listening = sk.sk_state === TCP_LISTEN;
  return {
    ...ends,
    state: sk.sk_state,
    receiveQueue: listening ? sk.sk_ack_backlog : Math.max((tp.rcv_nxt - tp.copied_seq) | 0, 0),
    sendQueue: listening ? sk.sk_max_ack_backlog : (tp.write_seq - tp.snd_una) >>> 0,
    sk,
    timer: tcpTimer(kernel, sk),
  };
}

/** TCP sockets in the order of /proc/net/tcp. */
export function tcpSockets(kernel: Kernel): SocketEntry[] {
  return tcp_seq_sockets(kernel.init_net).map((sk) => tcpEntry(kernel, sk));
}

/** UDP sockets in the order of /proc/net/udp. */
export function udpSockets(kernel: Kernel): SocketEntry[] {
  const found: SocketEntry[] = [];
  for (const slot of kernel.udp_table.hash) {
    for (const sk of slot.head) {
      if (udp_sk(sk).sk_net !== kernel.init_net) continue;
      const inet = inet_sk(sk);
      found.push({
        netid: 'udp',
        state: sk.sk_state === TCP_ESTABLISHED ? TCP_ESTABLISHED : TCP_CLOSE,
        receiveQueue: sk_rmem_alloc_get(sk),
        sendQueue: sk_wmem_alloc_get(sk),
        local: inet.inet_rcv_saddr,
        localPort: ntohs(inet.inet_sport),
        peer: inet.inet_daddr,
        peerPort: ntohs(inet.inet_dport),
        sk,
        timer: null,
      });
    }
  }
  return found;
}

/** The programs that have the socket open. */
export function socketUsers(kernel: Kernel, sk: sock | null): { name: string; pid: number; fd: number }[] {
  const users: { name: string; pid: number; fd: number }[] = [];
  if (sk === null) return users;
  for (const task of kernel.tasks.values()) {
    task.files?.fd.forEach((file, fd) => {
      const open = file?.private_data;
      if (open instanceof socket && open.sk === sk) users.push({ name: task.comm, pid: task.pid, fd });
    });
  }
  return users;
}

/** A duration as ss has it: `200ms`, `1.204ms`, `59sec`, `119min`. */
function timerText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = minutes > 9 ? 0 : Math.floor(ms / 1000) % 60;
  const rest = minutes > 9 || seconds > 9 ? 0 : ms % 1000;
  let text = minutes > 0 ? `${minutes}min` : '';
  if (seconds > 0) text += rest > 0 ? `${seconds}.` : `${seconds}sec`;
  if (rest > 0) text += `${String(rest).padStart(3, '0')}ms`;
  return text;
}

function memoryText(sk: sock): string {
  return (
    ` skmem:(r${sk_rmem_alloc_get(sk)},rb${sk.sk_rcvbuf},t${sk_wmem_alloc_get(sk)},tb${sk.sk_sndbuf},` +
    `f${sk.sk_forward_alloc},w${sk.sk_wmem_queued},o${sk.sk_omem_alloc},bl${sk.sk_backlog.len},d${sk.sk_drops})`
  );
}

/** What stands in the column Process. @param letters the options given */
function extension(kernel: Kernel, entry: SocketEntry, letters: ReadonlySet<string>): string {
  const { sk, timer } = entry;
  let text = '';
  const users = letters.has('p') ? socketUsers(kernel, sk) : [];
  if (users.length > 0)
    text += ` users:(${users.map((user) => `("${user.name}",pid=${user.pid},fd=${user.fd})`).join(',')})`;
  if (letters.has('o') && timer !== null)
    text += ` timer:(${timer.name},${timerText(timer.left)},${timer.retransmits})`;
  if (!letters.has('m') && !letters.has('i')) return text;
  if (!letters.has('O')) text += '\n\t';
  if (sk === null) return text;
  if (letters.has('m')) text += memoryText(sk);
  if (letters.has('i') && entry.netid === 'tcp') {
    if (letters.has('o')) text += tcpOptionsText(sk);
    text += tcpInfoText(sk);
  }
  return text;
}

interface Filter {
  states: number[] | null;
  readonly ports: { readonly end: 'localPort' | 'peerPort'; readonly port: number }[];
}

const NAMES: Readonly<Record<string, readonly number[]>> = {
  all: ALL_STATES,
  connected: CONNECTED,
  established: [TCP_ESTABLISHED],
  listening: [TCP_LISTEN],
  closed: [TCP_CLOSE],
};

/** @returns the filter, or null where the words are none */
function parseFilter(operands: readonly string[]): Filter | null {
  const filter: Filter = { states: null, ports: [] };
  const words = operands.filter((word) => word !== 'and' && word !== '=' && word !== '==' && word !== 'eq');
  while (words.length > 0) {
    const word = words.shift();
    const value = words.shift() ?? '';
    if (word === 'state') {
      const single = STATES.findIndex((name) => name.toLowerCase() === value.toLowerCase());
      const states = single > 0 ? [single] : Object.hasOwn(NAMES, value) ? NAMES[value] : null;
      if (states === null) return null;
      filter.states = [...(filter.states ?? []), ...states];
    } else if ((word === 'sport' || word === 'dport') && /^:?\d+$/.test(value)) {
      filter.ports.push({ end: word === 'sport' ? 'localPort' : 'peerPort', port: Number(value.replace(':', '')) });
    } else return null;
  }
  return filter;
}

interface Column {
  readonly head: string;
  /** what stands between this column and the next */
  readonly gap: string;
  readonly right: boolean;
}

/** Columns as wide as what stands in them. */
function table(columns: readonly Column[], rows: readonly (readonly string[])[], headed: boolean): string {
  const all = headed ? [columns.map((column) => column.head), ...rows] : rows;
  const widths = columns.map((_, i) => Math.max(0, ...all.map((row) => row[i].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const { right, gap } = columns[i];
        return (right ? cell.padStart(widths[i]) : cell.padEnd(widths[i])) + gap;
      })
      .join('');
  return all.map((row) => `${line(row)}\n`).join('');
}

export function* ss(process: Process): Task<number> {
  const { kernel } = process.host;
  const parsed = getopt(process, 'tulanoipmOH4');
  if (parsed === null) return 255;
  const letters = new Set(parsed.options.map(([letter]) => letter));
  const filter = parseFilter(parsed.operands);
  if (filter === null) {
    process.stderr(`ss: bison bellows (while parsing filter): "syntax error!"\n`);
    return 255;
  }
  const tcp = letters.has('t') || !letters.has('u');
  const udp = letters.has('u') || !letters.has('t');
  const wanted =
    filter.states ?? (letters.has('a') ? ALL_STATES : letters.has('l') ? [TCP_LISTEN, TCP_CLOSE] : CONNECTED);
  // UDP knows two states only: a socket without a peer counts as closed.
  const shown = tcp ? wanted : wanted.filter((state) => state === TCP_ESTABLISHED || state === TCP_CLOSE);
  const entries = [...(udp ? udpSockets(kernel) : []), ...(tcp ? tcpSockets(kernel) : [])].filter(
    (entry) => shown.includes(entry.state) && filter.ports.every(({ end, port }) => entry[end] === port),
  );
  const port = (number: number): string => (number === 0 ? '*' : String(number));
  const rows = entries.map((entry) => [
    entry.netid,
    STATES[entry.state] ?? 'UNKNOWN',
    String(entry.receiveQueue).padEnd(6),
    String(entry.sendQueue).padEnd(6),
    in_ntoa(entry.local) + (entry.sk !== null ? bound(kernel, entry.sk) : ''),
    port(entry.localPort),
    in_ntoa(entry.peer),
    port(entry.peerPort),
    extension(kernel, entry, letters),
  ]);
  const columns: Column[] = [
    { head: 'Netid', gap: ' ', right: false },
    { head: 'State', gap: ' ', right: false },
    { head: 'Recv-Q', gap: ' ', right: false },
    { head: 'Send-Q', gap: ' ', right: false },
    { head: 'Local Address', gap: ':', right: true },
    { head: 'Port', gap: ' ', right: false },
    { head: 'Peer Address', gap: ':', right: true },
    { head: 'Port', gap: '', right: false },
    { head: 'Process', gap: '', right: false },
  ];
  // What would be the same in all rows is not shown.
  const kept = columns.map((_, i) => (i === 0 ? tcp && udp : i === 1 ? shown.length !== 1 : true));
  process.stdout(
    table(
      columns.filter((_, i) => kept[i]),
      rows.map((row) => row.filter((_, i) => kept[i])),
      !letters.has('H'),
    ),
  );
  return 0;
}

/** `%eth0` where the socket is bound to a device. */
function bound(kernel: Kernel, sk: sock): string {
  if (sk.sk_bound_dev_if === 0) return '';
  for (const dev of kernel.init_net.dev_base_head) if (dev.ifindex === sk.sk_bound_dev_if) return `%${dev.name}`;
  return `%if${sk.sk_bound_dev_if}`;
}
