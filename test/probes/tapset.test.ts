// The tapset's aliases and functions on the kernel, in scenarios that are told elsewhere.
import { describe, expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

const lines = async (script: string, ...scenario: string[]): Promise<string[]> =>
  (await run({ script, scenario, clock: 'virtual' })).output.split('\n').slice(0, -1);

describe('a ping through the router', () => {
  it('passes the netfilter hooks of each host', async () => {
    const script = `probe netfilter.ip.* { if (protocol == 1) println(hostname(), " ", name, " ", saddr, " ", daddr, " ", indev_name, ">", outdev_name) }`;
    const there = '192.168.10.2 192.168.30.2';
    const back = '192.168.30.2 192.168.10.2';
    expect(await lines(script, 'ping')).toEqual([
      `A netfilter.ip.local_out ${there} >eth0`,
      `A netfilter.ip.post_routing ${there} >eth0`,
      `R netfilter.ip.pre_routing ${there} eth0>`,
      `R netfilter.ip.forward ${there} eth0>eth2`,
      `R netfilter.ip.post_routing ${there} eth0>eth2`,
      `B netfilter.ip.pre_routing ${there} eth0>`,
      `B netfilter.ip.local_in ${there} eth0>`,
      `B netfilter.ip.local_out ${back} >eth0`,
      `B netfilter.ip.post_routing ${back} >eth0`,
      `R netfilter.ip.pre_routing ${back} eth2>`,
      `R netfilter.ip.forward ${back} eth2>eth0`,
      `R netfilter.ip.post_routing ${back} eth2>eth0`,
      `A netfilter.ip.pre_routing ${back} eth0>`,
      `A netfilter.ip.local_in ${back} eth0>`,
    ]);
  });

  it('is sent and received by the devices', async () => {
    const script = `global sent, got
      probe netdev.transmit { if (ntohs(protocol) == 0x800) sent[hostname(), dev_name] <<< length }
      probe netdev.receive { if (ntohs(protocol) == 0x800) got[hostname(), dev_name] <<< length }
      probe end {
        foreach ([h+, d] in sent) println("sent ", h, " ", d, " ", @count(sent[h, d]), " ", @sum(sent[h, d]))
        foreach ([h+, d] in got) println("got ", h, " ", d, " ", @count(got[h, d]), " ", @sum(got[h, d]))
      }`;
    // 20 bytes of IP header, 8 of ICMP, 56 of data; on the way out the Ethernet header is there already.
    expect(await lines(script, 'ping')).toEqual([
      'sent A eth0 1 98',
      'sent B eth0 1 98',
      'sent R eth2 1 98',
      'sent R eth0 1 98',
      'got A eth0 1 84',
      'got B eth0 1 84',
      'got R eth0 1 84',
      'got R eth2 1 84',
    ]);
  });
});

describe('a datagram to the echo server and back', () => {
  it('is sent and received by calls', async () => {
    const script = `
      probe udp.sendmsg, udp.recvmsg.return { println(execname(), " ", name, " ", sport, " ", size) }
      probe syscall.sendto, syscall.bind { println(execname(), " ", name, " ", argstr) }
      probe syscall.recvfrom.return { println(name, " = ", retstr) }
      probe socket.send { println(name, " ", size, " ", sock_prot_num2str(protocol), " ", sock_type_num2str(type), success) }`;
    const text = (await lines(script, 'udp-echo')).map((l) =>
      l.replace(/0xffff\w+/g, 'ADDRESS').replace(/\b3\d{4}\b/g, 'PORT'),
    );
    expect(text).toEqual([
      'udp-echo-server bind 3, {AF_INET, 0.0.0.0, PORT}, 16',
      'udp-client sendto 3, ADDRESS, 18, 0x0, {AF_INET, 192.168.1.104, PORT}, 16',
      'udp-client udp.sendmsg PORT 18',
      'socket.sendmsg 18 UDP DGRAM1',
      'udp-echo-server udp.recvmsg PORT 18',
      'recvfrom = 18',
      'udp-echo-server sendto 3, ADDRESS, 18, 0x0, {AF_INET, 192.168.1.20, PORT}, 16',
      'udp-echo-server udp.sendmsg PORT 18',
      'socket.sendmsg 18 UDP DGRAM1',
      'udp-client udp.recvmsg PORT 18',
      'recvfrom = 18',
    ]);
  });

  it('is seen from within udp_rcv', async () => {
    const script = `
      probe kernel.function("udp_rcv") {
        println(pointer_arg(1) == $skb, " ", symname(addr()), " ", probefunc(), " ", ppfunc(), " ", tokenize(caller(), " "))
        print(sprint_backtrace())
        exit()
      }`;
    const [first, ...trace] = await lines(script, 'udp-echo');
    expect(first).toBe('1 udp_rcv udp_rcv udp_rcv ip_protocol_deliver_rcu');
    const names = trace.map((l) => /^ 0x[0-9a-f]{16} : (\w+)\+0x[0-9a-f]+\/0x[0-9a-f]+ \[kernel\]$/.exec(l)?.[1] ?? l);
    expect(names.slice(0, 5)).toEqual([
      'udp_rcv',
      'ip_protocol_deliver_rcu',
      'ip_local_deliver_finish',
      'ip_local_deliver',
      'dst_input',
    ]);
  });
});

describe('a TCP connection', () => {
  it('is seen segment by segment and call by call', async () => {
    const script = `
      probe tcp.receive { printf("%s %s:%d %s%s%s%s\\n", hostname(), saddr, sport, syn ? "S" : "", ack ? "A" : "", psh ? "P" : "", fin ? "F" : "") }
      probe tcp.sendmsg { printf("%s %s %d\\n", hostname(), name, size) }
      probe tcp.recvmsg.return { printf("%s %s %d\\n", hostname(), name, size) }
      probe tcpmib.ActiveOpens, tcpmib.PassiveOpens { printf("%s %s %d\\n", hostname(), name, op) }`;
    const text = (await lines(script, 'tcp-handshake')).map((l) => l.replace(/:[34]\d{4}/, ':PORT'));
    expect(text.slice(0, 10)).toEqual([
      'A tcpmib.ActiveOpens 1',
      'B 192.168.10.2:PORT S',
      'A 192.168.30.2:7777 SA',
      'A tcp.sendmsg 64',
      'B 192.168.10.2:PORT A',
      'B tcpmib.PassiveOpens 1',
      'B 192.168.10.2:PORT AP',
      'B tcp.recvmsg 64',
      'B tcp.sendmsg 64',
      'A 192.168.30.2:7777 A',
    ]);
  });

  it('is counted by key where the script gives one', async () => {
    const script = `
      function tcpmib_filter_key(sk, op) { return tcpmib_remote_port(sk) == 7777 }
      probe tcpmib.OutSegs { }
      probe end { println(OutSegs[1] > 3) }`;
    expect(await lines(script, 'tcp-handshake')).toEqual(['1']);
  });
});
