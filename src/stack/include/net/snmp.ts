// Counters of RFC 1213, RFC 4293 and Linux's own (include/uapi/linux/snmp.h, include/net/snmp.h): their indices in
// the arrays of net.mib, and their names in /proc/net/snmp and /proc/net/netstat.
// A kernel of one processor has one array a protocol where Linux has one a processor.
// One file although long: it is one header in the kernel.

/** One counter array of net.mib, by index. */
export type snmp_mib_counters = Float64Array;

/** Name of a counter and its index, in the order of the /proc file. */
export interface snmp_mib {
  readonly name: string;
  readonly entry: number;
}

export const IPSTATS_MIB_NUM = 0;
export const IPSTATS_MIB_INPKTS = 1;
export const IPSTATS_MIB_INOCTETS = 2;
export const IPSTATS_MIB_INDELIVERS = 3;
export const IPSTATS_MIB_OUTFORWDATAGRAMS = 4;
export const IPSTATS_MIB_OUTREQUESTS = 5;
export const IPSTATS_MIB_OUTOCTETS = 6;
export const IPSTATS_MIB_INHDRERRORS = 7;
export const IPSTATS_MIB_INTOOBIGERRORS = 8;
export const IPSTATS_MIB_INNOROUTES = 9;
export const IPSTATS_MIB_INADDRERRORS = 10;
export const IPSTATS_MIB_INUNKNOWNPROTOS = 11;
export const IPSTATS_MIB_INTRUNCATEDPKTS = 12;
export const IPSTATS_MIB_INDISCARDS = 13;
export const IPSTATS_MIB_OUTDISCARDS = 14;
export const IPSTATS_MIB_OUTNOROUTES = 15;
export const IPSTATS_MIB_REASMTIMEOUT = 16;
export const IPSTATS_MIB_REASMREQDS = 17;
export const IPSTATS_MIB_REASMOKS = 18;
export const IPSTATS_MIB_REASMFAILS = 19;
export const IPSTATS_MIB_FRAGOKS = 20;
export const IPSTATS_MIB_FRAGFAILS = 21;
export const IPSTATS_MIB_FRAGCREATES = 22;
export const IPSTATS_MIB_INMCASTPKTS = 23;
export const IPSTATS_MIB_OUTMCASTPKTS = 24;
export const IPSTATS_MIB_INBCASTPKTS = 25;
export const IPSTATS_MIB_OUTBCASTPKTS = 26;
export const IPSTATS_MIB_INMCASTOCTETS = 27;
export const IPSTATS_MIB_OUTMCASTOCTETS = 28;
export const IPSTATS_MIB_INBCASTOCTETS = 29;
export const IPSTATS_MIB_OUTBCASTOCTETS = 30;
export const IPSTATS_MIB_CSUMERRORS = 31;
export const IPSTATS_MIB_NOECTPKTS = 32;
export const IPSTATS_MIB_ECT1PKTS = 33;
export const IPSTATS_MIB_ECT0PKTS = 34;
export const IPSTATS_MIB_CEPKTS = 35;
export const IPSTATS_MIB_REASM_OVERLAPS = 36;
export const IPSTATS_MIB_OUTPKTS = 37;
export const __IPSTATS_MIB_MAX = 38;

/** Counters IPSTATS_MIB_* with the names that /proc shows. */
export const snmp4_ipstats_list: readonly snmp_mib[] = [
  { name: 'InReceives', entry: IPSTATS_MIB_INPKTS },
  { name: 'InOctets', entry: IPSTATS_MIB_INOCTETS },
  { name: 'InDelivers', entry: IPSTATS_MIB_INDELIVERS },
  { name: 'OutForwDatagrams', entry: IPSTATS_MIB_OUTFORWDATAGRAMS },
  { name: 'OutRequests', entry: IPSTATS_MIB_OUTREQUESTS },
  { name: 'OutOctets', entry: IPSTATS_MIB_OUTOCTETS },
  { name: 'InHdrErrors', entry: IPSTATS_MIB_INHDRERRORS },
  { name: 'InTooBigErrors', entry: IPSTATS_MIB_INTOOBIGERRORS },
  { name: 'InNoRoutes', entry: IPSTATS_MIB_INNOROUTES },
  { name: 'InAddrErrors', entry: IPSTATS_MIB_INADDRERRORS },
  { name: 'InUnknownProtos', entry: IPSTATS_MIB_INUNKNOWNPROTOS },
  { name: 'InTruncatedPkts', entry: IPSTATS_MIB_INTRUNCATEDPKTS },
  { name: 'InDiscards', entry: IPSTATS_MIB_INDISCARDS },
  { name: 'OutDiscards', entry: IPSTATS_MIB_OUTDISCARDS },
  { name: 'OutNoRoutes', entry: IPSTATS_MIB_OUTNOROUTES },
  { name: 'ReasmTimeout', entry: IPSTATS_MIB_REASMTIMEOUT },
  { name: 'ReasmReqds', entry: IPSTATS_MIB_REASMREQDS },
  { name: 'ReasmOKs', entry: IPSTATS_MIB_REASMOKS },
  { name: 'ReasmFails', entry: IPSTATS_MIB_REASMFAILS },
  { name: 'FragOKs', entry: IPSTATS_MIB_FRAGOKS },
  { name: 'FragFails', entry: IPSTATS_MIB_FRAGFAILS },
  { name: 'FragCreates', entry: IPSTATS_MIB_FRAGCREATES },
  { name: 'InMcastPkts', entry: IPSTATS_MIB_INMCASTPKTS },
  { name: 'OutMcastPkts', entry: IPSTATS_MIB_OUTMCASTPKTS },
  { name: 'InBcastPkts', entry: IPSTATS_MIB_INBCASTPKTS },
  { name: 'OutBcastPkts', entry: IPSTATS_MIB_OUTBCASTPKTS },
  { name: 'InMcastOctets', entry: IPSTATS_MIB_INMCASTOCTETS },
  { name: 'OutMcastOctets', entry: IPSTATS_MIB_OUTMCASTOCTETS },
  { name: 'InBcastOctets', entry: IPSTATS_MIB_INBCASTOCTETS },
  { name: 'OutBcastOctets', entry: IPSTATS_MIB_OUTBCASTOCTETS },
  { name: 'InCsumErrors', entry: IPSTATS_MIB_CSUMERRORS },
  { name: 'InNoECTPkts', entry: IPSTATS_MIB_NOECTPKTS },
  { name: 'InECT1Pkts', entry: IPSTATS_MIB_ECT1PKTS },
  { name: 'InECT0Pkts', entry: IPSTATS_MIB_ECT0PKTS },
  { name: 'InCEPkts', entry: IPSTATS_MIB_CEPKTS },
  { name: 'ReasmOverlaps', entry: IPSTATS_MIB_REASM_OVERLAPS },
  { name: 'OutTransmits', entry: IPSTATS_MIB_OUTPKTS },
];

