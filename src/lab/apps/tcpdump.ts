// tcpdump(8): shows or records (-w) what a host's devices send and receive, by a packet socket. Options: -c -e -i -n
// -q -s -S -t -v -w -x -X and filter expressions; -l, -U, -p, -Z are taken and change nothing.

import { EINTR, strerror } from '../../stack/include/linux/errno.js';
import {
  sockaddr_ll,
  PACKET_ADD_MEMBERSHIP,
  PACKET_MR_PROMISC,
  PACKET_STATISTICS,
} from '../../stack/include/linux/if_packet.js';
import { SOCK_RAW } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { AF_PACKET, SOL_PACKET, SOL_SOCKET, SO_RCVBUFFORCE, SO_TIMESTAMPNS } from '../../stack/include/linux/socket.js';
import { __dev_get_by_index, __dev_get_by_name } from '../../stack/net/core/dev.js';
import { __sys_getsockopt } from '../../stack/net/socket/syscalls.js';
import { bind, close, int32, receive_message, recvmsg, setsockopt, setsockopt_bytes, socket, htons } from '../libc.js';
import type { Process } from '../process.js';
import { getopt } from './getopt.js';
import { FilterError, parseFilter, type Predicate } from './tcpdump/filter.js';
import type { Frame } from './tcpdump/frame.js';
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2, pcapHeader, pcapRecord } from './tcpdump/pcap.js';
import { Printer, type PrintOptions } from './tcpdump/print.js';

const ETH_P_ALL = 3;
const SNAPLEN = 262_144;

interface Settings extends PrintOptions {
  readonly device: string;
  readonly count: number;
  readonly snaplen: number;
  readonly file: string;
  readonly filter: Predicate;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function settingsOf(process: Process): Settings | null {
  const parsed = getopt(process, 'c:eflni:ps:qStUvw:xXZ:#');
  if (parsed === null) return null;
  const set: Mutable<Settings> = {
    device: '',
    count: Infinity,
    snaplen: SNAPLEN,
    file: '',
    filter: () => true,
    verbose: 0,
    link: false,
    absolute: false,
    numeric: false,
    quick: false,
    stamp: 'time',
    dump: '',
  };
  let stamps = 0;
  for (const [letter, value] of parsed.options) {
    if (letter === 'i') set.device = value;
    else if (letter === 'w') set.file = value;
    else if (letter === 'e') set.link = true;
    else if (letter === 'n') set.numeric = true;
    else if (letter === 'q') set.quick = true;
    else if (letter === 'S') set.absolute = true;
    else if (letter === 't') stamps++;
    else if (letter === 'v') set.verbose++;
    else if (letter === 'x' || letter === 'X')
      set.dump = set.dump[0] === letter ? ((letter + letter) as 'xx' | 'XX') : letter;
    else if (letter === 'c' || letter === 's') {
      if (!/^\d+$/.test(value) || (letter === 'c' && Number(value) === 0)) {
        process.stderr(`tcpdump: invalid ${letter === 'c' ? 'packet count' : 'snaplen'} ${value}\n`);
        return null;
      }
      if (letter === 'c') set.count = Number(value);
      else set.snaplen = Number(value) === 0 ? SNAPLEN : Number(value);
    }
  }
  set.stamp = (['time', '', 'epoch', 'delta', 'date'] as const)[Math.min(stamps, 4)];
  try {
    set.filter = parseFilter(parsed.operands.join(' '));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    process.stderr(`tcpdump: ${error.message}\n`);
    return null;
  }
  return set;
}

/** The first device that is up and not the loopback, as pcap_lookupdev() finds it. */
function defaultDevice(process: Process): string {
  const devices = process.host.kernel.init_net.dev_base_head;
  return devices.find((dev) => (dev.flags & 9) === 1)?.name ?? 'lo';
}

/** Takes a received frame apart. @param any whether it comes from any device */
function frameOf(data: Uint8Array, length: number, time: bigint, from: sockaddr_ll, device: string | null): Frame {
  const type = data.length >= 14 ? (data[12] << 8) | data[13] : 0;
  return { bytes: data, length, time, type, l3: 14, device, pkttype: from.sll_pkttype };
}

/** The header that stands in for the link-level one in captures from any device. */
function sll2(frame: Frame, from: sockaddr_ll): Uint8Array {
  const out = new Uint8Array(20 + frame.bytes.length - 14);
  const view = new DataView(out.buffer);
  view.setUint16(0, frame.type);
  view.setUint32(4, from.sll_ifindex);
  view.setUint16(8, from.sll_hatype);
  out[10] = from.sll_pkttype;
  out[11] = from.sll_halen;
  out.set(from.sll_addr.subarray(0, 8), 12);
  out.set(frame.bytes.subarray(14), 20);
  return out;
}

function membership(ifindex: number): Uint8Array {
  const mreq = new Uint8Array(16);
  const view = new DataView(mreq.buffer);
  view.setInt32(0, ifindex, true);
  view.setUint16(4, PACKET_MR_PROMISC, true);
  return mreq;
}

export function* tcpdump(process: Process): Task<number> {
  const settings = settingsOf(process);
  if (settings === null) return 1;
  const { kernel } = process.host;
  const name = settings.device === '' ? defaultDevice(process) : settings.device;
  const any = name === 'any';
  const dev = any ? null : __dev_get_by_name(kernel.init_net, name);
  if (!any && dev === null) {
    process.stderr(`tcpdump: ${name}: No such device exists\n(SIOCGIFHWADDR: No such device)\n`);
    return 1;
  }
  const fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (fd < 0) {
    process.stderr(`tcpdump: ${name}: ${strerror(fd)}\n`);
    return 1;
  }
  const address = new sockaddr_ll();
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = dev?.ifindex ?? 0;
  setsockopt_bytes(fd, SOL_SOCKET, SO_RCVBUFFORCE, int32(2 * 1024 * 1024));
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  bind(fd, address);
  if (dev !== null) setsockopt_bytes(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(dev.ifindex));

  const link = any ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
  if (settings.verbose === 0 && settings.file === '') {
    process.stderr('tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n');
  }
  const prefix = settings.file === '' && settings.verbose === 0 ? '' : 'tcpdump: ';
  process.stderr(`${prefix}listening on ${name}, link-type ${link}, snapshot length ${settings.snaplen} bytes\n`);

  const write = settings.file === '' ? null : opener(process, settings.file);
  write?.(pcapHeader(any ? LINKTYPE_LINUX_SLL2 : LINKTYPE_ETHERNET, settings.snaplen));
  const captured = yield* capture(process, fd, settings, any, write);
  const statistics = new Uint8Array(8);
  __sys_getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, statistics, { value: 8 });
  const view = new DataView(statistics.buffer);
  yield* close(fd);
  const packets = (n: number): string => `${n} packet${n === 1 ? '' : 's'}`;
  process.stderr(`${packets(captured)} captured\n${packets(view.getUint32(0, true))} received by filter\n`);
  process.stderr(`${packets(view.getUint32(4, true))} dropped by kernel\n`);
  return 0;
}

