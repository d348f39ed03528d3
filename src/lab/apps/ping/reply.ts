// What ping says of an ICMP message (iputils: pr_icmph, pr_options).

import {
  ICMP_DEST_UNREACH,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
} from '../../../stack/include/linux/icmp.js';
import { in_ntoa } from '../../../stack/include/linux/in_addr.js';

const UNREACHABLE = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  'Frag needed and DF set',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];

const REDIRECTS = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
];

/**
 * @param info the four bytes after the checksum, in host byte order
 */
export function describeIcmp(type: number, code: number, info: number): string {
  switch (type) {
    case ICMP_DEST_UNREACH:
      if (code === 4) return `Frag needed and DF set (mtu = ${info & 0xffff})`;
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case ICMP_SOURCE_QUENCH:
      return 'Source Quench';
    case ICMP_REDIRECT: {
      const swapped = ((info >>> 24) | ((info >>> 8) & 0xff00) | ((info << 8) & 0xff0000) | (info << 24)) >>> 0;
      return `${REDIRECTS[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${in_ntoa(swapped)})`;
    }
    case ICMP_TIME_EXCEEDED:
      if (code === 0) return 'Time to live exceeded';
      if (code === 1) return 'Frag reassembly time exceeded';
      return `Time exceeded, Bad Code: ${code}`;
    case ICMP_PARAMETERPROB:
      return `Parameter problem: pointer = ${info >>> 24}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}

/** The route that an IP option of a reply recorded, as ping -R prints it; '' without one. */
export function describeRecordedRoute(packet: Uint8Array, headerLength: number): string {
  for (let i = 20; i < headerLength;) {
    const option = packet[i];
    if (option === 0) break;
    if (option === 1) {
      i++;
      continue;
    }
    const length = packet[i + 1];
    if (length < 2 || i + length > headerLength) break;
    if (option === 7) {
      const lines: string[] = [];
      for (let j = i + 3; j + 4 <= i + packet[i + 2] - 1; j += 4) {
        lines.push(`\t${packet[j]}.${packet[j + 1]}.${packet[j + 2]}.${packet[j + 3]}`);
      }
      return lines.length > 0 ? `\nRR: ${lines.join('\n')}\n` : '';
    }
    i += length;
  }
  return '';
}

/** Milliseconds with as many digits as iputils prints: four significant ones. @param us microseconds */
export function formatTime(us: number): string {
  if (us >= 100_000) return String(Math.round(us / 1000));
  if (us >= 10_000) return (Math.floor(us / 100) / 10).toFixed(1);
  if (us >= 1000) return (Math.floor(us / 10) / 100).toFixed(2);
  return (us / 1000).toFixed(3);
}
