import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Functions as they begin, indented by nesting, of one group of the thesis on the client's host. */
function begins(group: string): string[] {
  const args = ['bin/tsprobe', '--clock=virtual', 'probes/thesis_tcp.stp', group, 'gyan', '--', 'ftp'];
  const text = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const column = /^ *\d+ \d\d:\d\d:\d\d:\d{6} \S+ \S+ ( *\S+) B .* TCP$/;
  return text.split('\n').flatMap((line) => column.exec(line)?.[1] ?? []);
}

/** Whether the functions follow each other in that nesting somewhere. */
function follow(trace: readonly string[], wanted: readonly string[]): boolean {
  return trace.some((_, at) => wanted.every((name, i) => trace[at + i] === name));
}

describe("the thesis's groups in the trace of a file transfer", () => {
  it('tcpout: from tcp_sendmsg down to tcp_transmit_skb', () => {
    expect(
      follow(begins('tcpout'), [
        'tcp_sendmsg',
        '  tcp_push',
        '    __tcp_push_pending_frames',
        '      tcp_write_xmit',
        '        tcp_transmit_skb',
      ]),
    ).toBe(true);
  });

  it('tcpin: look-up, then the segment with data and its ACK', () => {
    const trace = begins('tcpin');
    expect(
      follow(trace, [
        'tcp_v4_rcv',
        '  __tcp_v4_lookup',
        '  tcp_v4_do_rcv',
        '    tcp_rcv_established',
        '      tcp_ack',
        '      tcp_data_queue',
        '        tcp_event_data_rcv',
      ]),
    ).toBe(true);
    expect(trace).toContain('      __tcp_ack_snd_check');
  });

  it('tcp_prot: the window and the congestion window', () => {
    const trace = begins('tcp_prot').map((name) => name.trim());
    expect(trace).toContain('__tcp_select_window');
    expect(trace).toContain('tcp_cong_avoid');
  });

  it('synfin: from tcp_v4_connect to the last state', () => {
    const trace = begins('synfin');
    expect(follow(trace, ['tcp_v4_connect', '  tcp_set_state', '  tcp_connect'])).toBe(true);
    expect(
      follow(trace, [
        'tcp_rcv_state_process',
        '  tcp_rcv_synsent_state_process',
        '    tcp_set_state',
        '    tcp_send_ack',
      ]),
    ).toBe(true);
    expect(follow(trace, ['tcp_close', '  tcp_close_state', '    tcp_set_state', '  tcp_send_fin'])).toBe(true);
    expect(trace.map((name) => name.trim())).toContain('tcp_fin');
  });
});
