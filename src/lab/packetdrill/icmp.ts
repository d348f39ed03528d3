// ICMP messages that a script sends to the stack, with the stack's own segment inside that they are about.

import type { Connection } from './connection.js';
import { PacketdrillUnsupported } from './failure.js';
import type { IcmpPacket } from './syntax.js';
import { encodeIcmp, encodeTcp } from './wire.js';

const UNREACHABLE: Readonly<Record<string, number>> = {
  net_unreachable: 0,
  host_unreachable: 1,
  protocol_unreachable: 2,
  port_unreachable: 3,
  frag_needed: 4,
  source_route_failed: 5,
  net_unknown: 6,
  host_unknown: 7,
  source_host_isolated: 8,
  net_prohibited: 9,
  host_prohibited: 10,
  net_unreachable_for_tos: 11,
  host_unreachable_for_tos: 12,
  packet_filtered: 13,
  precedence_violation: 14,
  precedence_cutoff: 15,
};

const TYPES: Readonly<Record<string, readonly [type: number, codes: Readonly<Record<string, number>>]>> = {
  echo_reply: [0, {}],
  unreachable: [3, UNREACHABLE],
  source_quench: [4, {}],
  redirect: [5, { net: 0, host: 1, net_for_tos: 2, host_for_tos: 3 }],
  echo_request: [8, {}],
  time_exceeded: [11, { ttl_exceeded: 0, ttl: 0, fragment_reassembly_time_exceeded: 1 }],
  parameter_problem: [12, {}],
  timestamp_request: [13, {}],
  timestamp_reply: [14, {}],
  information_request: [15, {}],
  information_reply: [16, {}],
  address_mask_request: [17, {}],
  address_mask_reply: [18, {}],
};

/** @param gateway who sends it, in host byte order */
export function encodeScriptIcmp(packet: IcmpPacket, connection: Connection, gateway: number): Uint8Array {
  const found = Object.hasOwn(TYPES, packet.type) ? TYPES[packet.type] : undefined;
  if (found === undefined) throw new PacketdrillUnsupported(`ICMP type ${packet.type}`);
  const [type, codes] = found;
  const code = packet.code === '' ? 0 : codes[packet.code];
  if (code === undefined) throw new PacketdrillUnsupported(`ICMP code ${packet.code}`);
  const original = encodeTcp({
    protocol: 'tcp',
    source: connection.local,
    destination: connection.remote,
    tos: 0,
    ttl: 64,
    flags: 16,
    seq: ((packet.about?.seq ?? 0) + (connection.localOffset ?? 0)) >>> 0,
    ack: 0,
    window: 0,
    urgent: 0,
    options: [],
    payload: packet.about?.length ?? 0,
  });
  // The IP header and the first eight bytes behind it (RFC 792).
  return encodeIcmp(gateway, connection.local.address, type, code, packet.mtu ?? 0, original.subarray(0, 28));
}
