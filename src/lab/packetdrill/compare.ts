// Comparing a packet that the stack has sent with the script's (packetdrill's own rules and leniencies: the
// window only if the script gives it, time stamps not, ECN only if given).

import { Connection } from './connection.js';
import { PacketdrillFailure } from './failure.js';
import type { Ecn, Packet, TcpOption, TcpPacket } from './syntax.js';
import { optionText, tcpText, type WireTcp } from './wire.js';

const ECN_BITS: Readonly<Record<Ecn, readonly number[]>> = {
  noecn: [0],
  ect1: [1],
  ect0: [2],
  ce: [3],
  ect01: [1, 2],
};

/** @returns the two ECN bits that an inbound packet bears */
export function inboundEcn(ecn: Ecn | null): number {
  return ecn === null ? 0 : ECN_BITS[ecn][0];
}

function check(field: string, expected: number, actual: number): void {
  if (expected >>> 0 !== actual >>> 0) {
    throw new PacketdrillFailure(
      `live packet field ${field}: expected: ${expected >>> 0} (0x${(expected >>> 0).toString(16)}) vs actual: ${actual >>> 0} (0x${(actual >>> 0).toString(16)})`,
    );
  }
}

export function checkIp(script: Packet, tos: number, ttl: number): void {
  const { ecn } = script.ip;
  if (ecn !== null && !ECN_BITS[ecn].includes(tos & 3)) check('ip_ecn', ECN_BITS[ecn][0], tos & 3);
  if (script.ip.tos !== null) check('ipv4_tos', script.ip.tos, tos);
  if (script.ip.ttl !== null) check('ipv4_ttl', script.ip.ttl, ttl);
}

function sameOption(script: TcpOption, live: TcpOption, strict: boolean): boolean {
  if (script.kind === 'TS' && live.kind === 'TS') return !strict || script.ecr === live.ecr;
  return optionText(script) === optionText(live);
}

/**
 * @param live in the script's numbers
 * @param strict compares echoed time stamps
 */
export function checkOptions(script: readonly TcpOption[] | null, live: readonly TcpOption[], strict: boolean): void {
  if (script === null) return;
  const text = (options: readonly TcpOption[]): string => `<${options.map(optionText).join(',')}>`;
  if (script.length !== live.length || script.some((option, i) => !sameOption(option, live[i], strict))) {
    throw new PacketdrillFailure(`bad outbound TCP options: expected ${text(script)}, actual ${text(live)}`);
  }
}

/**
 * @param live in the script's numbers
 * @param strict compares what packetdrill overlooks, too
 */
export function checkTcp(script: TcpPacket, live: WireTcp, strict: boolean): void {
  check('tcp_fin', script.flags & 1, live.flags & 1);
  check('tcp_syn', (script.flags >>> 1) & 1, (live.flags >>> 1) & 1);
  check('tcp_rst', (script.flags >>> 2) & 1, (live.flags >>> 2) & 1);
  check('tcp_psh', (script.flags >>> 3) & 1, (live.flags >>> 3) & 1);
  check('tcp_ack', (script.flags >>> 4) & 1, (live.flags >>> 4) & 1);
  check('tcp_urg', (script.flags >>> 5) & 1, (live.flags >>> 5) & 1);
  check('tcp_ece', (script.flags >>> 6) & 1, (live.flags >>> 6) & 1);
  check('tcp_cwr', (script.flags >>> 7) & 1, (live.flags >>> 7) & 1);
  check('tcp_ae', (script.flags >>> 8) & 1, (live.flags >>> 8) & 1);
  check('tcp_seq', script.seq, live.seq);
  if ((script.flags & 16) !== 0) check('tcp_ack_seq', script.ack ?? 0, live.ack);
  if (script.window !== null) check('tcp_window', script.window, live.window);
  if (script.urgent !== null || strict) check('tcp_urg_ptr', script.urgent ?? 0, live.urgent);
  check('payload', script.length, live.payload);
  checkOptions(script.options, live.options, strict);
}

/** The script's segment and the live one, for messages. */
export function describePair(script: TcpPacket, live: WireTcp): string {
  const window = script.window ?? live.window;
  const asWire = {
    ...script,
    ack: script.ack ?? 0,
    window,
    payload: script.length,
    options: script.options ?? live.options,
  };
  return `  script packet: ${tcpText(asWire)}\n  actual packet: ${tcpText(live)}`;
}

/** Notes the stamps of an outbound segment, and checks their pace where the script states a clock. */
export function checkStamps(
  connection: Connection,
  script: TcpPacket,
  live: WireTcp,
  tickUs: number | null,
  toleranceUs: number,
): void {
  const expected = script.options?.find((option) => option.kind === 'TS');
  const actual = live.options.find((option) => option.kind === 'TS');
  if (expected?.kind !== 'TS' || actual?.kind !== 'TS') return;
  if (tickUs !== null && tickUs > 0) {
    const off = connection.stampError(expected.value, actual.value);
    if (Math.abs(off) * tickUs > toleranceUs) {
      throw new PacketdrillFailure(
        `bad outbound TCP timestamp value, tolerance ${toleranceUs} usec: off by ${off} ticks`,
      );
    }
  }
  connection.noteStamp(expected.value, actual.value);
}
