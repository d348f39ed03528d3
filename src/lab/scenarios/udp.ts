// UDP: a client and an echo server (SEEDS 004: 192.168.1.20 to 192.168.1.104:30091), and a port that nobody
// listens on.

import type { Host } from '../host.js';
import type { Lab } from '../lab.js';
import { pair } from '../topologies/pair.js';
import { routed } from '../topologies/routed.js';
import { takeOptions, type Scenario } from './scenario.js';

/** Client, server, and the server's address. */
function udpHosts(lab: Lab, options: ReadonlyMap<string, string>): [Host, Host, string] {
  const netem = options.get('netem');
  if (options.has('through-router')) {
    const { A, B } = routed(lab, { netem });
    return [A, B, '192.168.30.2'];
  }
  const [client, server] = pair(
    lab,
    { name: 'client', address: '192.168.1.20/24' },
    { name: 'server', address: '192.168.1.104/24' },
    netem,
  );
  return [client, server, '192.168.1.104'];
}

const OPTIONS = ['connected', 'corked', 'through-router', 'netem='];

/** Options of the client program for those of the scenario. */
function clientOptions(options: ReadonlyMap<string, string>): string[] {
  return [...(options.has('connected') ? ['-u'] : []), ...(options.has('corked') ? ['-k'] : [])];
}

export const udpEcho: Scenario = {
  name: 'udp-echo',
  summary: 'a UDP datagram from 192.168.1.20 to the echo server 192.168.1.104:30091 and back',
  options: '[--connected] [--corked] [--through-router] [--netem OPTIONS] [-c COUNT] [-s SIZE] [-m TEXT]',
  start(lab, args) {
    const { options, rest } = takeOptions(args, OPTIONS);
    const [client, server, address] = udpHosts(lab, options);
    server.spawn('udp-echo-server');
    lab.awaitProcess(client.spawn('udp-client', [...clientOptions(options), ...rest, address]));
  },
};

export const udpClosedPort: Scenario = {
  name: 'udp-closed-port',
  summary: 'a UDP datagram to a port that nobody listens on: ICMP port unreachable, ECONNREFUSED',
  options: '[--corked] [--through-router] [--netem OPTIONS] [-s SIZE] [-m TEXT]',
  start(lab, args) {
    const { options, rest } = takeOptions(args, OPTIONS);
    const [client, , address] = udpHosts(lab, options);
    lab.awaitProcess(client.spawn('udp-client', ['-u', ...clientOptions(options), ...rest, address]));
  },
};