/** @returns how many packets were shown or recorded until a signal or the count came */
function* capture(
  process: Process,
  fd: number,
  settings: Settings,
  any: boolean,
  write: ((data: Uint8Array) => void) | null,
): Task<number> {
  const { kernel } = process.host;
  const printer = new Printer(settings);
  const room = new Uint8Array(SNAPLEN);
  let captured = 0;
  while (captured < settings.count) {
    const msg = receive_message([room]);
    const size = yield* recvmsg(fd, msg, 0);
    if (size === -EINTR || size === -512) break;
    if (size < 0) {
      process.stderr(`tcpdump: ${strerror(size)}\n`);
      break;
    }
    const from = msg.msg_name as sockaddr_ll;
    const stamp = msg.msg_control.find((c) => c.cmsg_level === SOL_SOCKET && c.cmsg_type === SO_TIMESTAMPNS);
    let time = 0n;
    if (stamp !== undefined) {
      const view = new DataView(stamp.data.buffer, stamp.data.byteOffset);
      time = view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
    }
    const device = any ? (__dev_get_by_index(kernel.init_net, from.sll_ifindex)?.name ?? '?') : null;
    const whole = frameOf(room.slice(0, size), size, time, from, device);
    if (!settings.filter(whole)) continue;
    captured++;
    const frame = { ...whole, bytes: whole.bytes.subarray(0, settings.snaplen) };
    if (write === null) {
      process.stdout(printer.print(frame));
    } else {
      const data = any ? sll2(frame, from) : frame.bytes;
      write(pcapRecord(time, data, any ? size + 6 : size));
    }
  }
  return captured;
}

/** A file that is written piece by piece: on the host, and where the lab's user keeps files. */
function opener(process: Process, path: string): (data: Uint8Array) => void {
  const absolute = path.startsWith('/') ? path : `/${path}`;
  const outside = process.host.lab.options.openFile?.(path);
  process.host.kernel.fs.write(absolute, new Uint8Array(0));
  return (data) => {
    process.host.kernel.fs.append(absolute, data);
    outside?.(data);
  };
}
