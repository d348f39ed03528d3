// Options of packetdrill, from a script's head and from the command line.

import { in_aton } from '../../stack/include/linux/in_addr.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';
import type { ScriptOption } from './syntax.js';

export interface RunOptions {
  localIp: string;
  prefixLength: number;
  remoteIp: string;
  /** Of the network behind the device that the remote address is in. */
  remotePrefixLength: number;
  gatewayIp: string;
  bindPort: number;
  connectPort: number;
  mtu: number;
  /** Larger inbound segments arrive as if GRO had joined several of so many bytes; 0: no. */
  mss: number;
  /** µs; null: by the gap before the event */
  tolerance: number | null;
  /** Of the gap before the event, where no tolerance is given. */
  tolerancePercent: number;
  /** µs a tick of the stack's time stamps; null: stamps are not checked */
  tsTick: number | null;
  ecrScaled: boolean;
  /** Segments are not joined. */
  strictSegments: boolean;
  /** Compares also what the original overlooks. */
  strict: boolean;
  definitions: Map<string, string>;
}

/** Symbols that the runners of the public suites define for IPv4: their scripts mean them without saying so. */
const SUITE_DEFINITIONS: readonly (readonly [string, string])[] = [
  ['TFO_COOKIE', '3021b9d889017eeb'],
  ['TFO_COOKIE_ZERO', 'b7c12350a90dc8f5'],
  ['CMSG_LEVEL_IP', 'SOL_IP'],
  ['CMSG_TYPE_RECVERR', 'IP_RECVERR'],
];

export function defaultOptions(): RunOptions {
  return {
    localIp: '192.168.0.1',
    prefixLength: 16,
    remoteIp: '192.0.2.1',
    remotePrefixLength: 24,
    gatewayIp: '192.168.0.2',
    bindPort: 8080,
    connectPort: 8080,
    mtu: 1500,
    mss: 0,
    tolerance: null,
    tolerancePercent: 12.5,
    tsTick: null,
    ecrScaled: false,
    strictSegments: false,
    strict: false,
    definitions: new Map(SUITE_DEFINITIONS),
  };
}

type Setter = (options: RunOptions, value: string) => void;

/** @returns the prefix length of a dotted netmask */
function prefixLength(mask: string): number {
  return mask
    .split('.')
    .map((part) => Number(part).toString(2).replace(/0+$/, '').length)
    .reduce((sum, bits) => sum + bits, 0);
}

const nothing: Setter = () => {};

/** By name without dashes. Those without effect concern how the original reaches a real kernel. */
export const PACKETDRILL_OPTIONS: Readonly<Record<string, Setter>> = {
  local_ip: (o, value) => (o.localIp = value),
  remote_ip: (o, value) => {
    const [address, length] = value.split('/');
    o.remoteIp = address;
    o.remotePrefixLength = length === undefined ? 32 : Number(length);
  },
  gateway_ip: (o, value) => (o.gatewayIp = value),
  netmask_ip: (o, value) => (o.prefixLength = prefixLength(value)),
  bind_port: (o, value) => (o.bindPort = Number(value)),
  connect_port: (o, value) => (o.connectPort = Number(value)),
  mtu: (o, value) => (o.mtu = Number(value)),
  mss: (o, value) => (o.mss = Number(value)),
  tolerance_usecs: (o, value) => (o.tolerance = Number(value)),
  tolerance_percent: (o, value) => (o.tolerancePercent = Number(value)),
  tcp_ts_tick_usecs: (o, value) => (o.tsTick = Number(value)),
  tcp_ts_ecr_scaled: (o) => (o.ecrScaled = true),
  strict_segments: (o) => (o.strictSegments = true),
  strict: (o) => (o.strict = true),
  non_fatal: nothing,
  ip_version: (_o, value) => {
    if (value !== 'ipv4') throw new PacketdrillUnsupported(`IP version ${value}`);
  },
  speed: nothing,
  init_scripts: nothing,
  dry_run: nothing,
  verbose: nothing,
  debug: nothing,
  so_filename: nothing,
  wire_protocol: nothing,
  is_anyip: nothing,
  send_omit_free: nothing,
  code_command: nothing,
  code_format: nothing,
  code_sockopt: (_o, value) => {
    if (value !== 'TCP_INFO') throw new PacketdrillUnsupported(`--code_sockopt=${value}`);
  },
  define: (o, value) => {
    const [, name, text] = /^\s*([^=]*?)\s*(?:=(.*))?$/s.exec(value) ?? ['', value];
    o.definitions.set(name, (text ?? '').replace(/^(["'])(.*)\1$/s, '$2'));
  },
};

/** @throws PacketdrillUnsupported for an option that there is not */
export function applyOption(options: RunOptions, option: ScriptOption): void {
  if (option.name === 'D') {
    PACKETDRILL_OPTIONS.define(options, option.value);
    return;
  }
  if (!Object.hasOwn(PACKETDRILL_OPTIONS, option.name)) throw new PacketdrillUnsupported(`option --${option.name}`);
  if (option.name.endsWith('_ip') && option.value.includes(':')) {
    throw new PacketdrillUnsupported(`IPv6 (--${option.name}=${option.value})`);
  }
  PACKETDRILL_OPTIONS[option.name](options, option.value);
  const badAddress = option.name.endsWith('_ip') && in_aton(option.value.replace(/\/\d+$/, '')) === null;
  if (badAddress || Object.values(options).some(Number.isNaN)) {
    throw new PacketdrillFailure(`invalid value of option --${option.name}: '${option.value}'`);
  }
}
