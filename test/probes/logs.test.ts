// What thesis.stp and arp.stp write, line by line, on a clock that stands still while the kernel works.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

async function log(script: string, args: string[], ...scenario: string[]): Promise<string[]> {
  const text = readFileSync(new URL(`../../probes/${script}.stp`, import.meta.url), 'utf8');
  const { output } = await run({ script: text, args, scenario, clock: 'virtual', seed: 1 });
  return output.split('\n').slice(0, -1);
}

/** The lines of one host, without its name and the time, which is 0 everywhere. */
const of = (host: string, lines: string[]): string[] =>
  lines
    .filter((line) => line.startsWith(`${host} `))
    .map((line) =>
      line
        .slice(9)
        .replace('00:00:00:000000 ', '')
        .replace(/^ +(\d+) /, ''),
    );

it('thesis.stp udpio: the client of the echo server, as LOG_UDP of the thesis has it', async () => {
  const none = '0.0.0.0:0 0.0.0.0:0';
  const bound = '0.0.0.0:35574 0.0.0.0:0';
  const answer = '192.168.1.104:30091 192.168.1.20:35574';
  expect(of('client', await log('thesis', ['udpio'], 'udp-echo'))).toEqual([
    `${none} udp_v4_get_port B`,
    `${none} udp_v4_get_port E`,
    'Time : 0',
    `${bound} udp_sendmsg B`,
    `  ${bound} ip_build_xmit B`,
    `    ${none} udp_getfrag B`,
    `    ${none} udp_getfrag E`,
    `  ${bound} ip_build_xmit E`,
    `${bound} udp_sendmsg E`,
    'Time : 0',
    `${bound} udp_recvmsg B`,
    `${answer} udp_rcv B`,
    `  ${answer} udp_queue_rcv_skb B`,
    `  ${answer} udp_queue_rcv_skb E`,
    `${answer} udp_rcv E`,
    'Time : 0',
    `${bound} udp_recvmsg E`,
    'Time : 0',
    `${bound} udp_close B`,
    `  ${bound} udp_v4_unhash B`,
    `  ${bound} udp_v4_unhash E`,
    `${bound} udp_close E`,
    'Time : 0',
  ]);
});

it('thesis.stp myip_rcv: from ip_rcv to local delivery, past the hooks', async () => {
  const request = /192\.168\.10\.2:0 192\.168\.30\.2:0 (\S+ \S) \d+ ICMP/;
  const lines = of('B', await log('thesis', ['myip_rcv'], 'ping')).filter((line) => request.test(line));
  expect(lines.map((line) => line.replace(request, '$1'))).toEqual([
    'ip_rcv B',
    '  pre_routing -',
    '  ip_rcv_finish B',
    '    ip_route_input B',
    '    ip_route_input E',
    '    ip_local_deliver B',
    '      local_in -',
    '      ip_local_deliver_finish B',
    '      ip_local_deliver_finish E',
    '    ip_local_deliver E',
    '  ip_rcv_finish E',
    'ip_rcv E',
  ]);
});

it('thesis.stp myip_send: flags, sequence, acknowledgment, identification and protocol of the SYN', async () => {
  const syn = /(\S+:\d+ 128\.235\.204\.81:21) ip_queue_xmit2 B S \d+ ack 0 \d+ TCP$/;
  expect(of('gyan', await log('thesis', ['myip_send'], 'ftp'))[2]).toMatch(syn);
});

it('thesis.stp own_protocol: sees a packet before ip_rcv does', async () => {
  const lines = of('R', await log('thesis', ['own_protocol'], 'own-protocol'));
  const first = lines.findIndex((line) => line.includes('192.168.10.2'));
  expect(lines[first]).toMatch(/own_protocol - \d+ ICMP$/);
  expect(lines[first + 1]).toMatch(/ip_rcv B \d+ ICMP$/);
});

it('arp.stp: the first request and its answer', async () => {
  const lines = (await log('arp', [], 'ping')).map((line) => line.slice(10));
  expect(lines.slice(0, 21).map((line) => line.replace(/..(:..){5}/, 'MAC'))).toEqual([
    'A        neighbour 192.168.10.50 on eth0: made',
    'A        arp_constructor',
    'A        arp_solicit',
    'A          arp_send_dst',
    'A            arp_create',
    'A            arp_xmit: Request who-has 192.168.10.50 tell 192.168.10.2',
    'A              arp_xmit_finish',
    'R        arp_rcv',
    'R          arp_process: Request who-has 192.168.10.50 tell 192.168.10.2',
    'R            arp_ignore',
    'R            neighbour 192.168.10.2 on eth0: made',
    'R            arp_constructor',
    'R            neighbour 192.168.10.2 on eth0: NONE > STALE (MAC)',
    'R            arp_send_dst',
    'R              arp_create',
    'R              arp_xmit: Reply 192.168.10.50 is-at MAC',
    'R                arp_xmit_finish',
    'A        arp_rcv',
    'A          arp_process: Reply 192.168.10.50 is-at MAC',
    'A            arp_is_garp',
    'A            neighbour 192.168.10.50 on eth0: INCOMPLETE > REACHABLE (MAC)',
  ]);
});

it('arp.stp: three requests that nobody answers', async () => {
  const lines = await log('arp', [], 'arp-unreachable');
  expect(lines.filter((line) => line.includes('arp_xmit: Request who-has 192.168.10.99'))).toHaveLength(3);
  expect(lines.at(-1)).toMatch(/neighbour 192\.168\.10\.99 on eth0: timer, now FAILED, 6 probes sent$/);
});