export const ICMP_MIB_NUM = 0;
export const ICMP_MIB_INMSGS = 1;
export const ICMP_MIB_INERRORS = 2;
export const ICMP_MIB_INDESTUNREACHS = 3;
export const ICMP_MIB_INTIMEEXCDS = 4;
export const ICMP_MIB_INPARMPROBS = 5;
export const ICMP_MIB_INSRCQUENCHS = 6;
export const ICMP_MIB_INREDIRECTS = 7;
export const ICMP_MIB_INECHOS = 8;
export const ICMP_MIB_INECHOREPS = 9;
export const ICMP_MIB_INTIMESTAMPS = 10;
export const ICMP_MIB_INTIMESTAMPREPS = 11;
export const ICMP_MIB_INADDRMASKS = 12;
export const ICMP_MIB_INADDRMASKREPS = 13;
export const ICMP_MIB_OUTMSGS = 14;
export const ICMP_MIB_OUTERRORS = 15;
export const ICMP_MIB_OUTDESTUNREACHS = 16;
export const ICMP_MIB_OUTTIMEEXCDS = 17;
export const ICMP_MIB_OUTPARMPROBS = 18;
export const ICMP_MIB_OUTSRCQUENCHS = 19;
export const ICMP_MIB_OUTREDIRECTS = 20;
export const ICMP_MIB_OUTECHOS = 21;
export const ICMP_MIB_OUTECHOREPS = 22;
export const ICMP_MIB_OUTTIMESTAMPS = 23;
export const ICMP_MIB_OUTTIMESTAMPREPS = 24;
export const ICMP_MIB_OUTADDRMASKS = 25;
export const ICMP_MIB_OUTADDRMASKREPS = 26;
export const ICMP_MIB_CSUMERRORS = 27;
export const ICMP_MIB_RATELIMITGLOBAL = 28;
export const ICMP_MIB_RATELIMITHOST = 29;
export const __ICMP_MIB_MAX = 30;

/** Counters ICMP_MIB_* with the names that /proc shows. */
export const snmp4_icmp_list: readonly snmp_mib[] = [
  { name: 'InMsgs', entry: ICMP_MIB_INMSGS },
  { name: 'InErrors', entry: ICMP_MIB_INERRORS },
  { name: 'InDestUnreachs', entry: ICMP_MIB_INDESTUNREACHS },
  { name: 'InTimeExcds', entry: ICMP_MIB_INTIMEEXCDS },
  { name: 'InParmProbs', entry: ICMP_MIB_INPARMPROBS },
  { name: 'InSrcQuenchs', entry: ICMP_MIB_INSRCQUENCHS },
  { name: 'InRedirects', entry: ICMP_MIB_INREDIRECTS },
  { name: 'InEchos', entry: ICMP_MIB_INECHOS },
  { name: 'InEchoReps', entry: ICMP_MIB_INECHOREPS },
  { name: 'InTimestamps', entry: ICMP_MIB_INTIMESTAMPS },
  { name: 'InTimestampReps', entry: ICMP_MIB_INTIMESTAMPREPS },
  { name: 'InAddrMasks', entry: ICMP_MIB_INADDRMASKS },
  { name: 'InAddrMaskReps', entry: ICMP_MIB_INADDRMASKREPS },
  { name: 'OutMsgs', entry: ICMP_MIB_OUTMSGS },
  { name: 'OutErrors', entry: ICMP_MIB_OUTERRORS },
  { name: 'OutDestUnreachs', entry: ICMP_MIB_OUTDESTUNREACHS },
  { name: 'OutTimeExcds', entry: ICMP_MIB_OUTTIMEEXCDS },
  { name: 'OutParmProbs', entry: ICMP_MIB_OUTPARMPROBS },
  { name: 'OutSrcQuenchs', entry: ICMP_MIB_OUTSRCQUENCHS },
  { name: 'OutRedirects', entry: ICMP_MIB_OUTREDIRECTS },
  { name: 'OutEchos', entry: ICMP_MIB_OUTECHOS },
  { name: 'OutEchoReps', entry: ICMP_MIB_OUTECHOREPS },
  { name: 'OutTimestamps', entry: ICMP_MIB_OUTTIMESTAMPS },
  { name: 'OutTimestampReps', entry: ICMP_MIB_OUTTIMESTAMPREPS },
  { name: 'OutAddrMasks', entry: ICMP_MIB_OUTADDRMASKS },
  { name: 'OutAddrMaskReps', entry: ICMP_MIB_OUTADDRMASKREPS },
  { name: 'InCsumErrors', entry: ICMP_MIB_CSUMERRORS },
  { name: 'OutRateLimitGlobal', entry: ICMP_MIB_RATELIMITGLOBAL },
  { name: 'OutRateLimitHost', entry: ICMP_MIB_RATELIMITHOST },
];

