// ip(8) of iproute2, in the subset that labs use: ip link, address, route, neighbour, tcp_metrics. Each object
// stands in a file of its own under ip/.

import type { Task } from '../../stack/include/linux/sched.js';
import type { Process } from '../process.js';
import { ipAddress } from './ip/address.js';
import { ipLink } from './ip/link.js';
import { ipNeighbour } from './ip/neighbour.js';
import { ipRoute } from './ip/route.js';
import { ipTcpMetrics } from './ip/tcp-metrics.js';

/** Options in front of the object. */
export interface IpOptions {
  readonly statistics: boolean;
  readonly brief: boolean;
}

/** Something is wrong with the words of the command: iproute2's text. */
export class IpUsageError extends Error {}

type IpObject = (process: Process, words: string[], options: IpOptions) => number;

const objects: readonly (readonly [name: string, run: IpObject])[] = [
  ['link', ipLink],
  ['address', ipAddress],
  ['route', ipRoute],
  ['neighbour', ipNeighbour],
  ['neighbor', ipNeighbour],
  ['tcp_metrics', ipTcpMetrics],
  ['tcpmetrics', ipTcpMetrics],
];

export function* ip(process: Process): Task<number> {
  const words = process.argv.slice(1);
  const options = { statistics: false, brief: false };
  while (words[0]?.startsWith('-') === true) {
    const option = words.shift();
    if (option === '-s' || option === '-statistics') options.statistics = true;
    else if (option === '-br' || option === '-brief') options.brief = true;
    else if (option !== '-4' && option !== '-d' && option !== '-o') {
      process.stderr(`Option "${option}" is unknown, try "ip -help".\n`);
      return 255;
    }
  }
  const name = words.shift();
  const found = objects.find(([object]) => name !== undefined && object.startsWith(name));
  if (found === undefined) {
    process.stderr(
      name === undefined
        ? 'Usage: ip [ OPTIONS ] OBJECT { COMMAND }\nwhere  OBJECT := { address | link | neighbour | route | tcp_metrics }\n'
        : `Object "${name}" is unknown, try "ip help".\n`,
    );
    return 1;
  }
  try {
    return found[1](process, words, options);
  } catch (fault) {
    if (!(fault instanceof IpUsageError)) throw fault;
    process.stderr(`${fault.message}\n`);
    return 1;
  }
}
