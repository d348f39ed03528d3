// The ways that scripts written for the real kernel take into its structures: the structs that others begin
// with, counters, control blocks, what lies behind a packet's buffer, a program's pieces of memory.
import { expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

/** What the first call of `fn` in a TCP echo of 64 bytes prints. */
async function once(fn: string, body: string, scenario = 'tcp-echo'): Promise<string> {
  const script = `probe kernel.function("${fn}") { ${body}; exit() }`;
  return (await run({ script, scenario: [scenario], clock: 'virtual' })).output;
}

it('reaches the structs that a socket begins with', async () => {
  const body = `tp = &@cast($sk, "tcp_sock")->inet_conn
    printf("%s %d %d ", ip_ntop(@cast($sk, "inet_sock")->sk->__sk_common->skc_daddr),
           @cast($sk, "tcp_sock")->inet_conn->icsk_inet->sk->sk_state, tp == $sk)
    printf("%d", &@cast($sk, "tcp_sock")->inet_conn->icsk_inet->sk->sk_receive_queue == &$sk->sk_receive_queue)`;
  expect(await once('tcp_ack', body)).toBe('192.168.30.2 2 1 1');
  const request = `printf("%d", @cast($req, "tcp_request_sock")->req->req->__req_common->skc_num)`;
  expect(await once('tcp_v4_send_synack', request)).toBe('7777');
});

it('reads reference counters and atomics by their members', async () => {
  const body = `printf("%d %d %d", $sk->sk_wmem_alloc->refs->counter, $sk->sk_backlog->rmem_alloc->counter,
    atomic_read(&$sk->sk_rmem_alloc))`;
  expect(await once('tcp_ack', body)).toBe('1 0 0');
  expect(await once('tcp_ack', 'println(@cast(&$skb->users, "refcount_t")->refs->counter)')).toBe('1\n');
});

it('prints counters as the structs they are', async () => {
  const printed = await once('tcp_sendmsg', 'print(substr($sk->sk_backlog$$, 0, 200))');
  expect(printed).toContain('.rmem_alloc={.counter=0}');
});

it('finds the control block that the struct of a cast names', async () => {
  const body = `printf("%d %d", @cast(&$skb->cb[0], "tcp_skb_cb", "kernel<net/tcp.h>")->end_seq -
    @cast($skb->cb, "tcp_skb_cb")->seq, @cast(&$skb->cb, "tcp_skb_cb")->tcp_flags)`;
  // A SYN takes one sequence number.
  expect(await once('tcp_v4_do_rcv', body)).toBe('1 2');
});

it('finds the shared information behind the buffer, as skb_shinfo() does', async () => {
  const script = `global segments
    probe kernel.function("__ip_queue_xmit") {
      if (@cast($skb->head + $skb->end, "skb_shared_info", "kernel<linux/skbuff.h>")->gso_size == 1448)
        segments <<< @cast($skb->head + $skb->end, "skb_shared_info")->gso_segs
    }
    probe end { printf("%d", @max(segments) > 1) }`;
  const { output } = await run({ script, scenario: ['tcp-tso'], clock: 'virtual' });
  expect(output).toContain('1');
  // One user of the whole and, in the upper half, one of the payload alone: TCP keeps the header to itself.
  const users = 'println(@cast($skb->head + $skb->end, "skb_shared_info")->dataref->counter)';
  expect(await once('tcp_transmit_skb', users)).toBe(`${(1 << 16) + 1}\n`);
});

it('reads the memory that a program hands over, and the namespace of a socket', async () => {
  const body = `printf("%d %d %s %d", $msg->msg_iter->nr_segs, $msg->msg_iter->__iov->iov_len,
    kernel_string_n($msg->msg_iter->__iov->iov_base, 4), $sk->__sk_common->skc_net->net == $sk->sk_net)`;
  expect(await once('tcp_sendmsg', body)).toBe('1 64 aaaa 1');
});

it('reads numbers at an address and behind it', async () => {
  const body = `printf("%x %x %d %d", @cast($skb->data, "char")[0], @cast($skb->data, "__u32")[3],
    @cast($skb->data, "unsigned char")[9], ntohs(@cast($skb->data, "short unsigned int")[1]))`;
  // Version and header length, the source address 192.168.10.2, TCP, 60 bytes in all.
  expect(await once('ip_rcv', body)).toBe('45 20aa8c0 6 60');
});

it('knows and watches the tables of operations, which stand in files without functions', async () => {
  const body = `printf("%s %s", symdata($sock->ops), symname(@var("inet_stream_ops@net/ipv4/af_inet.c")->sendmsg))`;
  expect(await once('inet_sendmsg', body)).toMatch(/^inet_stream_ops\+0x0\/0x[0-9a-f]+ \[kernel\] inet_sendmsg$/);
  const script = 'global n probe kernel.data("inet_stream_ops.sendmsg").rw { n++ } probe end { printf("%d", n > 0) }';
  expect((await run({ script, scenario: ['tcp-echo'], clock: 'virtual' })).output).toBe('1');
});

it('has the configuration of a kernel with this network stack', async () => {
  const conditions = 'CONFIG_INET == "y" && CONFIG_VETH == "m" && CONFIG_HZ == 1000 && CONFIG_IPV6 != "y"';
  const script = `%( ${conditions} %? probe begin { print("so") exit() } %: probe begin { print("not so") exit() } %)`;
  expect((await run({ script })).output).toBe('so');
});