export const TCP_MIB_NUM = 0;
export const TCP_MIB_RTOALGORITHM = 1;
export const TCP_MIB_RTOMIN = 2;
export const TCP_MIB_RTOMAX = 3;
export const TCP_MIB_MAXCONN = 4;
export const TCP_MIB_ACTIVEOPENS = 5;
export const TCP_MIB_PASSIVEOPENS = 6;
export const TCP_MIB_ATTEMPTFAILS = 7;
export const TCP_MIB_ESTABRESETS = 8;
export const TCP_MIB_CURRESTAB = 9;
export const TCP_MIB_INSEGS = 10;
export const TCP_MIB_OUTSEGS = 11;
export const TCP_MIB_RETRANSSEGS = 12;
export const TCP_MIB_INERRS = 13;
export const TCP_MIB_OUTRSTS = 14;
export const TCP_MIB_CSUMERRORS = 15;
export const __TCP_MIB_MAX = 16;

/** Counters TCP_MIB_* with the names that /proc shows. */
export const snmp4_tcp_list: readonly snmp_mib[] = [
  { name: 'RtoAlgorithm', entry: TCP_MIB_RTOALGORITHM },
  { name: 'RtoMin', entry: TCP_MIB_RTOMIN },
  { name: 'RtoMax', entry: TCP_MIB_RTOMAX },
  { name: 'MaxConn', entry: TCP_MIB_MAXCONN },
  { name: 'ActiveOpens', entry: TCP_MIB_ACTIVEOPENS },
  { name: 'PassiveOpens', entry: TCP_MIB_PASSIVEOPENS },
  { name: 'AttemptFails', entry: TCP_MIB_ATTEMPTFAILS },
  { name: 'EstabResets', entry: TCP_MIB_ESTABRESETS },
  { name: 'CurrEstab', entry: TCP_MIB_CURRESTAB },
  { name: 'InSegs', entry: TCP_MIB_INSEGS },
  { name: 'OutSegs', entry: TCP_MIB_OUTSEGS },
  { name: 'RetransSegs', entry: TCP_MIB_RETRANSSEGS },
  { name: 'InErrs', entry: TCP_MIB_INERRS },
  { name: 'OutRsts', entry: TCP_MIB_OUTRSTS },
  { name: 'InCsumErrors', entry: TCP_MIB_CSUMERRORS },
];

export const UDP_MIB_NUM = 0;
export const UDP_MIB_INDATAGRAMS = 1;
export const UDP_MIB_NOPORTS = 2;
export const UDP_MIB_INERRORS = 3;
export const UDP_MIB_OUTDATAGRAMS = 4;
export const UDP_MIB_RCVBUFERRORS = 5;
export const UDP_MIB_SNDBUFERRORS = 6;
export const UDP_MIB_CSUMERRORS = 7;
export const UDP_MIB_IGNOREDMULTI = 8;
export const UDP_MIB_MEMERRORS = 9;
export const __UDP_MIB_MAX = 10;

/** Counters UDP_MIB_* with the names that /proc shows. */
export const snmp4_udp_list: readonly snmp_mib[] = [
  { name: 'InDatagrams', entry: UDP_MIB_INDATAGRAMS },
  { name: 'NoPorts', entry: UDP_MIB_NOPORTS },
  { name: 'InErrors', entry: UDP_MIB_INERRORS },
  { name: 'OutDatagrams', entry: UDP_MIB_OUTDATAGRAMS },
  { name: 'RcvbufErrors', entry: UDP_MIB_RCVBUFERRORS },
  { name: 'SndbufErrors', entry: UDP_MIB_SNDBUFERRORS },
  { name: 'InCsumErrors', entry: UDP_MIB_CSUMERRORS },
  { name: 'IgnoredMulti', entry: UDP_MIB_IGNOREDMULTI },
  { name: 'MemErrors', entry: UDP_MIB_MEMERRORS },
];

