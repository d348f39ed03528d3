import { describe, expect, it } from 'vitest';
import { tcp_info, tcp_info_bytes, tcp_info_parse } from '#tsprobe/stack/include/uapi/linux/tcp.js';

describe('struct tcp_info', () => {
  it('stands where a program of x86 finds it', () => {
    const info = new tcp_info();
    info.tcpi_snd_wscale = 7;
    info.tcpi_rcv_wscale = 8;
    info.tcpi_snd_cwnd = 10;
    info.tcpi_bytes_acked = 2 ** 33;
    info.tcpi_max_pacing_rate = Infinity;
    const bytes = tcp_info_bytes(info);
    expect(bytes.length).toBe(280);
    expect(bytes[6]).toBe(0x87);
    expect([...bytes.subarray(80, 84)]).toEqual([10, 0, 0, 0]);
    expect([...bytes.subarray(112, 120)]).toEqual([255, 255, 255, 255, 255, 255, 255, 255]);
    expect([...bytes.subarray(120, 128)]).toEqual([0, 0, 0, 0, 2, 0, 0, 0]);
  });
  it('comes back out of its bytes, also out of the first few only', () => {
    const info = new tcp_info();
    info.tcpi_state = 1;
    info.tcpi_rtt = 20000;
    info.tcpi_total_rto = 3;
    expect(tcp_info_parse(tcp_info_bytes(info))).toEqual(info);
    const short = tcp_info_parse(tcp_info_bytes(info).subarray(0, 72));
    expect(short.tcpi_rtt).toBe(20000);
    expect(short.tcpi_total_rto).toBe(0);
  });
});
