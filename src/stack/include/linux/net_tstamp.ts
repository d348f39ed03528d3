// Time stamping of packets (include/uapi/linux/net_tstamp.h, errqueue.h; Documentation/networking/timestamping).

import type { u32 } from './types.js';

export const SOF_TIMESTAMPING_TX_HARDWARE = 1 << 0;
export const SOF_TIMESTAMPING_TX_SOFTWARE = 1 << 1;
export const SOF_TIMESTAMPING_RX_HARDWARE = 1 << 2;
export const SOF_TIMESTAMPING_RX_SOFTWARE = 1 << 3;
export const SOF_TIMESTAMPING_SOFTWARE = 1 << 4;
export const SOF_TIMESTAMPING_SYS_HARDWARE = 1 << 5;
export const SOF_TIMESTAMPING_RAW_HARDWARE = 1 << 6;
export const SOF_TIMESTAMPING_OPT_ID = 1 << 7;
export const SOF_TIMESTAMPING_TX_SCHED = 1 << 8;
export const SOF_TIMESTAMPING_TX_ACK = 1 << 9;
export const SOF_TIMESTAMPING_OPT_CMSG = 1 << 10;
export const SOF_TIMESTAMPING_OPT_TSONLY = 1 << 11;
export const SOF_TIMESTAMPING_OPT_STATS = 1 << 12;
export const SOF_TIMESTAMPING_OPT_PKTINFO = 1 << 13;
export const SOF_TIMESTAMPING_OPT_TX_SWHW = 1 << 14;
export const SOF_TIMESTAMPING_BIND_PHC = 1 << 15;
export const SOF_TIMESTAMPING_OPT_ID_TCP = 1 << 16;
export const SOF_TIMESTAMPING_OPT_RX_FILTER = 1 << 17;
export const SOF_TIMESTAMPING_TX_COMPLETION = 1 << 18;
export const SOF_TIMESTAMPING_MASK = (1 << 19) - 1;
export const SOF_TIMESTAMPING_TX_RECORD_MASK =
  SOF_TIMESTAMPING_TX_HARDWARE |
  SOF_TIMESTAMPING_TX_SOFTWARE |
  SOF_TIMESTAMPING_TX_SCHED |
  SOF_TIMESTAMPING_TX_ACK |
  SOF_TIMESTAMPING_TX_COMPLETION;

/** What a time stamp in the error queue is of. */
export const SCM_TSTAMP_SND = 0;
export const SCM_TSTAMP_SCHED = 1;
export const SCM_TSTAMP_ACK = 2;
export const SCM_TSTAMP_COMPLETION = 3;

export const SO_EE_ORIGIN_NONE = 0;
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;
export const SO_EE_ORIGIN_ZEROCOPY = 5;

export const SO_EE_CODE_ZEROCOPY_COPIED = 1;

/** A message of the error queue (include/uapi/linux/errqueue.h). */
export class sock_extended_err {
  ee_errno: u32 = 0;
  ee_origin: number = 0;
  ee_type: number = 0;
  ee_code: number = 0;
  ee_pad: number = 0;
  ee_info: u32 = 0;
  ee_data: u32 = 0;
}
