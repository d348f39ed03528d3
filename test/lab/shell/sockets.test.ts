// What ss, netstat and ip tcp_metrics tell of a small lab; the shapes are those of iproute2 6.1 and net-tools 2.10.
import { expect, test } from 'vitest';
import type { Host } from '#tsprobe/lab/host.js';
import { Lab } from '#tsprobe/lab/lab.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';

/** A connection from A's program to the echo server on B, 10 ms there and back, idle. */
function connected(): { lab: Lab; a: Host; b: Host; port: string } {
  const lab = new Lab();
  const [a, b] = pair(
    lab,
    { name: 'A', address: '192.168.1.20/24' },
    { name: 'B', address: '192.168.1.104/24' },
    'delay 5ms',
  );
  b.spawn('tcp-echo-server', ['7777']);
  b.spawn('udp-echo-server', ['5000']);
  a.spawn('tcp-client', ['-s', '5000', '192.168.1.104', '7777']);
  lab.runUntil(lab.now + 300_000_000);
  const port = /192\.168\.1\.20:(\d{5})/.exec(a.sh('ss -tn'))?.[1] ?? '';
  return { lab, a, b, port };
}

function fails(host: Host, line: string): string {
  try {
    host.sh(line);
  } catch (error) {
    return (error as Error).message.replace(`${host.name}: ${line}: `, '');
  }
  throw new Error(`${line} did not fail`);
}

test('ss: sockets of both protocols, in columns as wide as their contents', () => {
  const { a, b, port } = connected();
  expect(a.sh('ss -tan')).toBe(
    'State Recv-Q Send-Q Local Address:Port   Peer Address:PortProcess\n' +
      `ESTAB 0      0       192.168.1.20:${port} 192.168.1.104:7777       \n`,
  );
  expect(b.sh('ss -tuanp').replace(/pid=\d+/g, 'pid=N')).toBe(
    'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process                                   \n' +
      'udp   UNCONN 0      0            0.0.0.0:5000      0.0.0.0:*     users:(("udp-echo-server",pid=N,fd=3))\n' +
      'tcp   LISTEN 0      128          0.0.0.0:7777      0.0.0.0:*     users:(("tcp-echo-server",pid=N,fd=3))\n' +
      `tcp   ESTAB  0      0      192.168.1.104:7777 192.168.1.20:${port} users:(("tcp-echo-server",pid=N,fd=4))\n`,
  );
});

test('ss: listeners alone, no heading, one state, one port', () => {
  const { a, b } = connected();
  expect(b.sh('ss -H -tln')).toBe('LISTEN 0      128    0.0.0.0:7777 0.0.0.0:*\n');
  expect(b.sh('ss -un')).toBe('Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n');
  expect(b.sh('ss -tan state established').split('\n')[0]).toMatch(/^Recv-Q/);
  expect(b.sh('ss -Htan sport = :7777').match(/\n/g)).toHaveLength(2);
  expect(a.sh('ss -Htan sport = :7777')).toBe('');
  expect(fails(a, 'ss -q')).toBe("ss: invalid option -- 'q'");
  expect(fails(a, 'ss state nowhere')).toBe('ss: bison bellows (while parsing filter): "syntax error!"');
});

test('ss -i and -m: what TCP knows of the path, and the memory of the socket', () => {
  const { a, b } = connected();
  const line = a.sh('ss -tni').split('\n')[2];
  expect(line).toMatch(
    /^\t cubic wscale:10,10 rto:210 rtt:10\/5 ato:40 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 /,
  );
  expect(line).toContain(' bytes_sent:64 bytes_acked:65 bytes_received:64 segs_out:4 segs_in:3 ');
  // Ten segments of 1448 bytes in 10 ms.
  expect(line).toContain(' send 11584000bps ');
  expect(a.sh('ss -tnoiO')).toMatch(/:7777 +ts sack cubic wscale/);
  expect(b.sh('ss -tlnm')).toContain('\n\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0)\n');
});

