// Parts of the kernel that distributions build as modules: module("bridge").function(…) finds them by that
// name, although here they are always there and kernel.function finds them, too. Read beside it: the kernel's
// Makefiles in net/bridge, net/sched, net/ipv4, drivers/net.

const files: readonly (readonly [RegExp, string])[] = [
  [/^net\/bridge\//, 'bridge'],
  [/^drivers\/net\/(?!loopback)(\w+)\.c$/, '$1'],
  [/^net\/sched\/(sch_(?!generic|api|fifo)\w+)\.c$/, '$1'],
  [/^net\/ipv4\/(tcp_(?:bbr|dctcp))\.c$/, '$1'],
];

/** The module that a file of the kernel may be built as, or null. */
export function loadableModule(file: string): string | null {
  for (const [pattern, name] of files) {
    const found = pattern.exec(file);
    if (found) return name === '$1' ? found[1] : name;
  }
  return null;
}
