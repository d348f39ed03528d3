// The command line of ping(8) from iputils, as far as IPv4 needs it.

import { in_aton } from '../../../stack/include/linux/in_addr.js';
import type { Process } from '../../process.js';
import { getopt, integer, seconds } from '../getopt.js';
import { resolve } from '../resolve.js';

export const IP_PMTUDISC_DONT = 0;
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;
export const IP_PMTUDISC_PROBE = 3;

export interface PingOptions {
  /** As given on the command line. */
  target: string;
  /** In network byte order. */
  address: number;
  /** Echo requests; 0: no end. */
  count: number;
  /** Payload bytes. */
  size: number;
  /** ns between requests */
  interval: number;
  /** ns to wait for the last reply */
  linger: number;
  /** ns until ping ends whatever came; 0: no limit */
  deadline: number;
  ttl: number | null;
  tos: number;
  pmtudisc: number | null;
  pattern: Uint8Array | null;
  /** Device or address to send from. */
  source: string | null;
  identifier: number | null;
  quiet: boolean;
  flood: boolean;
  broadcast: boolean;
  recordRoute: boolean;
  printTimestamps: boolean;
  reportOutstanding: boolean;
  adaptive: boolean;
  verbose: boolean;
}

export const USAGE = `Usage
  ping [options] <destination>
Options: -A -b -c count -D -e identifier -f -i interval -I interface -M pmtudisc -n -O -p pattern -q -Q tos -R
         -s size -t ttl -v -w deadline -W timeout
`;

const PMTUDISC: Readonly<Record<string, number>> = {
  dont: IP_PMTUDISC_DONT,
  want: IP_PMTUDISC_WANT,
  do: IP_PMTUDISC_DO,
  probe: IP_PMTUDISC_PROBE,
};

/** Most bytes of payload that fit into an IPv4 packet behind both headers. */
const MAX_SIZE = 65507;

/** @returns the options, or the exit status after a message */
export function parsePing(process: Process): PingOptions | number {
  const parsed = getopt(process, '46AbBc:De:fhi:I:l:LM:m:nN:Op:qQ:rRs:S:t:T:UvVw:W:');
  if (parsed === null) {
    process.stderr(USAGE);
    return 2;
  }
  const options: PingOptions = {
    target: '',
    address: 0,
    count: 0,
    size: 56,
    interval: 1e9,
    linger: 10e9,
    deadline: 0,
    ttl: null,
    tos: 0,
    pmtudisc: null,
    pattern: null,
    source: null,
    identifier: null,
    quiet: false,
    flood: false,
    broadcast: false,
    recordRoute: false,
    printTimestamps: false,
    reportOutstanding: false,
    adaptive: false,
    verbose: false,
  };
  const numbers: Readonly<Record<string, readonly [keyof PingOptions, number, number]>> = {
    c: ['count', 1, Number.MAX_SAFE_INTEGER],
    s: ['size', 0, MAX_SIZE],
    t: ['ttl', 0, 255],
    Q: ['tos', 0, 255],
    e: ['identifier', 0, 65535],
  };
  for (const [letter, value] of parsed.options) {
    if (letter in numbers) {
      const [field, min, max] = numbers[letter];
      const number = integer(process, value, min, max);
      if (number === null) return 1;
      Object.assign(options, { [field]: number });
      continue;
    }
    switch (letter) {
      case 'i':
      case 'W':
      case 'w': {
        const ns = seconds(process, value);
        if (ns === null) return 2;
        if (letter === 'i') options.interval = ns;
        else if (letter === 'W') options.linger = ns;
        else options.deadline = ns;
        break;
      }
      case 'M':
        if (!(value in PMTUDISC)) {
          process.stderr('ping: invalid -M argument: do|dont|probe|want\n');
          return 2;
        }
        options.pmtudisc = PMTUDISC[value];
        break;
      case 'p':
        if (!/^[0-9a-fA-F]{1,32}$/.test(value)) {
          process.stderr(`ping: patterns must be specified as hex digits: ${value}\n`);
          return 2;
        }
        options.pattern = Uint8Array.from((value.match(/../g) ?? [`0${value}`]).map((pair) => parseInt(pair, 16)));
        break;
      case 'I':
      case 'S':
        options.source = value;
        break;
      case 'f':
        options.flood = true;
        options.interval = 0;
        break;
      case 'A':
        options.adaptive = true;
        break;
      case 'b':
        options.broadcast = true;
        break;
      case 'q':
        options.quiet = true;
        break;
      case 'R':
        options.recordRoute = true;
        break;
      case 'D':
        options.printTimestamps = true;
        break;
      case 'O':
        options.reportOutstanding = true;
        break;
      case 'v':
        options.verbose = true;
        break;
      case 'h':
        process.stderr(USAGE);
        return 2;
      case 'V':
        process.stdout('ping from iputils (tsprobe lab)\n');
        return 0;
      case '6':
        process.stderr('ping: address family for hostname not supported\n');
        return 2;
      case 'l':
      case 'm':
      case 'N':
      case 'T':
      case 'r':
        process.stderr(`ping: option -${letter} is not supported in the lab\n`);
        return 2;
    }
  }
  if (parsed.operands.length === 0) {
    process.stderr('ping: usage error: Destination address required\n');
    return 1;
  }
  options.target = parsed.operands[parsed.operands.length - 1];
  const address = in_aton(options.target) ?? resolve(process.host, options.target);
  if (address === null) {
    process.stderr(`ping: ${options.target}: Name or service not known\n`);
    return 2;
  }
  options.address = address;
  return options;
}
