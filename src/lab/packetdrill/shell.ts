// The backquoted commands of packetdrill scripts. What they set is recognised by pattern: a script of defaults,
// a setter of sysctls with restore, sysctl, tc, ethtool, ip, module parameters. The rest runs in the lab's shell,
// and a command that we do not have makes the script unsupported, never passed.

import { runCommand } from '../shell/run.js';
import { netdev_features_strings } from '../../stack/include/linux/netdev_features.js';
import { __dev_get_by_name, netdev_set_wanted_feature } from '../../stack/net/core/dev.js';
import { sysctl_write } from '../../stack/kernel/sysctl.js';
import { strerror } from '../../stack/include/linux/errno.js';
import type { Host } from '../host.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';

/** What the common script of defaults sets. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'net.ipv4.tcp_rmem': '4096 540000 15728640',
  'net.ipv4.tcp_wmem': '4096 262144 4194304',
  'net.ipv4.tcp_congestion_control': 'cubic',
  'net.ipv4.tcp_ecn': '0',
  'net.ipv4.tcp_slow_start_after_idle': '0',
  'net.ipv4.tcp_fastopen': '0x70403',
  'net.ipv4.tcp_fastopen_key': 'a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4',
  'net.ipv4.tcp_pacing_ss_ratio': '200',
  'net.ipv4.tcp_pacing_ca_ratio': '120',
  'net.ipv4.tcp_notsent_lowat': '4294967295',
  'net.ipv4.tcp_mtu_probing': '0',
  'net.ipv4.tcp_sack': '1',
  'net.ipv4.tcp_timestamps': '1',
  'net.ipv4.tcp_window_scaling': '1',
  'net.ipv4.tcp_syncookies': '1',
};

/** Offloads by the short names that ethtool -K takes. */
const OFFLOADS: Readonly<Record<string, RegExp>> = {
  tso: /^tx-tcp.*-segmentation$/,
  gso: /^tx-generic-segmentation$/,
  gro: /^rx-gro$/,
  lro: /^rx-lro$/,
  rx: /^rx-checksum$/,
  tx: /^tx-checksum/,
  sg: /^tx-scatter-gather$/,
};

function setSysctl(host: Host, name: string, value: string): void {
  const error = sysctl_write(host.kernel, name, value);
  if (error === -2) throw new PacketdrillUnsupported(`sysctl ${name}`);
  if (error < 0) throw new PacketdrillFailure(`sysctl ${name}=${value}: ${strerror(error)}`);
}

function ethtool(host: Host, words: readonly string[]): void {
  const [option, device, ...features] = words;
  if (option !== '-K' && option !== '--offload' && option !== '--features') {
    throw new PacketdrillUnsupported(`ethtool ${option}`);
  }
  const dev = __dev_get_by_name(host.kernel.init_net, device);
  if (dev === null) throw new PacketdrillFailure(`ethtool: ${device}: no such device`);
  for (let i = 0; i + 1 < features.length; i += 2) {
    const pattern = OFFLOADS[features[i]];
    for (const { feature, name } of netdev_features_strings) {
      if (pattern !== undefined ? pattern.test(name) : name === features[i]) {
        netdev_set_wanted_feature(dev, feature, features[i + 1] === 'on');
      }
    }
  }
}

/** Commands without effect on a kernel of our own. */
const WITHOUT_EFFECT = /^(sleep|sync|ulimit|true|:|exit\s+0|modprobe|set\s|export\s|cd\s|wait\b|killall)/;

/** `name=value` arguments of a setter of sysctls: paths below /proc/sys, or dotted names. */
function sysctlAssignments(words: readonly string[]): (readonly [string, string])[] {
  return words
    .map((word) => /^(?:\/proc\/sys\/)?([^=]+)=(.*)$/s.exec(word))
    .filter((match) => match !== null)
    .map((match) => [match[1].replaceAll('/', '.'), match[2]] as const);
}

function split(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"']+)+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''));
}

function parameter(host: Host, path: string, value: string): boolean {
  const match = /^\/sys\/module\/(\w+)\/parameters\/(\w+)$/.exec(path);
  if (match === null) return false;
  const set = host.kernel.module_parameters.get(`${match[1]}.${match[2]}`);
  if (set === undefined) throw new PacketdrillUnsupported(`module parameter ${match[1]}.${match[2]}`);
  if (set(value.trim()) < 0) throw new PacketdrillFailure(`${path}: invalid argument`);
  return true;
}

function* single(host: Host, command: string): Generator<void, void, void> {
  const text = command.trim();
  if (text === '' || text.startsWith('#') || WITHOUT_EFFECT.test(text)) return;
  const echo = /^echo\s+(?:-n\s+)?(.*?)\s*>>?\s*(\S+)$/s.exec(text);
  if (echo !== null) {
    const value = split(echo[1]).join(' ');
    if (parameter(host, echo[2], value)) return;
    if (echo[2].startsWith('/proc/sys/')) setSysctl(host, echo[2].slice('/proc/sys/'.length), value);
    else host.kernel.fs.write(echo[2], new TextEncoder().encode(`${value}\n`));
    return;
  }
  const words = split(text.replace(/\s*(?:[12]?>>?\s*\/dev\/null|2>&1)/g, ''));
  const name = (words.shift() ?? '').replace(/.*\//, '');
  if (/^defaults\.sh$/.test(name)) {
    for (const [sysctl, value] of Object.entries(DEFAULTS)) setSysctl(host, sysctl, value);
  } else if (/set_sysctls?\.(py|sh)$/.test(name)) {
    for (const [sysctl, value] of sysctlAssignments(words)) setSysctl(host, sysctl, value);
  } else if (name === 'sysctl') {
    for (const [sysctl, value] of sysctlAssignments(words)) setSysctl(host, sysctl, value);
  } else if (name === 'ethtool') {
    ethtool(host, words);
  } else if (name === 'dd') {
    const size = Number(/count=(\d+)/.exec(text)?.[1] ?? 0) * Number(/bs=(\d+)/.exec(text)?.[1] ?? 512);
    const target = /of=(\S+)/.exec(text)?.[1];
    if (target !== undefined) host.kernel.fs.write(target, new Uint8Array(size));
  } else if (name === 'rm') {
    for (const word of words) if (!word.startsWith('-')) host.kernel.fs.remove(word);
  } else if (name === 'nstat' && !text.includes('|')) {
    return;
  } else {
    const status = yield* runCommand(host, text);
    if (status.status === 127) throw new PacketdrillUnsupported(`command ${name}`);
    if (status.status !== 0) throw new PacketdrillFailure(`command "${text}" failed: ${status.errors.trim()}`);
  }
}

/** Runs the text between backquotes. */
export function* runShell(host: Host, text: string): Generator<void, void, void> {
  const joined = text.replace(/\\\n/g, ' ');
  for (const command of joined.split(/\n|;|&&/)) yield* single(host, command);
}
