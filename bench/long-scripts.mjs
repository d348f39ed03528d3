// Two scripts of about 300 lines, as people write them: one that follows functions, one that asks the tapset.
// Line by line what a person would repeat and change a little.

const FUNCTIONS = [
  ['ip_rcv', '$skb->len'],
  ['ip_local_deliver', '$skb->len'],
  ['ip_forward', '$skb->len'],
  ['ip_output', '$skb->len'],
  ['ip_finish_output2', '$skb->len'],
  ['arp_rcv', '$skb->len'],
  ['icmp_rcv', '$skb->len'],
  ['tcp_v4_rcv', '$skb->len'],
  ['tcp_rcv_established', '$skb->len'],
  ['tcp_ack', '$flag'],
  ['__tcp_transmit_skb', '$skb->len'],
  ['tcp_write_xmit', '$mss_now'],
  ['udp_rcv', '$skb->len'],
  ['dev_queue_xmit', '$skb->len'],
  ['net_rx_action', '0'],
];

/** Functions' entries and returns, helper functions, arrays, aggregates. */
export function functionsScript() {
  const globals = FUNCTIONS.map(([name]) => `global began_${name}, spent_${name}, sizes_${name}`).join('\n');
  const probes = FUNCTIONS.map(
    ([name, value], i) => `probe kernel.function("${name}").call {
  began_${name}[tid()] = gettimeofday_us()
  size = ${value}
  sizes_${name} <<< size
  if (size > ${100 + i} && verbose()) {
    printf("%s %s: %d bytes\\n", thread_indent(1), ppfunc(), size)
    larger[hostname(), ppfunc()]++
  } else {
    smaller[hostname(), ppfunc()] += size & 0xff
  }
}
probe kernel.function("${name}").return {
  if (tid() in began_${name}) {
    spent = gettimeofday_us() - began_${name}[tid()]
    spent_${name}[who()] <<< spent
    delete began_${name}[tid()]
  }
}`,
  ).join('\n');
  const reports = FUNCTIONS.map(
    ([name]) => `  foreach (w in spent_${name}- limit 5)
    report("${name}", w, @count(spent_${name}[w]), @avg(spent_${name}[w]))`,
  ).join('\n');
  return `# Where the time goes, by function and by whom.
${globals}
global larger, smaller, shown
function verbose:long() { return shown < 100 }
function who:string() {
  if (pid() == 0)
    return "softirq"
  return sprintf("%s/%d", execname(), pid())
}
function report(name:string, w:string, n:long, average:long) {
  printf("%-20s %-16s %6d %6d\\n", name, w, n, average)
  shown++
}
probe begin { println("tracing") }
${probes}
probe tcp.sendmsg { printf("%s sends %d bytes\\n", execname(), size) }
probe end {
${reports}
  foreach ([host, name] in larger- limit 10)
    printf("%s %s %d\\n", host, name, larger[host, name])
  foreach ([host, name] in smaller+ limit 10)
    printf("%s %s %d\\n", host, name, smaller[host, name])
}
`;
}

const ALIASES = [
  ['tcp.sendmsg', 'size'],
  ['tcp.recvmsg', 'size'],
  ['tcp.disconnect', 'flags'],
  ['tcp.receive', 'sport'],
  ['udp.sendmsg', 'size'],
  ['udp.recvmsg', 'size'],
  ['netdev.receive', 'length'],
  ['netdev.transmit', 'length'],
  ['netfilter.ip.local_in', 'length'],
  ['netfilter.ip.forward', 'length'],
  ['socket.send', 'size'],
  ['socket.receive', 'size'],
  ['syscall.connect', 'sockfd'],
  ['syscall.sendto', 'sockfd'],
  ['syscall.recvfrom', 'sockfd'],
  ['kernel.trace("kfree_skb")', '$reason'],
  ['kernel.trace("tcp_retransmit_skb")', '$sk->sk_dport'],
];

/** Aliases of the tapset and the variables that they set. */
export function aliasesScript() {
  const probes = ALIASES.map(([alias, value], i) => {
    const name = alias.replace(/\W+/g, '_');
    return `# ${alias}
probe ${alias} {
  calls["${name}", execname()]++
  value = ${value}
  if (value < 0) {
    failures[hostname(), "${name}"] <<< -value
    printf("%s: %s failed with %d\\n", ctime(gettimeofday_s()), pp(), value)
  } else if (value > ${1000 + i}) {
    printf("%s[%d] %s %d\\n", execname(), pid(), "${name}", value)
    large_${i}[tid()] = value
  } else {
    small_${i} <<< value
  }
  last[cpu(), tid()] = "${name}" . sprintf("%d", value)
}
global large_${i}, small_${i}`;
  }).join('\n');
  return `# Who calls what, from the tapset's point of view.
global calls, failures, last
${probes}
probe timer.s(1) {
  foreach ([name, program] in calls- limit 20)
    printf("%-30s %-16s %d\\n", name, program, calls[name, program])
  delete calls
}
probe end {
  foreach ([host, name] in failures) printf("%s %s %d\\n", host, name, @max(failures[host, name]))
  foreach ([c, t] in last limit 3) println(last[c, t])
${ALIASES.map((_, i) => `  if (@count(small_${i})) println(@avg(small_${i}))\n  foreach (t in large_${i}) printf("%d %d\\n", t, large_${i}[t])`).join('\n')}
}
`;
}
