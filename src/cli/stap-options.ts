// The options of stap(1) that mean nothing on a kernel in this process: those that are taken without effect, so
// that command lines people have go on working, and those that are refused because silence would mislead.
// Read beside it: options.ts (all the others); stap(1), "OPTIONS".

/** The version that scripts see unless --compatible says another; dsl/parse/conditions.ts has it, too. */
export const systemtapVersion = '4.8';

/** One option of stap's; `value` as in options.ts. */
export interface StapOption {
  readonly names: readonly string[];
  readonly value?: string;
}

/** Taken, and nothing done. */
export const withoutEffect: readonly (StapOption & {
  /** What is wrong with a value, or null; without it any value is fine. */
  readonly check?: (value: string) => string | null;
})[] = [
  { names: ['-b'] },
  { names: ['-F'] },
  { names: ['-k'] },
  { names: ['-P'] },
  { names: ['--prologue-searching'], value: '[WHEN]' },
  { names: ['-a'], value: 'ARCH' },
  { names: ['-B'], value: 'NM=VAL' },
  { names: ['-d'], value: 'OBJECT' },
  { names: ['-r'], value: 'RELEASE' },
  { names: ['-R'], value: 'DIR' },
  {
    names: ['-s'],
    value: 'NUM',
    check: (value) => (inRange(value, 1, 4095) ? null : 'Invalid buffer size (should be 1-4095).'),
  },
  {
    names: ['-S'],
    value: 'SIZE',
    check: (value) => (/^[1-9]\d*(,[1-9]\d*)?$/.test(value) ? null : `Invalid file size option '${value}'.`),
  },
  { names: ['--all-modules'] },
  { names: ['--benchmark-sdt-loops'], value: 'NUM' },
  { names: ['--benchmark-sdt-threads'], value: 'NUM' },
  { names: ['--check-version'] },
  { names: ['--clean-cache'] },
  { names: ['--disable-cache'] },
  { names: ['--download-debuginfo'], value: '[OPTION]' },
  { names: ['--ldd'] },
  { names: ['--modinfo'], value: 'NM=VAL' },
  { names: ['--poison-cache'] },
  { names: ['--privilege'], value: 'LEVEL', check: oneOf('--privilege', ['stapdev', 'stapsys', 'stapusr']) },
  { names: ['--unprivileged'] },
  { names: ['--remote-prefix'] },
  { names: ['--rlimit-as'], value: 'NUM' },
  { names: ['--rlimit-cpu'], value: 'NUM' },
  { names: ['--rlimit-fsize'], value: 'NUM' },
  { names: ['--rlimit-nproc'], value: 'NUM' },
  { names: ['--rlimit-stack'], value: 'NUM' },
  { names: ['--save-uprobes'] },
  { names: ['--sysenv'], value: 'VAR=VALUE' },
  { names: ['--sysroot'], value: 'DIR' },
  { names: ['--tmpdir'], value: 'DIR' },
];

const noServers = 'scripts are compiled in this process, there are no compile servers';
const oneRuntime = 'scripts run in this process, on the model of the kernel';

/** Refused, each with its reason. */
export const refused: readonly (StapOption & {
  readonly reason: string;
  /** Values that are fine, as what they ask for is what is done anyway. */
  readonly except?: readonly string[];
})[] = [
  { names: ['--runtime'], value: 'MODE', reason: oneRuntime, except: ['kernel'] },
  { names: ['--bpf'], reason: oneRuntime },
  { names: ['--dyninst'], reason: oneRuntime },
  { names: ['--remote'], value: 'URL', reason: 'the hosts are those of the scenario; --host names one of them' },
  {
    names: ['--target-namespaces'],
    value: 'PID',
    reason: 'each host of the scenario is a machine of its own; --host names one of them',
  },
  { names: ['--use-server'], value: '[SERVER]', reason: noServers },
  { names: ['--use-server-on-error'], value: '[yes/no]', reason: noServers },
  { names: ['--use-http-server'], value: 'SERVER', reason: noServers },
  { names: ['--list-servers'], value: '[PROPERTIES]', reason: noServers },
  { names: ['--trust-servers'], value: '[TRUST]', reason: noServers },
];

/** Is the text a whole number of the range? */
export function inRange(text: string, low: number, high: number): boolean {
  return /^\s*[-+]?\d+$/.test(text) && Number(text) >= low && Number(text) <= high;
}

function oneOf(name: string, values: readonly string[]): (value: string) => string | null {
  return (value) => (values.includes(value) ? null : `Invalid argument '${value}' for ${name}.`);
}