export const LINUX_MIB_NUM = 0;
export const LINUX_MIB_SYNCOOKIESSENT = 1;
export const LINUX_MIB_SYNCOOKIESRECV = 2;
export const LINUX_MIB_SYNCOOKIESFAILED = 3;
export const LINUX_MIB_EMBRYONICRSTS = 4;
export const LINUX_MIB_PRUNECALLED = 5;
export const LINUX_MIB_RCVPRUNED = 6;
export const LINUX_MIB_OFOPRUNED = 7;
export const LINUX_MIB_OUTOFWINDOWICMPS = 8;
export const LINUX_MIB_LOCKDROPPEDICMPS = 9;
export const LINUX_MIB_ARPFILTER = 10;
export const LINUX_MIB_TIMEWAITED = 11;
export const LINUX_MIB_TIMEWAITRECYCLED = 12;
export const LINUX_MIB_TIMEWAITKILLED = 13;
export const LINUX_MIB_PAWSACTIVEREJECTED = 14;
export const LINUX_MIB_PAWSESTABREJECTED = 15;
export const LINUX_MIB_BEYOND_WINDOW = 16;
export const LINUX_MIB_TSECRREJECTED = 17;
export const LINUX_MIB_PAWS_OLD_ACK = 18;
export const LINUX_MIB_PAWS_TW_REJECTED = 19;
export const LINUX_MIB_DELAYEDACKS = 20;
export const LINUX_MIB_DELAYEDACKLOCKED = 21;
export const LINUX_MIB_DELAYEDACKLOST = 22;
export const LINUX_MIB_LISTENOVERFLOWS = 23;
export const LINUX_MIB_LISTENDROPS = 24;
export const LINUX_MIB_TCPHPHITS = 25;
export const LINUX_MIB_TCPPUREACKS = 26;
export const LINUX_MIB_TCPHPACKS = 27;
export const LINUX_MIB_TCPRENORECOVERY = 28;
export const LINUX_MIB_TCPSACKRECOVERY = 29;
export const LINUX_MIB_TCPSACKRENEGING = 30;
export const LINUX_MIB_TCPSACKREORDER = 31;
export const LINUX_MIB_TCPRENOREORDER = 32;
export const LINUX_MIB_TCPTSREORDER = 33;
export const LINUX_MIB_TCPFULLUNDO = 34;
export const LINUX_MIB_TCPPARTIALUNDO = 35;
export const LINUX_MIB_TCPDSACKUNDO = 36;
export const LINUX_MIB_TCPLOSSUNDO = 37;
export const LINUX_MIB_TCPLOSTRETRANSMIT = 38;
export const LINUX_MIB_TCPRENOFAILURES = 39;
export const LINUX_MIB_TCPSACKFAILURES = 40;
export const LINUX_MIB_TCPLOSSFAILURES = 41;
export const LINUX_MIB_TCPFASTRETRANS = 42;
export const LINUX_MIB_TCPSLOWSTARTRETRANS = 43;
export const LINUX_MIB_TCPTIMEOUTS = 44;
export const LINUX_MIB_TCPLOSSPROBES = 45;
export const LINUX_MIB_TCPLOSSPROBERECOVERY = 46;
export const LINUX_MIB_TCPRENORECOVERYFAIL = 47;
export const LINUX_MIB_TCPSACKRECOVERYFAIL = 48;
export const LINUX_MIB_TCPRCVCOLLAPSED = 49;
export const LINUX_MIB_TCPDSACKOLDSENT = 50;
export const LINUX_MIB_TCPDSACKOFOSENT = 51;
export const LINUX_MIB_TCPDSACKRECV = 52;
export const LINUX_MIB_TCPDSACKOFORECV = 53;
export const LINUX_MIB_TCPABORTONDATA = 54;
export const LINUX_MIB_TCPABORTONCLOSE = 55;
export const LINUX_MIB_TCPABORTONMEMORY = 56;
export const LINUX_MIB_TCPABORTONTIMEOUT = 57;
export const LINUX_MIB_TCPABORTONLINGER = 58;
export const LINUX_MIB_TCPABORTFAILED = 59;
export const LINUX_MIB_TCPMEMORYPRESSURES = 60;
export const LINUX_MIB_TCPMEMORYPRESSURESCHRONO = 61;
export const LINUX_MIB_TCPSACKDISCARD = 62;
export const LINUX_MIB_TCPDSACKIGNOREDOLD = 63;
export const LINUX_MIB_TCPDSACKIGNOREDNOUNDO = 64;
export const LINUX_MIB_TCPSPURIOUSRTOS = 65;
export const LINUX_MIB_TCPMD5NOTFOUND = 66;
export const LINUX_MIB_TCPMD5UNEXPECTED = 67;
export const LINUX_MIB_TCPMD5FAILURE = 68;
export const LINUX_MIB_SACKSHIFTED = 69;
export const LINUX_MIB_SACKMERGED = 70;
export const LINUX_MIB_SACKSHIFTFALLBACK = 71;
export const LINUX_MIB_TCPBACKLOGDROP = 72;
export const LINUX_MIB_PFMEMALLOCDROP = 73;
export const LINUX_MIB_TCPMINTTLDROP = 74;
export const LINUX_MIB_TCPDEFERACCEPTDROP = 75;
export const LINUX_MIB_IPRPFILTER = 76;
export const LINUX_MIB_TCPTIMEWAITOVERFLOW = 77;
export const LINUX_MIB_TCPREQQFULLDOCOOKIES = 78;
export const LINUX_MIB_TCPREQQFULLDROP = 79;
export const LINUX_MIB_TCPRETRANSFAIL = 80;
export const LINUX_MIB_TCPRCVCOALESCE = 81;
export const LINUX_MIB_TCPBACKLOGCOALESCE = 82;
export const LINUX_MIB_TCPOFOQUEUE = 83;
export const LINUX_MIB_TCPOFODROP = 84;
export const LINUX_MIB_TCPOFOMERGE = 85;
export const LINUX_MIB_TCPCHALLENGEACK = 86;
export const LINUX_MIB_TCPSYNCHALLENGE = 87;
export const LINUX_MIB_TCPFASTOPENACTIVE = 88;
export const LINUX_MIB_TCPFASTOPENACTIVEFAIL = 89;
export const LINUX_MIB_TCPFASTOPENPASSIVE = 90;
export const LINUX_MIB_TCPFASTOPENPASSIVEFAIL = 91;
export const LINUX_MIB_TCPFASTOPENLISTENOVERFLOW = 92;
export const LINUX_MIB_TCPFASTOPENCOOKIEREQD = 93;
export const LINUX_MIB_TCPFASTOPENBLACKHOLE = 94;
export const LINUX_MIB_TCPSPURIOUS_RTX_HOSTQUEUES = 95;
export const LINUX_MIB_BUSYPOLLRXPACKETS = 96;
export const LINUX_MIB_TCPAUTOCORKING = 97;
export const LINUX_MIB_TCPFROMZEROWINDOWADV = 98;
export const LINUX_MIB_TCPTOZEROWINDOWADV = 99;
export const LINUX_MIB_TCPWANTZEROWINDOWADV = 100;
export const LINUX_MIB_TCPSYNRETRANS = 101;
export const LINUX_MIB_TCPORIGDATASENT = 102;
export const LINUX_MIB_TCPHYSTARTTRAINDETECT = 103;
export const LINUX_MIB_TCPHYSTARTTRAINCWND = 104;
export const LINUX_MIB_TCPHYSTARTDELAYDETECT = 105;
export const LINUX_MIB_TCPHYSTARTDELAYCWND = 106;
export const LINUX_MIB_TCPACKSKIPPEDSYNRECV = 107;
export const LINUX_MIB_TCPACKSKIPPEDPAWS = 108;
export const LINUX_MIB_TCPACKSKIPPEDSEQ = 109;
export const LINUX_MIB_TCPACKSKIPPEDFINWAIT2 = 110;
export const LINUX_MIB_TCPACKSKIPPEDTIMEWAIT = 111;
export const LINUX_MIB_TCPACKSKIPPEDCHALLENGE = 112;
export const LINUX_MIB_TCPWINPROBE = 113;
export const LINUX_MIB_TCPKEEPALIVE = 114;
export const LINUX_MIB_TCPMTUPFAIL = 115;
export const LINUX_MIB_TCPMTUPSUCCESS = 116;
export const LINUX_MIB_TCPDELIVERED = 117;
export const LINUX_MIB_TCPDELIVEREDCE = 118;
export const LINUX_MIB_TCPACKCOMPRESSED = 119;
export const LINUX_MIB_TCPZEROWINDOWDROP = 120;
export const LINUX_MIB_TCPRCVQDROP = 121;
export const LINUX_MIB_TCPWQUEUETOOBIG = 122;
export const LINUX_MIB_TCPFASTOPENPASSIVEALTKEY = 123;
export const LINUX_MIB_TCPTIMEOUTREHASH = 124;
export const LINUX_MIB_TCPDUPLICATEDATAREHASH = 125;
export const LINUX_MIB_TCPDSACKRECVSEGS = 126;
export const LINUX_MIB_TCPDSACKIGNOREDDUBIOUS = 127;
export const LINUX_MIB_TCPMIGRATEREQSUCCESS = 128;
export const LINUX_MIB_TCPMIGRATEREQFAILURE = 129;
export const LINUX_MIB_TCPPLBREHASH = 130;
export const LINUX_MIB_TCPAOREQUIRED = 131;
export const LINUX_MIB_TCPAOBAD = 132;
export const LINUX_MIB_TCPAOKEYNOTFOUND = 133;
export const LINUX_MIB_TCPAOGOOD = 134;
export const LINUX_MIB_TCPAODROPPEDICMPS = 135;
export const __LINUX_MIB_MAX = 136;

