// Which kernel file a module of src/stack belongs to: net/ipv4/arp -> net/ipv4/arp.c, include/linux/skbuff ->
// include/linux/skbuff.h. A large kernel file is a folder of its name: net/ipv4/tcp_input/ack ->
// net/ipv4/tcp_input.c. Which folders are folders in the kernel, too, is told by this list.
const FOLDERS = new Set(
  (
    'arch x86 asm block crypto drivers net ethernet fs proc include generated linux uapi trace events netfilter ' +
    'ipv4 ipv6 core bridge sched packet unix 8021q kernel time locking irq lib mm init security netns tc_act ' +
    'netfilter_ipv4 netfilter_bridge'
  ).split(' '),
);

/** @param {string} module path below src without extension, with `/` */
export function kernelFile(module) {
  const program = programOf(module);
  if (program) return `${program}.c`;
  const parts = module.replace(/^stack\//, '').split('/');
  const cut = parts.findIndex((part, i) => i < parts.length - 1 && !FOLDERS.has(part));
  const path = (cut < 0 ? parts : parts.slice(0, cut + 1)).join('/');
  return `${path}.${parts[0] === 'include' ? 'h' : 'c'}`;
}

/** The lab's program that a module is part of: lab/apps/ping/reply -> ping. */
export function programOf(module) {
  return /^lab\/apps\/([\w-]+)/.exec(module)?.[1];
}
