// All scenarios by name, in the order in which `tsprobe scenarios` lists them.

import { boot, ownProtocol } from './boot.js';
import { http } from './http.js';
import { arpUnreachable, ping, pingFragments } from './ping.js';
import type { Scenario } from './scenario.js';
import {
  bulk,
  ftp,
  ftpForward,
  tcpEcho,
  tcpHandshake,
  tcpLoss,
  tcpReorder,
  tcpRto,
  tcpTlp,
  tcpTso,
  tcpZeroWindow,
} from './tcp.js';
import { traceroute } from './traceroute.js';
import { udpClosedPort, udpEcho } from './udp.js';

export type { Scenario } from './scenario.js';

const all: readonly Scenario[] = [
  ping,
  pingFragments,
  traceroute,
  udpEcho,
  udpClosedPort,
  arpUnreachable,
  boot,
  ownProtocol,
  tcpHandshake,
  tcpEcho,
  tcpLoss,
  tcpTlp,
  tcpRto,
  tcpReorder,
  tcpZeroWindow,
  tcpTso,
  bulk,
  ftp,
  ftpForward,
  http,
];

export const scenarios: Readonly<Record<string, Scenario>> = Object.fromEntries(
  all.map((scenario) => [scenario.name, scenario]),
);
