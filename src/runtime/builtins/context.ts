// Who, where and which probe. Read beside it: dsl/builtins/context.ts, dsl/abi.ts (DerivedProbe).
import type { DerivedProbe } from '../../dsl/abi.js';
import type { BuiltinGroup } from '../services.js';

/** Names as SystemTap's probe_type() has them. */
function probeType(probe: DerivedProbe | undefined): string {
  const detail = probe?.detail;
  if (!detail) return '';
  switch (detail.provider) {
    case 'function':
      return detail.when === 'return' ? 'kretprobe' : 'kprobe';
    case 'tracepoint':
      return 'tracepoint';
    case 'process':
      return 'itrace';
    case 'data':
      return 'hwbkpt';
    default:
      return detail.provider;
  }
}

/** The function's name in a probe point: what stands in `function("…")` or `statement("…")` before the `@`. */
function functionInPoint(point: string): string {
  const m = /(?:function|statement|inline|callees?|trace)\("([^"@]*)/.exec(point);
  return m ? m[1].replace(/^.*:/, '') : '';
}

export const context: BuiltinGroup = (rt) => {
  const { context } = rt;
  const detail = () => rt.probe?.detail;
  /** By the number of the probe. */
  const inPoint: string[] = [];
  const probed = (): string => {
    const d = detail();
    if (d?.provider === 'function') return d.called;
    return d?.provider === 'tracepoint' ? d.symbol.name : '';
  };
  return {
    execname: () => context.execname(),
    pid: () => context.pid(),
    tid: () => context.tid(),
    ppid: () => context.ppid(),
    pgrp: () => context.pid(),
    sid: () => context.ppid(),
    uid: () => context.uid(),
    euid: () => context.uid(),
    gid: () => context.gid(),
    egid: () => context.gid(),
    cpu: () => context.cpu(),
    num_online_cpus: () => 1,
    pp: () => rt.probe?.point ?? '',
    pn: () => rt.probe?.name ?? '',
    pnlabel: () => /\.label\("([^"]*)"\)/.exec(rt.probe?.point ?? '')?.[1] ?? '',
    ppfunc: () => {
      const { probe } = rt.state;
      return (inPoint[probe] ??= functionInPoint(rt.program.probes[probe]?.point ?? ''));
    },
    probefunc: probed,
    probemod: () => {
      const d = detail();
      return d?.provider === 'function' ? d.symbol.module : '';
    },
    probe_type: () => probeType(rt.probe),
    is_return: () => {
      const d = detail();
      return d?.provider === 'function' && d.when === 'return' ? 1 : 0;
    },
    is_myproc: () => 1,
    user_mode: () => (detail()?.provider === 'process' ? 1 : 0),
    registers_valid: () => (detail()?.provider === 'function' ? 1 : 0),
    in_interrupt: () => (context.inInterrupt() ? 1 : 0),
    target: () => rt.targetPid,
    module_name: () => rt.moduleName,
    module_size: () => '0',
    stp_pid: () => process.pid,
    remote_id: () => 0,
    remote_uri: () => '',
    task_current: () => rt.toLong(context.task()),
    pid2task: (pid) => rt.toLong(context.taskOf(Number(pid))),
    cmdline_str: () => rt.cut(context.argv().join(' ')),
    cmdline_args: (n, m, delim) =>
      rt.cut(
        context
          .argv()
          .slice(Number(n), Number(m) < 0 ? undefined : Number(m) + 1)
          .join(delim as string),
      ),
    cmdline_arg: (n) => rt.cut(context.argv()[Number(n)] ?? ''),
    env_var: () => '',
    linkage: () => undefined,
  };
};
