// How the script's numbers and the live ones correspond: ports, sequence numbers, time stamps. The script
// counts sequence numbers from 0 and knows no ports; the stack under test chooses its own.

import type { TcpOption, TcpPacket } from './syntax.js';
import type { Endpoint, WireTcp } from './wire.js';
import { PacketdrillFailure } from './failure.js';

export class Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** live - script, of sequence numbers that the stack sends; null until its first SYN was seen. */
  localOffset: number | null = null;
  /** live - script, of those that the script sends. */
  remoteOffset = 0;
  /** Script's value of an outbound time stamp → the live one. */
  private readonly stamps = new Map<number, number>();
  private firstStamp: { script: number; live: number } | null = null;

  constructor(local: Endpoint, remote: Endpoint) {
    this.local = local;
    this.remote = remote;
  }

  matches(packet: WireTcp): boolean {
    return (
      packet.source.address === this.local.address &&
      packet.source.port === this.local.port &&
      packet.destination.address === this.remote.address &&
      packet.destination.port === this.remote.port
    );
  }

  /** A segment of the script to be sent to the stack, in live numbers. @param scaled --tcp_ts_ecr_scaled */
  inbound(packet: TcpPacket, tos: number, ttl: number, scaled: boolean): WireTcp {
    const toLocal = (value: number): number => (value + (this.localOffset ?? 0)) >>> 0;
    const options = (packet.options ?? []).map((option): TcpOption => {
      if (option.kind === 'sack') {
        return { kind: 'sack', blocks: option.blocks.map(([left, right]) => [toLocal(left), toLocal(right)] as const) };
      }
      if (option.kind === 'TS') return { kind: 'TS', value: option.value, ecr: this.liveEcr(option.ecr, scaled) };
      return option;
    });
    return {
      protocol: 'tcp',
      source: this.remote,
      destination: this.local,
      tos,
      ttl,
      flags: packet.flags,
      seq: (packet.seq + this.remoteOffset) >>> 0,
      ack: (packet.flags & 16) !== 0 ? toLocal(packet.ack ?? 0) : 0,
      window: packet.window ?? 0,
      urgent: packet.urgent ?? 0,
      options,
      payload: packet.length,
    };
  }

  private liveEcr(script: number, scaled: boolean): number {
    if (script === 0) return 0;
    const known = this.stamps.get(script);
    if (known !== undefined) return known;
    const first = this.firstStamp;
    if (scaled && first !== null) return (first.live + (script - first.script)) >>> 0;
    throw new PacketdrillFailure(
      `unable to infer live TS ecr for script ecr ${script}: no outbound packet had that TS val`,
    );
  }

  /** Notes that the script's stamp stands for the live one. */
  noteStamp(script: number, live: number): void {
    this.firstStamp ??= { script, live };
    this.stamps.set(script, live);
  }

  /** Ticks by which a live stamp is off from what the first one and the script imply. */
  stampError(script: number, live: number): number {
    const first = this.firstStamp;
    return first === null ? 0 : (live - first.live - (script - first.script)) | 0;
  }

  /** A live segment of the stack in the script's numbers. */
  outbound(packet: WireTcp): WireTcp {
    const toRemote = (value: number): number => (value - this.remoteOffset) >>> 0;
    return {
      ...packet,
      seq: (packet.seq - (this.localOffset ?? 0)) >>> 0,
      ack: (packet.flags & 16) !== 0 ? toRemote(packet.ack) : packet.ack,
      options: packet.options.map((option) =>
        option.kind === 'sack'
          ? { kind: 'sack', blocks: option.blocks.map(([left, right]) => [toRemote(left), toRemote(right)] as const) }
          : option,
      ),
    };
  }
}
