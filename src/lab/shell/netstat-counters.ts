// `netstat -s`: the counters of /proc/net/snmp and /proc/net/netstat in the words of net-tools 2.10. Counters that
// net-tools has no words for stand with the kernel's names, when they are not 0.

/** Words by the file's line and the counter's name; % is where the number stands. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ip: {
    InReceives: '% total packets received',
    InHdrErrors: '% with invalid headers',
    InAddrErrors: '% with invalid addresses',
    ForwDatagrams: '% forwarded',
    InUnknownProtos: '% with unknown protocol',
    InDiscards: '% incoming packets discarded',
    InDelivers: '% incoming packets delivered',
    OutRequests: '% requests sent out',
    OutDiscards: '% outgoing packets dropped',
    OutNoRoutes: '% dropped because of missing route',
    ReasmTimeout: '% fragments dropped after timeout',
    ReasmReqds: '% reassemblies required',
    ReasmOKs: '% packets reassembled ok',
    ReasmFails: '% packet reassemblies failed',
    FragOKs: '% outgoing packets fragmented ok',
    FragFails: '% outgoing packets failed fragmentation',
    FragCreates: '% fragments created',
  },
  Icmp: {
    InMsgs: '% ICMP messages received',
    InErrors: '% input ICMP message failed',
    InDestUnreachs: 'destination unreachable: %',
    InTimeExcds: 'timeout in transit: %',
    InParmProbs: 'wrong parameters: %',
    InSrcQuenchs: 'source quenches: %',
    InRedirects: 'redirects: %',
    InEchos: 'echo requests: %',
    InEchoReps: 'echo replies: %',
    InTimestamps: 'timestamp request: %',
    InTimestampReps: 'timestamp reply: %',
    InAddrMasks: 'address mask request: %',
    InAddrMaskReps: 'address mask replies: %',
    OutMsgs: '% ICMP messages sent',
    OutErrors: '% ICMP messages failed',
    OutDestUnreachs: 'destination unreachable: %',
    OutTimeExcds: 'time exceeded: %',
    OutParmProbs: 'wrong parameters: %',
    OutSrcQuenchs: 'source quench: %',
    OutRedirects: 'redirect: %',
    OutEchos: 'echo requests: %',
    OutEchoReps: 'echo replies: %',
    OutTimestamps: 'timestamp requests: %',
    OutTimestampReps: 'timestamp replies: %',
    OutAddrMasks: 'address mask requests: %',
    OutAddrMaskReps: 'address mask replies: %',
  },
  Tcp: {
    ActiveOpens: '% active connection openings',
    PassiveOpens: '% passive connection openings',
    AttemptFails: '% failed connection attempts',
    EstabResets: '% connection resets received',
    CurrEstab: '% connections established',
    InSegs: '% segments received',
    OutSegs: '% segments sent out',
    RetransSegs: '% segments retransmitted',
    InErrs: '% bad segments received',
    OutRsts: '% resets sent',
  },
  Udp: {
    InDatagrams: '% packets received',
    NoPorts: '% packets to unknown port received',
    InErrors: '% packet receive errors',
    OutDatagrams: '% packets sent',
    RcvbufErrors: '% receive buffer errors',
    SndbufErrors: '% send buffer errors',
  },
  TcpExt: {
    SyncookiesSent: '% SYN cookies sent',
    SyncookiesRecv: '% SYN cookies received',
    SyncookiesFailed: '% invalid SYN cookies received',
    EmbryonicRsts: '% resets received for embryonic SYN_RECV sockets',
    PruneCalled: '% packets pruned from receive queue because of socket buffer overrun',
    RcvPruned: '% packets pruned from receive queue',
    OfoPruned: '% packets dropped from out-of-order queue because of socket buffer overrun',
    OutOfWindowIcmps: '% ICMP packets dropped because they were out-of-window',
    LockDroppedIcmps: '% ICMP packets dropped because socket was locked',
    TW: '% TCP sockets finished time wait in fast timer',
    TWRecycled: '% time wait sockets recycled by time stamp',
    PAWSActive: '% active connections rejected because of time stamp',
    PAWSEstab: '% packets rejected in established connections because of timestamp',
    DelayedACKs: '% delayed acks sent',
    DelayedACKLocked: '% delayed acks further delayed because of locked socket',
    DelayedACKLost: 'Quick ack mode was activated % times',
    ListenOverflows: '% times the listen queue of a socket overflowed',
    ListenDrops: '% SYNs to LISTEN sockets dropped',
    TCPHPHits: '% packet headers predicted',
    TCPPureAcks: '% acknowledgments not containing data payload received',
    TCPHPAcks: '% predicted acknowledgments',
    TCPRenoRecovery: '% times recovered from packet loss due to fast retransmit',
    TCPSACKReorder: 'Detected reordering % times using SACK',
    TCPRenoReorder: 'Detected reordering % times using reno fast retransmit',
    TCPTSReorder: 'Detected reordering % times using time stamp',
    TCPFullUndo: '% congestion windows fully recovered without slow start',
    TCPPartialUndo: '% congestion windows partially recovered using Hoe heuristic',
    TCPLossUndo: '% congestion windows recovered without slow start after partial ack',
    TCPRenoFailures: '% timeouts after reno fast retransmit',
    TCPLossFailures: '% timeouts in loss state',
    TCPFastRetrans: '% fast retransmits',
    TCPSlowStartRetrans: '% retransmits in slow start',
    TCPRcvCollapsed: '% packets collapsed in receive queue due to low socket buffer',
    TCPAbortOnData: '% connections reset due to unexpected data',
    TCPAbortOnClose: '% connections reset due to early user close',
    TCPAbortOnMemory: '% connections aborted due to memory pressure',
    TCPAbortOnTimeout: '% connections aborted due to timeout',
    TCPAbortOnLinger: '% connections aborted after user close in linger timeout',
    TCPAbortFailed: '% times unable to send RST due to no memory',
    TCPMemoryPressures: 'TCP ran low on memory % times',
  },
};

/** Counters that are shown even when they are 0. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  Ip: ['InReceives', 'ForwDatagrams', 'InDiscards', 'InDelivers', 'OutRequests'],
  Icmp: ['InMsgs', 'InErrors', 'OutMsgs', 'OutErrors'],
  Tcp: [
    'ActiveOpens',
    'PassiveOpens',
    'AttemptFails',
    'EstabResets',
    'CurrEstab',
    'InSegs',
    'OutSegs',
    'RetransSegs',
    'InErrs',
    'OutRsts',
  ],
  Udp: ['InDatagrams', 'NoPorts', 'InErrors', 'OutDatagrams', 'RcvbufErrors', 'SndbufErrors'],
  TcpExt: ['TCPHPHits'],
};

/** Settings rather than counters: never shown. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  Ip: ['DefaultTTL'],
  Tcp: ['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn'],
};

/** The counters of a direction that stand under a heading of their own, one step further in. */
const HISTOGRAMS: readonly (readonly [direction: RegExp, heading: string])[] = [
  [/^In(?!Msgs|Errors|CsumErrors)/, '    ICMP input histogram:\n'],
  [/^Out(?!Msgs|Errors|RateLimit)/, '    ICMP output histogram:\n'],
];

