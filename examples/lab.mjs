// A lab of one's own: two hosts on a slow, lossy link, and a program written against the lab's system calls.
//
// Run: tsprobe probes/call_trace.stp 'udp_*' -- examples/lab.mjs
//      tsprobe -e 'probe kernel.function("ip_rcv") { println(hostname()) }' -- examples/lab.mjs --count 5
//
// A lab module exports a scenario: name, summary, options, and start(lab, args), which builds hosts and links and
// starts programs. Programs are generator functions; calls that may sleep are made with yield*.

import { connectHosts, libc } from 'tsprobe';

/** Sends `count` datagrams to the other host, one each 100 ms. */
function sender(count) {
  return function* (process) {
    const fd = libc.socket(2 /* AF_INET */, 2 /* SOCK_DGRAM */, 0);
    const to = libc.make_sockaddr_in('10.0.0.2', 9);
    for (let i = 0; i < count; i++) {
      yield* libc.sendto(fd, libc.bytes(`datagram ${i}`), 0, to);
      yield* libc.nanosleep(100_000_000);
    }
    process.stdout(`${count} datagrams sent\n`);
    yield* libc.close(fd);
    return 0;
  };
}

export const scenario = {
  name: 'example',
  summary: 'datagrams over a link with 20 ms of delay and 10 % of loss',
  options: '[--count N]',
  start(lab, args) {
    const count = args[0] === '--count' ? Number(args[1]) : 3;
    const left = lab.addHost('left');
    const right = lab.addHost('right');
    connectHosts({ host: left, device: 'eth0' }, { host: right, device: 'eth0' }, 'delay 20ms loss 10%');
    left.sh('ip link set lo up; ip address add 10.0.0.1/24 brd + dev eth0; ip link set eth0 up');
    right.sh('ip link set lo up; ip address add 10.0.0.2/24 brd + dev eth0; ip link set eth0 up');
    lab.lingerFor(1e9);
    lab.awaitProcess(left.spawn(sender(count), ['sender']));
  },
};
