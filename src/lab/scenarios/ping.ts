// A pings through the router R: once to B, unless the arguments say otherwise; with large packets; and a
// destination that does not answer.

import { connectHosts } from '../link.js';
import { routed } from '../topologies/routed.js';
import { numberOption, takeOptions, type Scenario } from './scenario.js';

const B = '192.168.30.2';
/** Options of ping that take a value. */
const WITH_VALUE = /^-[BceIilmMNpQsStTwW]$/;

/** @returns ping's arguments with `-c 1` and B where there is neither count nor destination */
function pingArguments(args: readonly string[], defaults: readonly string[] = []): string[] {
  const all = [...defaults, ...args];
  const counted = args.some((arg) => /^-[a-zA-Z]*[cw]/.test(arg));
  let destination = false;
  for (let i = 0; i < args.length; i++) {
    if (WITH_VALUE.test(args[i])) i++;
    else if (!args[i].startsWith('-')) destination = true;
  }
  return [...(counted ? [] : ['-c', '1']), ...all, ...(destination ? [] : [B])];
}

export const ping: Scenario = {
  name: 'ping',
  summary: 'A pings B through the router R: one echo, with empty ARP caches',
  options: '[--netem OPTIONS] and those of ping: -c 5 -s 1400 -i 0.2 192.168.20.50',
  start(lab, args) {
    const { options, rest } = takeOptions(args, ['netem=']);
    const { A } = routed(lab, { netem: options.get('netem') });
    lab.awaitProcess(A.spawn('ping', pingArguments(rest)));
  },
};

export const pingFragments: Scenario = {
  name: 'ping-fragments',
  summary: 'a ping of 4000 bytes in fragments; a router that must fragment (--router); DF too large for a link (--df)',
  options: '[--router | --df] [--mtu BYTES of the link R-B] and those of ping',
  start(lab, args) {
    const { options, rest } = takeOptions(args, ['router', 'df', 'mtu=']);
    const narrow = options.has('router') || options.has('df') || options.has('mtu');
    const mtu = numberOption('mtu', options.get('mtu') ?? '1000', 68, 65535);
    const { A } = routed(lab, narrow ? { mtu } : {});
    const size = rest.some((arg) => /^-s/.test(arg)) ? [] : ['-s', narrow ? '1400' : '4000'];
    const discover = options.has('df') ? ['-M', 'do'] : options.has('router') ? ['-M', 'dont'] : [];
    lab.awaitProcess(A.spawn('ping', pingArguments(rest, [...size, ...discover])));
  },
};

export const arpUnreachable: Scenario = {
  name: 'arp-unreachable',
  summary: 'A pings an address of its own network that nobody has: three ARP requests, then host unreachable',
  options: 'those of ping',
  start(lab, args) {
    const A = lab.addHost('A');
    const B = lab.addHost('B');
    connectHosts({ host: A, device: 'eth0' }, { host: B, device: 'eth0' });
    A.sh('ip link set lo up; ip address add 192.168.10.2/24 brd + dev eth0; ip link set eth0 up');
    B.sh('ip link set lo up; ip address add 192.168.10.3/24 brd + dev eth0; ip link set eth0 up');
    const given = args.some((arg, i) => !arg.startsWith('-') && !WITH_VALUE.test(args[i - 1] ?? ''));
    lab.awaitProcess(A.spawn('ping', pingArguments(given ? args : [...args, '192.168.10.99'])));
  },
};
