// The kernel model as a target for the compiler: debuginfo is read when something is first asked of it, so
// that scripts of begin, end and timer probes never wait for it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emptyTarget, type Target } from '../dsl/target.js';
import { programNames } from '../lab/shell/names.js';
import { loadableModule } from '../runtime/debuginfo/loadable.js';
import { Debuginfo, makeTarget } from '../runtime/debuginfo/debuginfo.js';
import { KERNEL_CONFIG } from './kernel-config.js';

/** The release that the model stands for, unless --kernel says otherwise. */
export const KERNEL_VERSION = '6.1.0';

const path = fileURLToPath(new URL('../debuginfo.json', import.meta.url));

/** What was read already, by the kernel whose names are shown: a process may compile many scripts. */
const read = new Map<string | null, Debuginfo | null>();

function readDebuginfo(kernel: string | null): Debuginfo | null {
  let info = read.get(kernel);
  if (info === undefined) {
    info = existsSync(path) ? Debuginfo.load(path, { kernel: kernel ?? undefined }) : null;
    read.set(kernel, info);
  }
  return info;
}

export interface LazyTarget {
  readonly target: Target;
  /** The debuginfo behind it; null if the build has none. */
  debuginfo(): Debuginfo | null;
}

/** @param kernel version whose function names are shown, or null for the model's own */
export function openTarget(kernel: string | null): LazyTarget {
  const kernelVersion = kernel ?? KERNEL_VERSION;
  let made: Target | undefined;
  const debuginfo = (): Debuginfo | null => readDebuginfo(kernel);
  const inner = (): Target => {
    if (made === undefined) {
      const info = debuginfo();
      made = info === null ? { ...emptyTarget, kernelVersion } : makeTarget(info, { kernelVersion });
    }
    return made;
  };
  const target: Target = {
    kernelVersion,
    architecture: 'x86_64',
    config: KERNEL_CONFIG,
    get functions() {
      return inner().functions;
    },
    get structs() {
      return inner().structs;
    },
    get constants() {
      return inner().constants;
    },
    get variables() {
      return inner().variables;
    },
    get tracepoints() {
      return inner().tracepoints;
    },
    get syscalls() {
      return inner().syscalls;
    },
    get modules() {
      return inner().modules;
    },
    loadable: loadableModule,
    get programs() {
      return inner().programs;
    },
    commands: programNames,
  };
  return { target, debuginfo };
}
