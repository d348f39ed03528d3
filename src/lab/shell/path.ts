// The programs that every host has, by name.

import type { Program } from '../process.js';
import { ftp } from '../apps/ftp/client.js';
import { ftpd } from '../apps/ftp/server.js';
import { curl, httpd } from '../apps/http.js';
import { iperf } from '../apps/iperf.js';
import { nc } from '../apps/nc.js';
import { ping } from '../apps/ping.js';
import { tcp_client, tcp_echo_server } from '../apps/tcp-echo.js';
import { tcpdump } from '../apps/tcpdump.js';
import { traceroute } from '../apps/traceroute.js';
import { udp_client, udp_echo_server } from '../apps/udp-echo.js';
import { brctl } from './brctl.js';
import { ethtool } from './ethtool.js';
import { ip } from './ip.js';
import { arp, ifconfig, route } from './net-tools.js';
import { netstat } from './netstat.js';
import { nstat } from './nstat.js';
import { sh } from './sh.js';
import { smallTools } from './small-tools.js';
import { ss } from './ss.js';
import { tc } from './tc.js';
import { textTools } from './text-tools.js';
import { cat, dmesg, hostname, sysctl } from './sysctl.js';

const programs: Readonly<Record<string, Program>> = {
  arp,
  brctl,
  cat,
  curl,
  dmesg,
  ethtool,
  ftp,
  ftpd,
  hostname,
  httpd,
  ifconfig,
  ip,
  iperf,
  nc,
  netstat,
  nstat,
  ping,
  route,
  sh,
  ss,
  sysctl,
  tc,
  tcpdump,
  'tcp-client': tcp_client,
  'tcp-echo-server': tcp_echo_server,
  traceroute,
  'udp-client': udp_client,
  'udp-echo-server': udp_echo_server,
  ...smallTools,
  ...textTools,
};

/** @param name with or without a directory */
export function findProgram(name: string): Program | undefined {
  const base = name.replace(/.*\//, '');
  return Object.hasOwn(programs, base) ? programs[base] : undefined;
}

export function programNames(): string[] {
  return Object.keys(programs).sort();
}
