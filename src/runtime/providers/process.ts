// process("ping").begin, .end, .syscall and their kin: the life and the system calls of a lab's programs, by
// hooks on the kernel's tracepoints of tasks and on its system calls. Read beside it: stapprobes(3stap),
// "USER-SPACE". Left out: threads of a program other than its first, which the lab has not.
import type { ContextValue, DerivedProbe, Handler, Long } from '../../dsl/abi.js';
import type { FunctionSymbol } from '../../dsl/target.js';
import type { Debuginfo } from '../debuginfo/debuginfo.js';
import type { AttachContext, Provider } from '../environment.js';
import type { Hijack, Hook, HookSpec } from '../hijack/hijack.js';
import { valuesFor } from './values.js';

/** System call numbers of x86_64, for $syscall. */
const numbers: Readonly<Record<string, number>> = {
  read: 0,
  write: 1,
  close: 3,
  poll: 7,
  ioctl: 16,
  readv: 19,
  writev: 20,
  select: 23,
  dup: 32,
  nanosleep: 35,
  sendfile: 40,
  socket: 41,
  connect: 42,
  accept: 43,
  sendto: 44,
  recvfrom: 45,
  sendmsg: 46,
  recvmsg: 47,
  shutdown: 48,
  bind: 49,
  listen: 50,
  getsockname: 51,
  getpeername: 52,
  socketpair: 53,
  setsockopt: 54,
  getsockopt: 55,
  fcntl: 72,
  epoll_wait: 232,
  epoll_ctl: 233,
  accept4: 288,
  epoll_create1: 291,
};

/** What a probe of a returning call can read: as process().syscall.return, and as the tracepoint sys_exit. */
const returned = (number: number, value: Long) => ({ syscall: number, return: value, id: number, ret: value, regs: 0 });

/** Arguments that a system call may have. */
const most = 6;
/** Bytes of a name that the kernel keeps. */
const COMM = 15;

export class ProcessProvider implements Provider {
  readonly handles = ['process'] as const;
  private readonly debuginfo: Debuginfo;
  private readonly hijack: Hijack;
  private readonly hooks = new Map<DerivedProbe, readonly Hook[]>();

  /** @param hijack the one that function probes use */
  constructor(debuginfo: Debuginfo, hijack: Hijack) {
    this.debuginfo = debuginfo;
    this.hijack = hijack;
  }

  attach(probes: readonly DerivedProbe[], context: AttachContext): void {
    for (const probe of probes) {
      let hooks = this.hooks.get(probe);
      if (hooks === undefined) {
        hooks = this.specs(probe, context).map((spec) => this.hijack.hook(spec));
        this.hooks.set(probe, hooks);
      }
      this.hijack.arm(hooks);
    }
  }

  detach(probes: readonly DerivedProbe[]): void {
    this.hijack.disarm(probes.flatMap((probe) => this.hooks.get(probe) ?? []));
  }

  private specs(probe: DerivedProbe, context: AttachContext): HookSpec[] {
    const { detail } = probe;
    if (detail.provider !== 'process') return [];
    const admits = this.admits(detail.program, detail.pid, context);
    const handler = context.handlers[probe.handler];
    const hook = (
      symbol: FunctionSymbol,
      when: 'entry' | 'return',
      call: Handler,
      values: ContextValue[],
    ): HookSpec => ({
      id: symbol.id,
      when,
      probe: probe.index,
      handler: call,
      values,
      admits,
      order: probe.index,
    });
    switch (detail.event) {
      case 'begin':
      case 'thread.begin':
      case 'end':
      case 'thread.end': {
        const name = detail.event.endsWith('begin') ? 'sched_process_exec' : 'sched_process_exit';
        const tracepoint = this.debuginfo.tracepoints.find((t) => t.name === name);
        return tracepoint === undefined ? [] : [hook(tracepoint.symbol, 'entry', handler, [])];
      }
      case 'syscall':
        return this.syscalls().map(({ name, symbol }) => {
          const taken = symbol.parameters.slice(0, most).map((p): ContextValue => ({ expr: p.name, kind: 'param' }));
          const call: Handler = (index, ...raw) => {
            const given: Record<string, unknown> = { syscall: numbers[name], id: numbers[name], regs: 0 };
            for (let i = 0; i < most; i++) given[`arg${i + 1}`] = context.runtime.toLong(raw[i] ?? 0);
            return handler(index, ...valuesFor(probe, given));
          };
          return hook(symbol, 'entry', call, taken);
        });
      case 'syscall.return':
        return this.syscalls().map(({ name, symbol }) => {
          const call: Handler = (index, value) =>
            handler(index, ...valuesFor(probe, returned(numbers[name], context.runtime.toLong(value ?? 0))));
          return hook(symbol, 'return', call, [{ expr: 'return', kind: 'return' }]);
        });
    }
  }

  /** System calls proper, not the functions behind them that are named alike. */
  private syscalls() {
    return this.debuginfo.syscalls.filter(({ name }) => Object.hasOwn(numbers, name));
  }

  /** Fires only for programs of this name (a path's last part) or number, where one was given. */
  private admits(program: string, pid: number, context: AttachContext): () => boolean {
    const name = program.slice(program.lastIndexOf('/') + 1).slice(0, COMM);
    const { environment, admits } = context;
    return () =>
      (admits?.() ?? true) &&
      (name === '' || environment.context.execname() === name) &&
      (pid === 0 || environment.context.pid() === pid);
  }
}
