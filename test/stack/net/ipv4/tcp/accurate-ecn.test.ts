// Accurate ECN from end to end: on a link that marks instead of dropping, the sender learns of every mark that the
// receiver has seen, whatever the order of the ACKs.
import { describe, expect, it } from 'vitest';
import {
  accept4,
  bind,
  close,
  connect,
  htons,
  in_aton,
  listen,
  read,
  shutdown,
  sockaddr_in,
  socket,
  write,
} from '#tsprobe/lab/libc.js';
import { packet_type } from '#tsprobe/stack/include/linux/netdevice.js';
import { SHUT_WR, SOCK_STREAM } from '#tsprobe/stack/include/linux/net.js';
import { AF_INET, SOL_TCP } from '#tsprobe/stack/include/linux/socket.js';
import { TCP_INFO, tcp_info_parse } from '#tsprobe/stack/include/uapi/linux/tcp.js';
import { sysctl_write } from '#tsprobe/stack/kernel/sysctl.js';
import { __sys_getsockopt } from '#tsprobe/stack/net/socket/syscalls.js';
import { dev_add_pack } from '#tsprobe/stack/net/core/dev.js';
import { B, PORT, run, two_hosts } from './support.js';

/** Sends 400 kB over the wire. @returns marks that reached the receiver, and those that the sender knows of */
function transfer(wire: string, sysctls: Readonly<Record<string, string>>): { seen: number; told: number } {
  const { lab, a, b } = two_hosts(wire);
  for (const host of [a, b])
    for (const [name, value] of Object.entries({ tcp_ecn: '3', ...sysctls }))
      sysctl_write(host.kernel, `net.ipv4.${name}`, value);
  let seen = 0;
  let told = -1;
  dev_add_pack(
    b.kernel,
    new packet_type(0x0300, (skb) => {
      const ip = skb.network_header;
      // From A, to our port: marked.
      if (skb.head[ip + 9] === 6 && skb.head[ip + 15] === 1 && (skb.head[ip + 1] & 3) === 3) seen++;
      return 0;
    }),
  );
  run(b, function* () {
    const fd = socket(AF_INET, SOCK_STREAM, 0);
    bind(fd, new sockaddr_in(0, htons(PORT)));
    listen(fd, 1);
    const conn = yield* accept4(fd, 0);
    const buffer = new Uint8Array(65536);
    while ((yield* read(conn, buffer)) > 0);
    yield* close(conn);
    return 0;
  });
  run(a, function* () {
    const fd = socket(AF_INET, SOCK_STREAM, 0);
    yield* connect(fd, new sockaddr_in(in_aton(B)!, htons(PORT)));
    const block = new Uint8Array(10_000);
    for (let i = 0; i < 40; i++) yield* write(fd, block);
    shutdown(fd, SHUT_WR);
    yield* read(fd, block);
    const info = new Uint8Array(512);
    __sys_getsockopt(fd, SOL_TCP, TCP_INFO, info, { value: info.length });
    told = tcp_info_parse(info).tcpi_delivered_ce;
    yield* close(fd);
    return 0;
  });
  lab.runToEnd();
  return { seen, told };
}

describe('Accurate ECN', () => {
  it.each([
    ['delay 10ms loss 3% ecn', {}],
    ['delay 10ms loss 20% ecn', { tcp_timestamps: '0' }],
  ])('with counts of bytes the sender knows the marks: %s %o', (wire, sysctls) => {
    const { seen, told } = transfer(wire, sysctls);
    expect(seen).toBeGreaterThan(3);
    expect(told).toBe(seen);
  });

  // An ACK of more than seven segments leaves open how often the three bits went round: as often as can be.
  it.each([
    ['delay 10ms loss 5% ecn', { tcp_ecn_option: '0' }],
    ['delay 10ms loss 5% ecn', { tcp_ecn_option: '1', tcp_sack: '0' }],
  ])('with the three bits alone it takes no mark for none: %s %o', (wire, sysctls) => {
    const { seen, told } = transfer(wire, sysctls);
    expect(seen).toBeGreaterThan(3);
    expect(told).toBeGreaterThanOrEqual(seen);
    expect((told - seen) % 8).toBe(0);
  });
});
