// Constants of sockets (include/net/sock.h).

/** Bits of sk_flags. */
export const SOCK_DEAD = 0;
export const SOCK_DONE = 1;
export const SOCK_URGINLINE = 2;
export const SOCK_KEEPOPEN = 3;
export const SOCK_LINGER = 4;
export const SOCK_DESTROY = 5;
export const SOCK_BROADCAST = 6;
export const SOCK_TIMESTAMP = 7;
export const SOCK_ZAPPED = 8;
export const SOCK_USE_WRITE_QUEUE = 9;
export const SOCK_DBG = 10;
export const SOCK_RCVTSTAMP = 11;
export const SOCK_RCVTSTAMPNS = 12;
export const SOCK_LOCALROUTE = 13;
export const SOCK_MEMALLOC = 14;
export const SOCK_TIMESTAMPING_RX_SOFTWARE = 15;
export const SOCK_FASYNC = 16;
export const SOCK_RXQ_OVFL = 17;
export const SOCK_ZEROCOPY = 18;
export const SOCK_WIFI_STATUS = 19;
export const SOCK_NOFCS = 20;
export const SOCK_FILTER_LOCKED = 21;
export const SOCK_SELECT_ERR_QUEUE = 22;
export const SOCK_RCU_FREE = 23;
export const SOCK_TXTIME = 24;
export const SOCK_XDP = 25;
export const SOCK_TSTAMP_NEW = 26;
export const SOCK_RCVMARK = 27;
export const SOCK_RCVPRIORITY = 28;
export const SOCK_TIMESTAMPING_ANY = 29;

export const SK_NO_REUSE = 0;
export const SK_CAN_REUSE = 1;
export const SK_FORCE_REUSE = 2;

export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;
export const SHUTDOWN_MASK = 3;

export const SK_PACING_NONE = 0;
export const SK_PACING_NEEDED = 1;
export const SK_PACING_FQ = 2;

export const SK_WMEM_MAX = 212992;
export const SK_RMEM_MAX = 212992;
export const SOCK_MIN_SNDBUF = 2 * 2304;
export const SOCK_MIN_RCVBUF = 2304;
export const SK_MEM_SEND = 0;
export const SK_MEM_RECV = 1;
export const NO_QUEUE_MAPPING = 0xffff;