test('ss -o and netstat -o: a retransmission timer, then the time that a closed connection stays', () => {
  const { lab, a, b } = connected();
  b.sh('ip link set eth0 down');
  lab.runUntil(lab.now + 700_000_000);
  expect(a.sh('ss -tno')).toMatch(/ timer:\(on,\d{2,3}ms,[01]\)/);
  expect(a.sh('netstat -tno')).toMatch(/ESTABLISHED on \(0\.\d\d\/[01]\/0\)/);
  const other = connected();
  other.lab.runUntil(other.lab.now + 3_000_000_000);
  expect(other.a.sh('ss -Htano')).toMatch(/^TIME-WAIT 0 .* timer:\(timewait,5\dsec,0\)\n$/);
  expect(other.a.sh('netstat -tan')).toMatch(/ TIME_WAIT {2}\n$/);
});

test('netstat: sockets, routes, devices', () => {
  const { a, b, port } = connected();
  const heading = 'Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n';
  const ends = `192.168.1.104:7777      192.168.1.20:${port}      `;
  expect(b.sh('netstat -tuan')).toBe(
    `Active Internet connections (servers and established)\n${heading}` +
      'tcp        0      0 0.0.0.0:7777            0.0.0.0:*               LISTEN     \n' +
      `tcp        0      0 ${ends}ESTABLISHED\n` +
      'udp        0      0 0.0.0.0:5000            0.0.0.0:*                          \n',
  );
  expect(b.sh('netstat -tn')).toBe(
    `Active Internet connections (w/o servers)\n${heading}tcp        0      0 ${ends}ESTABLISHED\n`,
  );
  a.sh('ip route add default via 192.168.1.104');
  expect(a.sh('netstat -r')).toBe(
    'Kernel IP routing table\n' +
      'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n' +
      'default         192.168.1.104   0.0.0.0         UG        0 0          0 eth0\n' +
      '192.168.1.0     0.0.0.0         255.255.255.0   U         0 0          0 eth0\n',
  );
  expect(a.sh('netstat -rn')).toContain('\n0.0.0.0         192.168.1.104 ');
  expect(a.sh('netstat -i')).toContain(
    'Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n' +
      'eth0             1500        4      0      0 0             5      0      0      0 BMRU\n',
  );
  expect(fails(a, 'netstat -q')).toBe("netstat: invalid option -- 'q'");
});

test('netstat -s: counters in words, those without words by name', () => {
  const { a } = connected();
  a.sh('ping -c 1 192.168.1.104');
  const all = a.sh('netstat -s');
  expect(all).toContain('    ICMP input histogram:\n        echo replies: 1\n');
  expect(all).toContain('    ICMP output histogram:\n        echo requests: 1\nIcmpMsg:\n        InType0: 1\n');
  expect(all).toContain('Tcp:\n    1 active connection openings\n    0 passive connection openings\n');
  expect(all).toContain('    0 packet headers predicted\n    1 acknowledgments not containing data payload received\n');
  expect(all).toContain('    TCPOrigDataSent: 1\n');
  expect(all).not.toContain('DefaultTTL');
  const sections = a.sh('netstat -su').match(/^\w+:/gm);
  expect(sections).toEqual(['IcmpMsg:', 'Udp:', 'UdpLite:', 'IpExt:']);
});

test('ip tcp_metrics: remembered after a connection, and forgotten', () => {
  const { lab, a } = connected();
  expect(a.sh('ip tcp_metrics')).toBe('');
  lab.runUntil(lab.now + 3_000_000_000);
  expect(a.sh('ip tcp_metrics show')).toMatch(
    /^192\.168\.1\.104 age \d+\.\d{3}sec cwnd 10 rtt \d+us rttvar \d+us source 192\.168\.1\.20\n$/,
  );
  expect(a.sh('ip tcp_metrics show 192.168.1.9')).toBe('');
  expect(fails(a, 'ip tcp_metrics delete 192.168.1.9')).toBe('RTNETLINK answers: No such process');
  a.sh('ip tcp_metrics flush');
  expect(a.sh('ip tcp_metrics')).toBe('');
  expect(fails(a, 'ip tcp_metrics bogus')).toBe('Command "bogus" is unknown, try "ip tcp_metrics help".');
});
