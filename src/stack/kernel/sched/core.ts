// Tasks of one host: made, put to sleep, woken (kernel/sched/core.c, kernel/fork.c, kernel/exit.c). There is
// no preemption: a task runs until it yields. A task that is woken runs as an event of the same instant,
// after what is under way.

import {
  MAX_SCHEDULE_TIMEOUT,
  PF_FORKNOEXEC,
  PF_KTHREAD,
  SIGKILL,
  TASK_DEAD,
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  task_struct,
  type Task,
} from '../../include/linux/sched.js';
import { timer_list } from '../../include/linux/timer.js';
import { files_struct } from '../../include/linux/fs.js';
import type { int, long, u32 } from '../../include/linux/types.js';
import {
  trace_sched_process_exec,
  trace_sched_process_exit,
  trace_sched_process_fork,
  trace_sched_switch,
  trace_sched_wakeup,
  trace_sched_wakeup_new,
  trace_sched_waking,
} from '../../include/trace/events/sched.js';
import { trace_signal_generate } from '../../include/trace/events/signal.js';
import { current, run_as, running_kernel } from '../current.js';
import type { Kernel } from '../kernel.js';
import { mod_timer, timer_delete, timer_setup } from '../time/timer.js';
import { exit_files } from '../../fs/file.js';

/**
 * Makes a task that waits for its first run.
 * @param comm name of the program
 * @param code made with the task, so that it can refer to it
 */
export function copy_process(kernel: Kernel, comm: string, code: (task: task_struct) => Task<int>): task_struct {
  const task = new task_struct(kernel, kernel.next_pid++, comm);
  task.files = new files_struct();
  task.code = code(task);
  task.flags |= PF_FORKNOEXEC;
  task.__state = TASK_UNINTERRUPTIBLE;
  kernel.tasks.set(task.pid, task);
  task.start_time = kernel.now;
  return task;
}

/** Starts a program on the host; it runs as soon as the host is free. Its parent is the task that starts it. */
export function kernel_clone(kernel: Kernel, comm: string, code: (task: task_struct) => Task<int>): task_struct {
  const task = copy_process(kernel, comm, code);
  const parent = running_kernel() === kernel ? current() : kernel.idle;
  task.parent = task.real_parent = parent;
  trace_sched_process_fork(parent, task);
  wake_up_new_task(task);
  return task;
}

/** Makes and starts a kernel thread. */
export function kthread_run(kernel: Kernel, comm: string, code: (task: task_struct) => Task<int>): task_struct {
  const task = copy_process(kernel, comm, code);
  task.flags |= PF_KTHREAD;
  wake_up_process(task);
  return task;
}

/** @returns whether the task slept in one of the states @notrace */
export function try_to_wake_up(task: task_struct, state: u32): boolean {
  if ((task.__state & state) === 0) return false;
  trace_sched_waking(task);
  task.__state = TASK_RUNNING;
  if (!task.on_rq) {
    activate_task(task);
    trace_sched_wakeup(task);
  }
  return true;
}

/** The first time that a task becomes ready. */
export function wake_up_new_task(task: task_struct): void {
  task.__state = TASK_RUNNING;
  activate_task(task);
  trace_sched_wakeup_new(task);
}

/** @notrace */
function activate_task(task: task_struct): void {
  task.on_rq = true;
  const kernel = task.kernel;
  kernel.events.schedule(kernel.now, () => run_as(task, resume, task));
}

/** @EXPORT_SYMBOL */
export function wake_up_process(task: task_struct): boolean {
  return try_to_wake_up(task, TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE);
}

/** @notrace */
function resume(task: task_struct): void {
  // It ran since the event was queued (run_new_task).
  if (!task.on_rq) return;
  task.on_rq = false;
  if (task.code === null || task.__state === TASK_DEAD) return;
  const { idle } = task.kernel;
  run_as(idle, context_switch, task);
  finish_task_switch(idle);
  let step: IteratorResult<void, int>;
  if ((task.flags & PF_FORKNOEXEC) !== 0) {
    task.flags &= ~PF_FORKNOEXEC;
    if ((task.flags & PF_KTHREAD) === 0) trace_sched_process_exec(task);
  }
  try {
    step = task.code.next();
  } catch (fault) {
    task.exit_code = 139;
    task.code = null;
    do_exit(task);
    throw fault;
  }
  if (step.done === true) {
    task.exit_code = step.value;
    do_exit(task);
    context_switch(idle);
  } else if (task.__state === TASK_RUNNING) {
    // It yielded without going to sleep, or was woken before it slept: it runs again.
    if (!task.on_rq) activate_task(task);
    context_switch(idle);
  } else {
    context_switch(idle);
  }
}

/** The current task gives the processor to another. */
export function context_switch(next: task_struct): void {
  const prev = current();
  trace_sched_switch(false, prev, next, prev.__state);
}

/** The first thing that a task does when it has the processor again. */
export function finish_task_switch(_prev: task_struct): void {}

/** Runs a task that was just made up to where it sleeps first, ahead of what is ready. @notrace */
export function run_new_task(task: task_struct): void {
  run_as(task, resume, task);
}

export function do_exit(task: task_struct): void {
  if (task.__state === TASK_DEAD) return;
  task.__state = TASK_DEAD;
  trace_sched_process_exit(task);
  task.kernel.tasks.delete(task.pid);
  const files = task.files;
  task.files = null;
  task.code = null;
  if (files !== null) exit_files(task, files);
  task.onexit?.(task.exit_code);
}

/** Gives up the CPU; the task runs again after whatever is ready now. @notrace */
export function* yield_(): Task<void> {
  yield;
}

/**
 * Sleeps in the state set before, until woken or until the time is up.
 * @param timeout jiffies, or MAX_SCHEDULE_TIMEOUT
 * @returns jiffies left
 * @EXPORT_SYMBOL
 */
export function* schedule_timeout(kernel: Kernel, timeout: long): Task<long> {
  if (timeout === MAX_SCHEDULE_TIMEOUT) {
    yield;
    return timeout;
  }
  const expire = kernel.jiffies + Math.max(timeout, 0);
  const timer = new timer_list();
  timer_setup(kernel, timer, process_timeout, 0, current());
  mod_timer(timer, expire);
  yield;
  timer_delete(timer);
  return Math.max(expire - kernel.jiffies, 0);
}

export function process_timeout(timer: timer_list): void {
  wake_up_process(timer.owner as task_struct);
}

/** Sleeps for an exact time of the high-resolution clock, as nanosleep(2). @param ns nanoseconds */
export function* hrtimer_nanosleep(kernel: Kernel, ns: number): Task<int> {
  const task = current();
  task.__state = TASK_INTERRUPTIBLE;
  const event = kernel.events.schedule(kernel.now + ns, () => wake_up_process(task));
  yield;
  kernel.events.cancel(event);
  return signal_pending(task) ? -4 : 0;
}

/** @notrace */
export function signal_pending(task: task_struct): boolean {
  return task.pending !== 0;
}

/** Sends signal `sig`; a task that sleeps interruptibly wakes. SIGKILL ends it where it is. */
export function send_signal(task: task_struct, sig: int): void {
  if (task.__state === TASK_DEAD) return;
  trace_signal_generate(sig, null, task, 1, (task.pending & (1 << (sig - 1))) === 0 ? 0 : 2);
  task.pending |= 1 << (sig - 1);
  if (sig === SIGKILL) {
    task.exit_code = 128 + sig;
    run_as(task, do_exit, task);
    return;
  }
  try_to_wake_up(task, TASK_INTERRUPTIBLE);
}
