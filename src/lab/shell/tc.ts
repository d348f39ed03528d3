// tc(8): queueing disciplines put on devices, shown and taken off. Classes and filters are left out.

import { strerror } from '../../stack/include/linux/errno.js';
import type { net_device } from '../../stack/include/linux/netdevice.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { TC_H_ROOT } from '../../stack/include/net/sch_generic.js';
import { __dev_get_by_name } from '../../stack/net/core/dev.js';
import { tc_dump_qdisc, tc_get_qdisc, tc_modify_qdisc } from '../../stack/net/sched/sch_api.js';
import type { Process } from '../process.js';
import { netemOptions } from './tc/netem-options.js';
import { fifoOptions, fqOptions, tbfOptions } from './tc/options.js';

/** `1:`, `1:1` as a handle, or null. */
function parseHandle(word: string | undefined): number | null {
  const match = /^([0-9a-f]{1,4}):([0-9a-f]{0,4})$/i.exec(word ?? '');
  return match === null ? null : ((parseInt(match[1], 16) << 16) | parseInt(match[2] || '0', 16)) >>> 0;
}

/** @returns the kind's configuration, or what is wrong with the words */
function optionsOf(kind: string, words: readonly string[]): unknown {
  if (kind === 'netem') return netemOptions(words);
  if (kind === 'tbf') return tbfOptions(words);
  if (kind === 'fq') return fqOptions(words);
  if (kind === 'pfifo' || kind === 'bfifo' || kind === 'pfifo_head_drop') return fifoOptions(words);
  return words.length > 0 ? `What is "${words[0]}"?` : null;
}

export function* tc(process: Process): Task<number> {
  const args = process.argv.slice(1);
  let stats = false;
  while (args[0]?.startsWith('-')) stats = args.shift()?.startsWith('-s') === true || stats;
  const object = args.shift();
  if (object === undefined || !'qdisc'.startsWith(object)) {
    process.stderr(
      object === 'class' || object === 'filter'
        ? `Error: ${object} is not supported.\n`
        : `Object "${object ?? ''}" is unknown, try "tc help".\n`,
    );
    return 1;
  }
  const command = args.shift() ?? 'show';
  if (command === 'show' || command === 'list' || command === 'ls') return show(process, args, stats);
  if (!['add', 'change', 'replace', 'del', 'delete'].includes(command)) {
    process.stderr(`Command "${command}" is unknown, try "tc qdisc help".\n`);
    return 1;
  }
  return modify(process, command, args);
}

function show(process: Process, args: string[], stats: boolean): number {
  const net = process.host.kernel.init_net;
  let devices: net_device[] = net.dev_base_head;
  if (args[0] === 'dev') {
    const dev = __dev_get_by_name(net, args[1] ?? '');
    if (dev === null) return noDevice(process, args[1] ?? '');
    devices = [dev];
  }
  for (const dev of devices) {
    const text = tc_dump_qdisc(dev, stats);
    process.stdout(args[0] === 'dev' ? text.replaceAll(` dev ${dev.name}`, '') : text);
  }
  return 0;
}

function noDevice(process: Process, name: string): number {
  process.stderr(`Cannot find device "${name}"\n`);
  return 1;
}

function modify(process: Process, command: string, args: string[]): number {
  let dev: net_device | null = null;
  let parent: number | null = null;
  let handle = 0;
  let kind = '';
  const wrong = (text: string): number => {
    process.stderr(`${text}\n`);
    return 1;
  };
  while (args.length > 0 && kind === '') {
    const word = args.shift() as string;
    if (word === 'dev') {
      const name = args.shift() ?? '';
      dev = __dev_get_by_name(process.host.kernel.init_net, name);
      if (dev === null) return noDevice(process, name);
    } else if (word === 'root') {
      parent = TC_H_ROOT;
    } else if (word === 'parent' || word === 'handle') {
      const value = parseHandle(args.shift());
      if (value === null)
        return wrong(`Error: argument is wrong: Invalid ${word === 'parent' ? 'parent' : 'qdisc'} ID`);
      if (word === 'parent') parent = value;
      else handle = value;
    } else {
      kind = word;
    }
  }
  if (dev === null) return wrong('Command line is not complete. Try option "help"');
  const answer = (error: number): number => {
    if (error >= 0) return 0;
    process.stderr(answerText(error, kind));
    return 2;
  };
  if (command.startsWith('del')) return answer(tc_get_qdisc(dev, parent ?? TC_H_ROOT));
  if (kind === '') return wrong('Error: Qdisc kind not specified.');
  const options = optionsOf(kind, args);
  if (typeof options === 'string') return wrong(options);
  if (command === 'change' && (dev.qdisc === null || dev.qdisc.handle === 0)) return answer(-2);
  return answer(tc_modify_qdisc(dev, kind, handle, command !== 'add', options, parent ?? TC_H_ROOT));
}

function answerText(error: number, kind: string): string {
  if (error === -17) return 'Error: Exclusivity flag on, cannot modify.\n';
  if (error === -2 && kind !== '') return `Error: Specified qdisc kind is unknown.\n`;
  if (error === -22 && kind === '') return 'Error: Cannot delete qdisc with handle of zero.\n';
  return `RTNETLINK answers: ${strerror(error)}\n`;
}
