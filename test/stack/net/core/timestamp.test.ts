// Time stamps of packets in software (Documentation/networking/timestamping): of arrival, and of departure by way of
// the error queue.
import { expect, test } from 'vitest';
import { Lab } from '#tsprobe/lab/lab.js';
import {
  bind,
  htons,
  in_aton,
  nanosleep,
  receive_message,
  recvmsg,
  sendto,
  setsockopt,
  sockaddr_in,
  socket,
} from '#tsprobe/lab/libc.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';
import { SOCK_DGRAM } from '#tsprobe/stack/include/linux/net.js';
import {
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_SOFTWARE,
} from '#tsprobe/stack/include/linux/net_tstamp.js';
import {
  AF_INET,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_TIMESTAMPING,
  SO_TIMESTAMPNS,
  SOL_IP,
  SOL_SOCKET,
} from '#tsprobe/stack/include/linux/socket.js';

const MS = 1_000_000;

/** ns since 1970 of a control message's first time. */
function stampOf(data: Uint8Array): bigint {
  const view = new DataView(data.buffer, data.byteOffset);
  return view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
}

test('a datagram is stamped when it leaves and when it arrives', () => {
  const lab = new Lab({ epoch_ns: 0n });
  const [a, b] = pair(lab, { name: 'A', address: '10.0.0.1/24' }, { name: 'B', address: '10.0.0.2/24' }, 'delay 10ms');
  a.sh('ping -c 1 10.0.0.2');
  let arrived = 0n;
  let read = 0;
  b.spawn(function* () {
    const fd = socket(AF_INET, SOCK_DGRAM, 0);
    bind(fd, new sockaddr_in(0, htons(9)));
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    // The stamp is of the arrival, whenever the packet is read.
    yield* nanosleep(500 * MS);
    const msg = receive_message([new Uint8Array(100)]);
    yield* recvmsg(fd, msg, 0);
    read = lab.now;
    const stamp = msg.msg_control.find((c) => c.cmsg_level === SOL_SOCKET && c.cmsg_type === SO_TIMESTAMPNS);
    arrived = stampOf(stamp!.data);
    return 0;
  });
  lab.runUntil(lab.now + MS);
  const sent: { at: number; stamp: bigint; id: number }[] = [];
  a.spawn(function* () {
    const fd = socket(AF_INET, SOCK_DGRAM, 0);
    const flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, flags | SOF_TIMESTAMPING_OPT_TSONLY);
    for (let i = 0; i < 2; i++) {
      const at = lab.now;
      yield* sendto(fd, new Uint8Array(5), 0, new sockaddr_in(in_aton('10.0.0.2') as number, htons(9)));
      expect(yield* recvmsg(fd, receive_message([new Uint8Array(9)]), MSG_ERRQUEUE | MSG_DONTWAIT)).toBe(-11);
      yield* nanosleep(20 * MS);
      const msg = receive_message([new Uint8Array(100)]);
      // The stamp comes without the packet.
      expect(yield* recvmsg(fd, msg, MSG_ERRQUEUE | MSG_DONTWAIT)).toBe(0);
      const stamp = msg.msg_control.find((c) => c.cmsg_level === SOL_SOCKET && c.cmsg_type === SO_TIMESTAMPING);
      const error = msg.msg_control.find((c) => c.cmsg_level === SOL_IP)!.data;
      expect(error[4]).toBe(4);
      sent.push({
        at,
        stamp: stampOf(stamp!.data),
        id: new DataView(error.buffer, error.byteOffset).getUint32(12, true),
      });
    }
    return 0;
  });
  lab.runUntil(lab.now + 1000 * MS);
  expect(lab.faults).toEqual([]);
  expect(sent.map(({ id }) => id)).toEqual([0, 1]);
  // The device has the frame when netem lets it go; the wire itself takes no time.
  for (const { at, stamp } of sent) expect(stamp).toBe(BigInt(at + 10 * MS));
  expect(arrived).toBe(sent[0].stamp);
  expect(read).toBeGreaterThan(sent[0].at + 400 * MS);
});
