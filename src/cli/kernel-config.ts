// The configuration of the model, as `%( CONFIG_INET == "y" %? … %)` asks for it: the options of net/ and of what it
// stands on that the model has, under the kernel's names. What is not named here is not set.
// Read beside it: dsl/parse/conditions.ts; net/Kconfig and net/ipv4/Kconfig of the kernel.

/** Options that are built in. */
const BUILT_IN = `
  64BIT X86 X86_64 MMU BUG PRINTK PROC_FS SYSCTL PROC_SYSCTL EPOLL NO_HZ_IDLE HIGH_RES_TIMERS HZ_1000
  KPROBES KRETPROBES HAVE_KPROBES TRACEPOINTS KALLSYMS STACKTRACE
  NET INET PACKET NETDEVICES NET_CORE ETHERNET NETFILTER NET_SCHED IP_MULTICAST SYN_COOKIES
  TCP_CONG_ADVANCED TCP_CONG_CUBIC DEFAULT_CUBIC NET_SCH_FIFO
`;

/** Options that distributions build as modules: runtime/debuginfo/loadable.ts. */
const MODULES = 'BRIDGE VETH TUN NET_SCH_NETEM NET_SCH_TBF NET_SCH_FQ TCP_CONG_BBR TCP_CONG_DCTCP';

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Values by option, with `CONFIG_`. */
export const KERNEL_CONFIG: ReadonlyMap<string, string> = new Map([
  ...words(BUILT_IN).map((name) => [`CONFIG_${name}`, 'y'] as const),
  ...words(MODULES).map((name) => [`CONFIG_${name}`, 'm'] as const),
  ['CONFIG_HZ', '1000'],
  ['CONFIG_DEFAULT_TCP_CONG', '"cubic"'],
]);