function line(section: string, name: string, value: string): string {
  if (HIDDEN[section]?.includes(name) === true) return '';
  if (value === '0' && ALWAYS[section]?.includes(name) !== true) return '';
  const text = TEXTS[section]?.[name] ?? `${name}: %`;
  return `${text.replace('%', value)}\n`;
}

/**
 * @param files the text of /proc/net/snmp and that of /proc/net/netstat: pairs of lines, names and values
 * @param protocols `t` and `u`: these alone; none: all
 */
export function counters(files: string, protocols: readonly string[]): string {
  const wanted = protocols.flatMap((letter) =>
    letter === 't' ? ['IcmpMsg', 'Tcp', 'UdpLite', 'TcpExt', 'IpExt'] : ['IcmpMsg', 'Udp', 'UdpLite', 'IpExt'],
  );
  const lines = files.split('\n').filter((text) => text !== '');
  let output = '';
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [title, ...names] = lines[i].split(' ');
    const values = lines[i + 1].split(' ').slice(1);
    const section = title.slice(0, -1);
    if (wanted.length > 0 && !wanted.includes(section)) continue;
    output += `${title}\n`;
    const begun = new Set<string>();
    names.forEach((name, n) => {
      const heading = section === 'Icmp' ? HISTOGRAMS.find(([direction]) => direction.test(name))?.[1] : undefined;
      if (heading !== undefined && !begun.has(heading)) {
        begun.add(heading);
        output += heading;
      }
      const text = line(section, name, values[n]);
      const indent = heading !== undefined || section === 'IcmpMsg' ? 8 : 4;
      if (text !== '') output += ' '.repeat(indent) + text;
    });
  }
  return output;
}
