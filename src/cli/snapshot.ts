// What the build keeps of a process (scripts/snapshot.mjs): modules that have run, what they read of debuginfo and
// tapset, and the functions that most scripts go through as V8 has compiled them. A start from there has none
// of it to do.
import { execute } from './main.js';
import { optimizeLater } from './optimizing.js';
import { openTarget } from './target.js';

export { main } from './main.js';

/** Scripts that between them use what most scripts use. */
const usual = [
  `probe kernel.function("ip_*").call { printf("%s -> %s\\n", thread_indent(1), ppfunc()) }
   probe kernel.function("ip_*").return { printf("%s <- %s %d\\n", thread_indent(-1), ppfunc(), gettimeofday_us()) }`,
  `global times, sizes, names
   function where:string(name:string) { return sprintf("%s:%s", hostname(), name) }
   probe begin { printf("%-16s %s\\n", "function", "ns") }
   probe kernel.function("ip_rcv") {
     sizes <<< $skb->len
     if (!([execname(), pid()] in names)) names[execname(), pid()] = kernel_string($dev->name) . ctime(gettimeofday_s())
     times[tid(), where(ppfunc())] = gettimeofday_ns()
   }
   probe kernel.function("ip_rcv").return { if ($return != 0) println(probefunc()) }
   probe timer.ms(100), netdev.receive, tcp.sendmsg, udp.sendmsg, socket.send, syscall.connect, netfilter.ip.local_in { next }
   probe kernel.trace("kfree_skb") { print_backtrace() }
   probe end {
     foreach ([id, name] in times- limit 3) printf("%d %s %d\\n", id, name, times[id, name])
     if (@count(sizes)) print(@hist_log(sizes))
   }`,
];

/** A script without a kernel. */
const plain = `global seen, sizes
   function next_one:long(n:long) { return n + 1 }
   probe begin { seen["a", 1] = next_one(@choose_defined($x, 2)) printf("%5d %s\\n", seen["a", 1], ctime(gettimeofday_s())) }
   probe timer.ms(10) { sizes <<< tid() if (@count(sizes) > 2) exit() }
   probe end {
     foreach ([name, n] in seen+) { try { println(name . sprint(n / 1)) } catch (why) { println(why) } }
     print(@hist_log(sizes))
   }`;

/** What a snapshot can be for: scripts alone, or scripts and the kernel. */
export type SnapshotKind = 'script' | 'kernel';

/** Compiles and runs such scripts, and reads what is only read when it is asked for. */
export async function prepare(kind: SnapshotKind): Promise<void> {
  const silent = { print: () => {}, message: () => {}, messages: () => {}, flush: () => {} };
  await execute(['-e', plain], silent);
  if (kind === 'kernel') {
    openTarget(null).debuginfo();
    for (const text of usual) await execute(['-e', text, '--', 'ping'], silent);
  }
  // A start has the options that the snapshot ends with, or Node refuses it.
  optimizeLater();
}
