// What tcp_ack() finds out about an ACK, as bits; and what its helpers pass to each other.
// Read beside: net/ipv4/tcp_input.c (FLAG_*).

import type { int, u32, u64 } from '../../../include/linux/types.js';
import { rate_sample } from '../../../include/net/tcp.js';

/** The segment bears data. */
export const FLAG_DATA = 0x01;
/** It updated the window. */
export const FLAG_WIN_UPDATE = 0x02;
/** It acknowledged new data, part of which had been sent twice, or the SYN. */
export const FLAG_DATA_ACKED = 0x04;
export const FLAG_RETRANS_DATA_ACKED = 0x08;
export const FLAG_SYN_ACKED = 0x10;
/** A SACK block was new. */
export const FLAG_DATA_SACKED = 0x20;
/** It echoes congestion. */
export const FLAG_ECE = 0x40;
/** A retransmission was lost. */
export const FLAG_LOST_RETRANS = 0x80;
/** Not the fast path. */
export const FLAG_SLOWPATH = 0x100;
/** Data that was never sent again was (selectively) acknowledged. */
export const FLAG_ORIG_SACK_ACKED = 0x200;
export const FLAG_SND_UNA_ADVANCED = 0x400;
/** The first block is a duplicate SACK. */
export const FLAG_DSACKING_ACK = 0x800;
/** The loss probe or retransmission timer is to be armed. */
export const FLAG_SET_XMIT_TIMER = 0x1000;
/** The peer took back what it had selectively acknowledged. */
export const FLAG_SACK_RENEGING = 0x2000;
export const FLAG_UPDATE_TS_RECENT = 0x4000;
export const FLAG_NO_CHALLENGE_ACK = 0x8000;
export const FLAG_ACK_MAYBE_DELAYED = 0x10000;
/** The duplicate SACK is of a loss probe. */
export const FLAG_DSACK_TLP = 0x20000;
/** A newer time stamp. */
export const FLAG_TS_PROGRESS = 0x40000;

export const FLAG_ACKED = FLAG_DATA_ACKED | FLAG_SYN_ACKED;
export const FLAG_NOT_DUP = FLAG_DATA | FLAG_WIN_UPDATE | FLAG_ACKED;
export const FLAG_CA_ALERT = FLAG_DATA_SACKED | FLAG_ECE | FLAG_DSACKING_ACK;
export const FLAG_FORWARD_PROGRESS = FLAG_ACKED | FLAG_DATA_SACKED;

/** What to send when an ACK has been digested: nothing, what is lost, or (F-RTO) new data first. */
export const REXMIT_NONE = 0;
export const REXMIT_LOST = 1;
export const REXMIT_NEW = 2;

/** What the walk over SACK blocks finds. Times in µs. */
export class tcp_sacktag_state {
  first_sackt: u64 = 0;
  last_sackt: u64 = 0;
  /** Lowest sequence number that was selectively acknowledged late. */
  reord: u32 = 0;
  sack_delivered: u32 = 0;
  /** Bytes newly (selectively) acknowledged. */
  delivered_bytes: u32 = 0;
  flag: int = 0;
  mss_now: u32 = 0;
  rate = new rate_sample();
}

/** A value that a function changes for its caller. */
export interface int_ref {
  value: int;
}