/** Counters LINUX_MIB_* with the names that /proc shows. */
export const snmp4_net_list: readonly snmp_mib[] = [
  { name: 'SyncookiesSent', entry: LINUX_MIB_SYNCOOKIESSENT },
  { name: 'SyncookiesRecv', entry: LINUX_MIB_SYNCOOKIESRECV },
  { name: 'SyncookiesFailed', entry: LINUX_MIB_SYNCOOKIESFAILED },
  { name: 'EmbryonicRsts', entry: LINUX_MIB_EMBRYONICRSTS },
  { name: 'PruneCalled', entry: LINUX_MIB_PRUNECALLED },
  { name: 'RcvPruned', entry: LINUX_MIB_RCVPRUNED },
  { name: 'OfoPruned', entry: LINUX_MIB_OFOPRUNED },
  { name: 'OutOfWindowIcmps', entry: LINUX_MIB_OUTOFWINDOWICMPS },
  { name: 'LockDroppedIcmps', entry: LINUX_MIB_LOCKDROPPEDICMPS },
  { name: 'ArpFilter', entry: LINUX_MIB_ARPFILTER },
  { name: 'TW', entry: LINUX_MIB_TIMEWAITED },
  { name: 'TWRecycled', entry: LINUX_MIB_TIMEWAITRECYCLED },
  { name: 'TWKilled', entry: LINUX_MIB_TIMEWAITKILLED },
  { name: 'PAWSActive', entry: LINUX_MIB_PAWSACTIVEREJECTED },
  { name: 'PAWSEstab', entry: LINUX_MIB_PAWSESTABREJECTED },
  { name: 'BeyondWindow', entry: LINUX_MIB_BEYOND_WINDOW },
  { name: 'TSEcrRejected', entry: LINUX_MIB_TSECRREJECTED },
  { name: 'PAWSOldAck', entry: LINUX_MIB_PAWS_OLD_ACK },
  { name: 'PAWSTimewait', entry: LINUX_MIB_PAWS_TW_REJECTED },
  { name: 'DelayedACKs', entry: LINUX_MIB_DELAYEDACKS },
  { name: 'DelayedACKLocked', entry: LINUX_MIB_DELAYEDACKLOCKED },
  { name: 'DelayedACKLost', entry: LINUX_MIB_DELAYEDACKLOST },
  { name: 'ListenOverflows', entry: LINUX_MIB_LISTENOVERFLOWS },
  { name: 'ListenDrops', entry: LINUX_MIB_LISTENDROPS },
  { name: 'TCPHPHits', entry: LINUX_MIB_TCPHPHITS },
  { name: 'TCPPureAcks', entry: LINUX_MIB_TCPPUREACKS },
  { name: 'TCPHPAcks', entry: LINUX_MIB_TCPHPACKS },
  { name: 'TCPRenoRecovery', entry: LINUX_MIB_TCPRENORECOVERY },
  { name: 'TCPSackRecovery', entry: LINUX_MIB_TCPSACKRECOVERY },
  { name: 'TCPSACKReneging', entry: LINUX_MIB_TCPSACKRENEGING },
  { name: 'TCPSACKReorder', entry: LINUX_MIB_TCPSACKREORDER },
  { name: 'TCPRenoReorder', entry: LINUX_MIB_TCPRENOREORDER },
  { name: 'TCPTSReorder', entry: LINUX_MIB_TCPTSREORDER },
  { name: 'TCPFullUndo', entry: LINUX_MIB_TCPFULLUNDO },
  { name: 'TCPPartialUndo', entry: LINUX_MIB_TCPPARTIALUNDO },
  { name: 'TCPDSACKUndo', entry: LINUX_MIB_TCPDSACKUNDO },
  { name: 'TCPLossUndo', entry: LINUX_MIB_TCPLOSSUNDO },
  { name: 'TCPLostRetransmit', entry: LINUX_MIB_TCPLOSTRETRANSMIT },
  { name: 'TCPRenoFailures', entry: LINUX_MIB_TCPRENOFAILURES },
  { name: 'TCPSackFailures', entry: LINUX_MIB_TCPSACKFAILURES },
  { name: 'TCPLossFailures', entry: LINUX_MIB_TCPLOSSFAILURES },
  { name: 'TCPFastRetrans', entry: LINUX_MIB_TCPFASTRETRANS },
  { name: 'TCPSlowStartRetrans', entry: LINUX_MIB_TCPSLOWSTARTRETRANS },
  { name: 'TCPTimeouts', entry: LINUX_MIB_TCPTIMEOUTS },
  { name: 'TCPLossProbes', entry: LINUX_MIB_TCPLOSSPROBES },
  { name: 'TCPLossProbeRecovery', entry: LINUX_MIB_TCPLOSSPROBERECOVERY },
  { name: 'TCPRenoRecoveryFail', entry: LINUX_MIB_TCPRENORECOVERYFAIL },
  { name: 'TCPSackRecoveryFail', entry: LINUX_MIB_TCPSACKRECOVERYFAIL },
  { name: 'TCPRcvCollapsed', entry: LINUX_MIB_TCPRCVCOLLAPSED },
  { name: 'TCPDSACKOldSent', entry: LINUX_MIB_TCPDSACKOLDSENT },
  { name: 'TCPDSACKOfoSent', entry: LINUX_MIB_TCPDSACKOFOSENT },
  { name: 'TCPDSACKRecv', entry: LINUX_MIB_TCPDSACKRECV },
  { name: 'TCPDSACKOfoRecv', entry: LINUX_MIB_TCPDSACKOFORECV },
  { name: 'TCPAbortOnData', entry: LINUX_MIB_TCPABORTONDATA },
  { name: 'TCPAbortOnClose', entry: LINUX_MIB_TCPABORTONCLOSE },
  { name: 'TCPAbortOnMemory', entry: LINUX_MIB_TCPABORTONMEMORY },
  { name: 'TCPAbortOnTimeout', entry: LINUX_MIB_TCPABORTONTIMEOUT },
  { name: 'TCPAbortOnLinger', entry: LINUX_MIB_TCPABORTONLINGER },
  { name: 'TCPAbortFailed', entry: LINUX_MIB_TCPABORTFAILED },
  { name: 'TCPMemoryPressures', entry: LINUX_MIB_TCPMEMORYPRESSURES },
  { name: 'TCPMemoryPressuresChrono', entry: LINUX_MIB_TCPMEMORYPRESSURESCHRONO },
  { name: 'TCPSACKDiscard', entry: LINUX_MIB_TCPSACKDISCARD },
  { name: 'TCPDSACKIgnoredOld', entry: LINUX_MIB_TCPDSACKIGNOREDOLD },
  { name: 'TCPDSACKIgnoredNoUndo', entry: LINUX_MIB_TCPDSACKIGNOREDNOUNDO },
  { name: 'TCPSpuriousRTOs', entry: LINUX_MIB_TCPSPURIOUSRTOS },
  { name: 'TCPMD5NotFound', entry: LINUX_MIB_TCPMD5NOTFOUND },
  { name: 'TCPMD5Unexpected', entry: LINUX_MIB_TCPMD5UNEXPECTED },
  { name: 'TCPMD5Failure', entry: LINUX_MIB_TCPMD5FAILURE },
  { name: 'TCPSackShifted', entry: LINUX_MIB_SACKSHIFTED },
  { name: 'TCPSackMerged', entry: LINUX_MIB_SACKMERGED },
  { name: 'TCPSackShiftFallback', entry: LINUX_MIB_SACKSHIFTFALLBACK },
  { name: 'TCPBacklogDrop', entry: LINUX_MIB_TCPBACKLOGDROP },
  { name: 'PFMemallocDrop', entry: LINUX_MIB_PFMEMALLOCDROP },
  { name: 'TCPMinTTLDrop', entry: LINUX_MIB_TCPMINTTLDROP },
  { name: 'TCPDeferAcceptDrop', entry: LINUX_MIB_TCPDEFERACCEPTDROP },
  { name: 'IPReversePathFilter', entry: LINUX_MIB_IPRPFILTER },
  { name: 'TCPTimeWaitOverflow', entry: LINUX_MIB_TCPTIMEWAITOVERFLOW },
  { name: 'TCPReqQFullDoCookies', entry: LINUX_MIB_TCPREQQFULLDOCOOKIES },
  { name: 'TCPReqQFullDrop', entry: LINUX_MIB_TCPREQQFULLDROP },
  { name: 'TCPRetransFail', entry: LINUX_MIB_TCPRETRANSFAIL },
  { name: 'TCPRcvCoalesce', entry: LINUX_MIB_TCPRCVCOALESCE },
  { name: 'TCPBacklogCoalesce', entry: LINUX_MIB_TCPBACKLOGCOALESCE },
  { name: 'TCPOFOQueue', entry: LINUX_MIB_TCPOFOQUEUE },
  { name: 'TCPOFODrop', entry: LINUX_MIB_TCPOFODROP },
  { name: 'TCPOFOMerge', entry: LINUX_MIB_TCPOFOMERGE },
  { name: 'TCPChallengeACK', entry: LINUX_MIB_TCPCHALLENGEACK },
  { name: 'TCPSYNChallenge', entry: LINUX_MIB_TCPSYNCHALLENGE },
  { name: 'TCPFastOpenActive', entry: LINUX_MIB_TCPFASTOPENACTIVE },
  { name: 'TCPFastOpenActiveFail', entry: LINUX_MIB_TCPFASTOPENACTIVEFAIL },
  { name: 'TCPFastOpenPassive', entry: LINUX_MIB_TCPFASTOPENPASSIVE },
  { name: 'TCPFastOpenPassiveFail', entry: LINUX_MIB_TCPFASTOPENPASSIVEFAIL },
  { name: 'TCPFastOpenListenOverflow', entry: LINUX_MIB_TCPFASTOPENLISTENOVERFLOW },
  { name: 'TCPFastOpenCookieReqd', entry: LINUX_MIB_TCPFASTOPENCOOKIEREQD },
  { name: 'TCPFastOpenBlackhole', entry: LINUX_MIB_TCPFASTOPENBLACKHOLE },
  { name: 'TCPSpuriousRtxHostQueues', entry: LINUX_MIB_TCPSPURIOUS_RTX_HOSTQUEUES },
  { name: 'BusyPollRxPackets', entry: LINUX_MIB_BUSYPOLLRXPACKETS },
  { name: 'TCPAutoCorking', entry: LINUX_MIB_TCPAUTOCORKING },
  { name: 'TCPFromZeroWindowAdv', entry: LINUX_MIB_TCPFROMZEROWINDOWADV },
  { name: 'TCPToZeroWindowAdv', entry: LINUX_MIB_TCPTOZEROWINDOWADV },
  { name: 'TCPWantZeroWindowAdv', entry: LINUX_MIB_TCPWANTZEROWINDOWADV },
  { name: 'TCPSynRetrans', entry: LINUX_MIB_TCPSYNRETRANS },
  { name: 'TCPOrigDataSent', entry: LINUX_MIB_TCPORIGDATASENT },
  { name: 'TCPHystartTrainDetect', entry: LINUX_MIB_TCPHYSTARTTRAINDETECT },
  { name: 'TCPHystartTrainCwnd', entry: LINUX_MIB_TCPHYSTARTTRAINCWND },
  { name: 'TCPHystartDelayDetect', entry: LINUX_MIB_TCPHYSTARTDELAYDETECT },
  { name: 'TCPHystartDelayCwnd', entry: LINUX_MIB_TCPHYSTARTDELAYCWND },
  { name: 'TCPACKSkippedSynRecv', entry: LINUX_MIB_TCPACKSKIPPEDSYNRECV },
  { name: 'TCPACKSkippedPAWS', entry: LINUX_MIB_TCPACKSKIPPEDPAWS },
  { name: 'TCPACKSkippedSeq', entry: LINUX_MIB_TCPACKSKIPPEDSEQ },
  { name: 'TCPACKSkippedFinWait2', entry: LINUX_MIB_TCPACKSKIPPEDFINWAIT2 },
  { name: 'TCPACKSkippedTimeWait', entry: LINUX_MIB_TCPACKSKIPPEDTIMEWAIT },
  { name: 'TCPACKSkippedChallenge', entry: LINUX_MIB_TCPACKSKIPPEDCHALLENGE },
  { name: 'TCPWinProbe', entry: LINUX_MIB_TCPWINPROBE },
  { name: 'TCPKeepAlive', entry: LINUX_MIB_TCPKEEPALIVE },
  { name: 'TCPMTUPFail', entry: LINUX_MIB_TCPMTUPFAIL },
  { name: 'TCPMTUPSuccess', entry: LINUX_MIB_TCPMTUPSUCCESS },
  { name: 'TCPDelivered', entry: LINUX_MIB_TCPDELIVERED },
  { name: 'TCPDeliveredCE', entry: LINUX_MIB_TCPDELIVEREDCE },
  { name: 'TCPAckCompressed', entry: LINUX_MIB_TCPACKCOMPRESSED },
  { name: 'TCPZeroWindowDrop', entry: LINUX_MIB_TCPZEROWINDOWDROP },
  { name: 'TCPRcvQDrop', entry: LINUX_MIB_TCPRCVQDROP },
  { name: 'TCPWqueueTooBig', entry: LINUX_MIB_TCPWQUEUETOOBIG },
  { name: 'TCPFastOpenPassiveAltKey', entry: LINUX_MIB_TCPFASTOPENPASSIVEALTKEY },
  { name: 'TcpTimeoutRehash', entry: LINUX_MIB_TCPTIMEOUTREHASH },
  { name: 'TcpDuplicateDataRehash', entry: LINUX_MIB_TCPDUPLICATEDATAREHASH },
  { name: 'TCPDSACKRecvSegs', entry: LINUX_MIB_TCPDSACKRECVSEGS },
  { name: 'TCPDSACKIgnoredDubious', entry: LINUX_MIB_TCPDSACKIGNOREDDUBIOUS },
  { name: 'TCPMigrateReqSuccess', entry: LINUX_MIB_TCPMIGRATEREQSUCCESS },
  { name: 'TCPMigrateReqFailure', entry: LINUX_MIB_TCPMIGRATEREQFAILURE },
  { name: 'TCPPLBRehash', entry: LINUX_MIB_TCPPLBREHASH },
  { name: 'TCPAORequired', entry: LINUX_MIB_TCPAOREQUIRED },
  { name: 'TCPAOBad', entry: LINUX_MIB_TCPAOBAD },
  { name: 'TCPAOKeyNotFound', entry: LINUX_MIB_TCPAOKEYNOTFOUND },
  { name: 'TCPAOGood', entry: LINUX_MIB_TCPAOGOOD },
  { name: 'TCPAODroppedIcmps', entry: LINUX_MIB_TCPAODROPPEDICMPS },
];

