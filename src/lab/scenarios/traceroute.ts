// A traces its way to the gateway beyond the machine around the lab (SEEDS 000): three hops.

import { routed } from '../topologies/routed.js';
import { takeOptions, type Scenario } from './scenario.js';

export const traceroute: Scenario = {
  name: 'traceroute',
  summary: 'A traces the route to the gateway 192.168.0.1: 192.168.10.50, 192.168.20.1, 192.168.0.1',
  options: 'those of traceroute: -n -I -q 1 192.168.30.2',
  start(lab, args) {
    const { rest } = takeOptions(args, []);
    const { A } = routed(lab);
    const given = rest.some((arg, i) => /^\d+\./.test(arg) && !/^-[mqwpfN]$/.test(rest[i - 1] ?? ''));
    lab.awaitProcess(A.spawn('traceroute', given ? rest : [...rest, '192.168.0.1']));
  },
};
