// The task (include/linux/sched.h). A task's code is a generator: it yields to sleep, and is resumed when
// it was woken. What Linux keeps of scheduling classes, priorities and memory is left out.

import type { Kernel } from '../../kernel/kernel.js';
import type { files_struct } from './fs.js';
import type { page_frag } from '../net/sock/struct.js';
import type { int, pid_t, u32, uint } from './types.js';

/** What a function that may sleep returns: `const n = yield* tcp_sendmsg(…)`. A bare yield is schedule(). */
export type Task<T> = Generator<void, T, void>;

export const TASK_RUNNING = 0;
export const TASK_INTERRUPTIBLE = 1;
export const TASK_UNINTERRUPTIBLE = 2;
export const TASK_DEAD = 0x80;

export const MAX_SCHEDULE_TIMEOUT = Infinity;

/** Of a program at nice 0: every task's here. */
export const DEFAULT_PRIO = 120;
export const SCHED_NORMAL = 0;

export const SIGINT = 2;
export const SIGKILL = 9;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGURG = 23;
export const SIGIO = 29;

/** Forked, its program has not begun. */
export const PF_FORKNOEXEC = 0x00000040;
export const PF_KTHREAD = 0x00200000;

export class task_struct {
  readonly kernel: Kernel;
  __state: u32 = TASK_RUNNING;
  flags: u32 = 0;
  pid: pid_t;
  tgid: pid_t;
  /** Name of the program, at most 15 characters. */
  comm: string;
  parent: task_struct | null = null;
  real_parent: task_struct | null = null;
  group_leader: task_struct;
  prio: int = DEFAULT_PRIO;
  static_prio: int = DEFAULT_PRIO;
  normal_prio: int = DEFAULT_PRIO;
  policy: uint = SCHED_NORMAL;
  uid: u32 = 0;
  gid: u32 = 0;
  files: files_struct | null = null;
  /** The page in which data that the task sends is gathered. */
  task_frag: page_frag | null = null;
  exit_code: int = 0;
  /** Bit n-1 is set while signal n is pending. */
  pending: u32 = 0;
  /** ns of virtual time at which the task was made */
  start_time = 0;
  /** The task's code; null for the idle task, which has none of its own. */
  code: Task<int> | null = null;
  /** Whether a resume is already queued. */
  on_rq = false;
  /** Resolved with exit_code by do_exit(). */
  onexit: ((code: int) => void) | null = null;
  /** Arguments, name first. */
  argv: readonly string[] = [];

  constructor(kernel: Kernel, pid: pid_t, comm: string) {
    this.kernel = kernel;
    this.pid = pid;
    this.tgid = pid;
    this.comm = comm.slice(0, 15);
    this.group_leader = this;
  }
}