/** Types of ICMPMSG counters: received types at 0 … 255, sent types at 256 … 511. */
export const __ICMPMSG_MIB_MAX = 512;

/** Adds one to a counter. @notrace */
export function SNMP_INC_STATS(mib: snmp_mib_counters, field: number): void {
  mib[field]++;
}

/** Adds one to a counter, from softirq context. @notrace */
export function __SNMP_INC_STATS(mib: snmp_mib_counters, field: number): void {
  mib[field]++;
}

/** Takes one from a counter. @notrace */
export function SNMP_DEC_STATS(mib: snmp_mib_counters, field: number): void {
  mib[field]--;
}

/** Adds to a counter. @notrace */
export function SNMP_ADD_STATS(mib: snmp_mib_counters, field: number, addend: number): void {
  mib[field] += addend;
}

/** Adds to a packet counter one, and to the octet counter that follows it the octets. @notrace */
export function SNMP_UPD_PO_STATS(mib: snmp_mib_counters, packets: number, octets: number, length: number): void {
  mib[packets]++;
  mib[octets] += length;
}

/** The counter arrays of one network namespace (include/net/netns/mib.h). */
export class netns_mib {
  ip_statistics: snmp_mib_counters = new Float64Array(__IPSTATS_MIB_MAX);
  icmp_statistics: snmp_mib_counters = new Float64Array(__ICMP_MIB_MAX);
  icmpmsg_statistics: snmp_mib_counters = new Float64Array(__ICMPMSG_MIB_MAX);
  tcp_statistics: snmp_mib_counters = new Float64Array(__TCP_MIB_MAX);
  udp_statistics: snmp_mib_counters = new Float64Array(__UDP_MIB_MAX);
  udplite_statistics: snmp_mib_counters = new Float64Array(__UDP_MIB_MAX);
  net_statistics: snmp_mib_counters = new Float64Array(__LINUX_MIB_MAX);
}
