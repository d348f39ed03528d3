/**
 * Names of SystemTap's tapset that mean nothing on this kernel, with the reason: what a script is told instead of
 * "probe point mismatch" or "unresolved function". Read beside it: Tapset Reference, chapter by chapter; refused.ts
 * (points that are no aliases). Asked only when a name was found nowhere else, so a script's own aliases come first.
 */
import { syscallNumbers } from '../builtins/syscall-numbers.js';

const memory = 'there is no virtual memory in this kernel';
const allocator = 'memory is not handed out by an allocator that could be traced in this kernel';
const disks = 'there are no block devices in the lab';
const calls = "the lab's programs make no call of this name";
const rpc = 'there is no network file system in this kernel';
const files = 'files of the lab lie in memory beside the kernel: only sockets are opened, read and written through it';
const counters = 'this kernel has no hardware performance counters';
const processor = "there is no accounting of processor time: programs take none of the lab's time";

/** Points by what their text begins with: the first that fits counts. */
const points: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^vm\.(kmalloc|kmem|kfree)/, allocator],
  [/^vm(\.|$)/, memory],
  [/^(ioblock|ioblock_trace|ioscheduler|ioscheduler_trace|scsi|md|dm)(\.|$)/, disks],
  [/^(nfs|nfsd|nfsderr|sunrpc|rpc)(\.|$)/, rpc],
  [/^(tty)(\.|$)/, 'there are no terminals in the lab'],
  [/^irq_handler(\.|$)/, 'devices of the lab raise no hard interrupts'],
  [/^workqueue(\.|$)/, 'this kernel has no workqueues'],
  [/^(perf)(\.|$)/, counters],
  [/^(generic|vfs|ext[234]|btrfs|xfs|__vfs|__address_space|__page|__generic|__find|pagecache)(\.|$)/, files],
  [/^socket\.(aio_\w+|readv|writev)/, "a program's read and write are socket.read_iter and socket.write_iter"],
  [/^signal(\.|$)/, 'programs of the lab have no signal handlers, masks or queues (signal.send tells who sends what)'],
  [/^scheduler\.tick/, 'this kernel is tickless: no tick interrupts a program'],
  [/^scheduler\.(migrate|balance)/, 'a host has one processor'],
  [/^scheduler\.(kthread_\w+|wait_task|process_(wait|free))/, 'tasks end without being waited for in this kernel'],
  [/^kprocess(\.|$)/, 'tasks of this kernel begin, run a program and end: there is nothing else'],
  [/^netfilter\.(ipv6|ip6|decnet)/, 'there is no IPv6 in this kernel'],
  [/^(kvm|virtio|xen)(\.|$)/, 'hosts of the lab are no virtual machines'],
];

/** Tracepoints, by their systems and names. */
const tracepoints: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^(\w+:)?(kmalloc\w*|kfree|kmem_cache_\w+|mm_page_\w+|rss_stat)$/, allocator],
  [/^(block|scsi|ext[234]|xfs|jbd2?|writeback|filemap):|^block_/, disks],
  [/^(irq:)?irq_handler_(entry|exit)$/, 'devices of the lab raise no hard interrupts'],
  [/^(workqueue:)?workqueue_\w+$/, 'this kernel has no workqueues'],
  [/^(nfs\w*|sunrpc):|^rpc_\w+$/, rpc],
  [/^(power|exceptions|vmscan|compaction|kvm|xen|rcu):|^page_fault_\w+$/, 'this kernel has no such part'],
  [/^(timer:)?itimer_\w+$/, 'there are no interval timers in the lab'],
];

/** Functions by the whole of their names. */
const functions: readonly (readonly [names: RegExp, reason: string])[] = [
  [/^(vm_fault_contains|proc_mem_\w+|addr_to_node)$/, memory],
  [/^(bdevname|bio_rw_num2str|bio_rw_str)$/, disks],
  [
    /^(d_name|d_path|fullpath_struct_\w+|inode_(name|path)|reverse_path_walk|real_mount|task_dentry_path|task_cwd_path|file_ino)$/,
    files,
  ],
  [/^(task_fd_lookup|task_cwd_\w+|current_exe_file|task_exe_file|__file_\w+)$/, files],
  [/^(mdelay|udelay)$/, 'a handler cannot spend time: the lab stands still while it runs'],
  [/^(panic|raise)$/, 'a handler cannot bring down the kernel or its program'],
  [
    /^(get_sa_flags|get_sa_handler|sa_flags_str|vma_\w+)$/,
    'programs of the lab have no signal handlers and no memory maps',
  ],
  [/^(get_loadavg_index|sprint_loadavg)$/, processor],
  [
    /^(u_register|register|u32_register|s32_register|s64_register|u64_register|ulong_register|int_register|long_register|pointer_register|uint_register|longlong_register|ulonglong_register)$/,
    'this kernel has no registers',
  ],
  [/^(nfsderror|\w+_from_clnt|\w+_from_prog|addr_from_rqst\w*)$/, rpc],
];

const find = (table: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** Why there is no such alias here; undefined if SystemTap has none of that name either. @param text as written */
export function absentPoint(text: string): string | undefined {
  const call = /^(?:nd_)?syscall\.(\w+)/.exec(text)?.[1];
  return call !== undefined && syscallNumbers.includes(call) ? calls : find(points, text);
}

/** Why there is no such tracepoint here. @param text `name` or `system:name` */
export const absentTracepoint = (text: string): string | undefined => find(tracepoints, text);

/** Why there is no such function here. */
export const absentFunction = (name: string): string | undefined => find(functions, name);
