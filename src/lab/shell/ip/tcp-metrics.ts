// ip tcp_metrics: what TCP remembers of its peers, shown, and forgotten (ip-tcp_metrics(8)).

import { in_aton } from '../../../stack/include/linux/in_addr.js';
import { ESRCH } from '../../../stack/include/linux/errno.js';
import { tcp_metrics_flush_all, tcp_metrics_show } from '../../../stack/net/ipv4/tcp_metrics.js';
import type { Process } from '../../process.js';
import { IpUsageError, type IpOptions } from '../ip.js';
import { address, answer } from './words.js';

export function ipTcpMetrics(process: Process, words: string[], _options: IpOptions): number {
  const { kernel } = process.host;
  const command = words.shift() ?? 'show';
  if (words[0] === 'address') words.shift();
  const [peerText] = words;
  const all = peerText === undefined || peerText === 'all' || peerText === 'any';
  const peer = all ? null : address(peerText);
  if ('show'.startsWith(command) || 'list'.startsWith(command)) {
    const lines = tcp_metrics_show(kernel).split('\n').slice(0, -1);
    const shown = lines.filter((line) => peer === null || in_aton(line.split(' ')[0]) === peer);
    process.stdout(shown.map((line) => `${line}\n`).join(''));
    return 0;
  }
  const forgetting = command !== '' && ('flush'.startsWith(command) || 'delete'.startsWith(command));
  if (!forgetting) throw new IpUsageError(`Command "${command}" is unknown, try "ip tcp_metrics help".`);
  if (peer === null) {
    if ('delete'.startsWith(command))
      throw new IpUsageError('Error: a specific IP address is expected rather than "all"');
    tcp_metrics_flush_all(kernel);
    return 0;
  }
  let found = false;
  for (const [key, block] of kernel.tcp_metrics_hash) {
    if (block.tcpm_daddr === peer) found = kernel.tcp_metrics_hash.delete(key);
  }
  return found || 'flush'.startsWith(command) ? 0 : answer(process, -ESRCH);
}
