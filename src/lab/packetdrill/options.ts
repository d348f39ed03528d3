// Options of packetdrill, from a script's head and from the command line.

import { PacketdrillUnsupported } from './failure.js';
import type { ScriptOption } from './syntax.js';

export interface RunOptions {
  localIp: string;
  prefixLength: number;
  remoteIp: string;
  gatewayIp: string;
  bindPort: number;
  connectPort: number;
  mtu: number;
  /** Larger inbound segments arrive as if GRO had joined several of so many bytes; 0: no. */
  mss: number;
  /** µs; null: by the gap before the event */
  tolerance: number | null;
  /** µs a tick of the stack's time stamps; null: stamps are not checked */
  tsTick: number | null;
  ecrScaled: boolean;
  /** Segments are not joined. */
  strictSegments: boolean;
  /** Compares also what the original overlooks. */
  strict: boolean;
  definitions: Map<string, string>;
}

export function defaultOptions(): RunOptions {
  return {
    localIp: '192.168.0.1',
    prefixLength: 16,
    remoteIp: '192.0.2.1',
    gatewayIp: '192.168.0.2',
    bindPort: 8080,
    connectPort: 8080,
    mtu: 1500,
    mss: 0,
    tolerance: null,
    tsTick: null,
    ecrScaled: false,
    strictSegments: false,
    strict: false,
    definitions: new Map(),
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
  remote_ip: (o, value) => (o.remoteIp = value.replace(/\/.*/, '')),
  gateway_ip: (o, value) => (o.gatewayIp = value),
  netmask_ip: (o, value) => (o.prefixLength = prefixLength(value)),
  bind_port: (o, value) => (o.bindPort = Number(value)),
  connect_port: (o, value) => (o.connectPort = Number(value)),
  mtu: (o, value) => (o.mtu = Number(value)),
  mss: (o, value) => (o.mss = Number(value)),
  tolerance_usecs: (o, value) => (o.tolerance = Number(value)),
  tolerance_percent: nothing,
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
  define: (o, value) => {
    const [name, text] = value.split('=');
    o.definitions.set(name, text ?? '');
  },
};

/** @throws PacketdrillUnsupported for an option that there is not */
export function applyOption(options: RunOptions, option: ScriptOption): void {
  if (option.name === 'D') {
    PACKETDRILL_OPTIONS.define(options, option.value);
    return;
  }
  if (!Object.hasOwn(PACKETDRILL_OPTIONS, option.name)) throw new PacketdrillUnsupported(`option --${option.name}`);
  PACKETDRILL_OPTIONS[option.name](options, option.value);
}
