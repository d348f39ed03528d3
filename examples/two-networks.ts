// A lab of one's own: two networks and a router between them with a slow, lossy line. Run it with any script:
//
//   tsprobe -e 'probe kernel.function("ip_forward") { println(hostname()) }' -- examples/two-networks.ts
//
// The default export sets the lab up and starts the programs; it may take what stands behind the path as
// arguments. `lab.addHost` boots a host with a kernel of its own, `lab.connect` lays a cable, `host.sh` runs
// shell commands (ip, sysctl, tc …) while the lab is set up, `host.spawn` starts a program, by name or a
// generator function, and the run lasts until all programs given to `lab.awaitProcess` have ended.
import type { Lab } from 'tsprobe';

export default function twoNetworks(lab: Lab, [count = '3']: readonly string[]): void {
  const office = lab.addHost('office');
  const router = lab.addHost('router');
  const home = lab.addHost('home');

  lab.connect({ host: office, device: 'eth0' }, { host: router, device: 'eth0' });
  lab.connect({ host: router, device: 'eth1' }, { host: home, device: 'eth0' }, 'delay 20ms 5ms');

  office.sh('ip address add 10.1.0.2/24 dev eth0; ip link set eth0 up; ip route add default via 10.1.0.1');
  home.sh('ip address add 10.2.0.2/24 dev eth0; ip link set eth0 up; ip route add default via 10.2.0.1');
  router.sh('ip address add 10.1.0.1/24 dev eth0; ip link set eth0 up');
  router.sh('ip address add 10.2.0.1/24 dev eth1; ip link set eth1 up');
  router.sh('sysctl -w net.ipv4.ip_forward=1');

  lab.awaitProcess(office.spawn('ping', ['-c', count, '10.2.0.2']));
}
