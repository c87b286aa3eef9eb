/**
 * The run queue of this CPU, and sleeping. Deficit round robin: a task that used up its credit goes to the tail and gets more by
 * its weight, so CPU time is shared in proportion to nice weights (man 7 sched), and a queue operation costs the same with any
 * number of tasks.
 */
import { cpu_block } from "./imports";
import {
  BREATHE_FLAG,
  CPU_PID,
  CPU_WORK,
  POLL_FLAG,
  POLLS_TICK,
  RUNNABLE,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_STOPPED,
  STATE_VFORK,
  TASK_CREDIT,
  TASK_INVOLUNTARY,
  TASK_NICE,
  TASK_ON_QUEUE,
  TASK_RUN_NEXT,
  TASK_STATE,
  TASK_TGID,
  TASK_VOLUNTARY,
  TASK_WAKE,
  TASK_WORK,
  TICK_MS,
  WAKE_EVENT,
  WAKE_SIGNAL,
  WORK_KILLED,
  WORK_SIGNAL,
} from "./layout";
import { wait_clear } from "./wait";

/** The running task. */
export let current: u32 = 0;

let head: u32 = 0;
let tail: u32 = 0;

export function get_current(): u32 {
  return current;
}

export function set_current(task: u32): void {
  current = task;
  if (!task) return;
  store<u32>(CPU_WORK, load<u32>(task, TASK_WORK));
  store<i32>(CPU_PID, load<i32>(task, TASK_TGID));
}

/** Sets the WORK_* bits of a task: the one way to change TASK_WORK, whose copy the entries of the running task test. */
export function set_work(task: u32, bits: u32): void {
  store<u32>(task, bits, TASK_WORK);
  if (task == current) store<u32>(CPU_WORK, bits);
}

/** Microseconds of one turn at nice 0. */
const TURN: i32 = 4000;

/** Microseconds of a turn at a nice value: each step is a factor of about 1.25, as in Linux (kernel/sched/core.c's weights). */
function turn(nice: i32): i32 {
  let us: f64 = TURN;
  for (let i = 0; i < nice; i++) us /= 1.25;
  for (let i = 0; i > nice; i--) us *= 1.25;
  return <i32>us;
}

function enqueue(task: u32): void {
  store<u32>(task, 1, TASK_ON_QUEUE);
  store<u32>(task, 0, TASK_RUN_NEXT);
  if (tail) store<u32>(tail, task, TASK_RUN_NEXT);
  else head = task;
  tail = task;
  store<u32>(RUNNABLE, load<u32>(RUNNABLE) + 1);
}

/** Puts a task on the run queue unless it is on it, or running. */
export function make_runnable(task: u32): void {
  if (task == current || load<u32>(task, TASK_ON_QUEUE)) return;
  store<u32>(task, STATE_RUNNING, TASK_STATE);
  enqueue(task);
}

/** Takes a task off the run queue (it ends, or is moved). */
export function dequeue(task: u32): void {
  if (!load<u32>(task, TASK_ON_QUEUE)) return;
  let previous: u32 = 0;
  let at = head;
  while (at && at != task) {
    previous = at;
    at = load<u32>(at, TASK_RUN_NEXT);
  }
  if (!at) return;
  const next = load<u32>(task, TASK_RUN_NEXT);
  if (previous) store<u32>(previous, next, TASK_RUN_NEXT);
  else head = next;
  if (tail == task) tail = previous;
  store<u32>(task, 0, TASK_ON_QUEUE);
  store<u32>(RUNNABLE, load<u32>(RUNNABLE) - 1);
}

/** Takes the next task to run and makes it current; 0 when there is none. */
export function pick_next(): u32 {
  while (head) {
    const task = head;
    head = load<u32>(task, TASK_RUN_NEXT);
    if (!head) tail = 0;
    store<u32>(task, 0, TASK_ON_QUEUE);
    store<u32>(RUNNABLE, load<u32>(RUNNABLE) - 1);
    const credit = load<i32>(task, TASK_CREDIT);
    if (credit <= 0) {
      store<i32>(task, credit + turn(load<i32>(task, TASK_NICE)), TASK_CREDIT);
      if (head && load<i32>(task, TASK_CREDIT) <= 0) {
        enqueue(task);
        continue;
      }
    }
    set_current(task);
    return task;
  }
  current = 0;
  return 0;
}

/** Ends a task's sleep; one that is not asleep is left alone. Gives whether it did. */
export function wake_task(task: u32, reason: u32): bool {
  if (load<u32>(task, TASK_STATE) != STATE_SLEEPING) return false;
  store<u32>(task, reason, TASK_WAKE);
  make_runnable(task);
  return true;
}

/** Gives the CPU to the next task, straight away unless the event loop wants to breathe first. */
function park(task: u32): void {
  current = 0;
  cpu_block(task, load<u32>(BREATHE_FLAG) ? 0 : pick_next());
}

/** Parks the running task until wake_task. A deliverable signal ends the sleep before it begins: TASK_WAKE says so. */
export function sleep(task: u32): void {
  if (load<u32>(task, TASK_WORK) & (WORK_SIGNAL | WORK_KILLED)) {
    store<u32>(task, WAKE_SIGNAL, TASK_WAKE);
  } else {
    store<u32>(task, WAKE_EVENT, TASK_WAKE);
    store<u32>(task, STATE_SLEEPING, TASK_STATE);
    store<u32>(task, load<u32>(task, TASK_VOLUNTARY) + 1, TASK_VOLUNTARY);
    park(task);
    store<u32>(task, STATE_RUNNING, TASK_STATE);
  }
  wait_clear(task);
}

/** Parks the running task until wake_uninterruptible: signals wait. */
export function sleep_uninterruptible(task: u32): void {
  store<u32>(task, STATE_VFORK, TASK_STATE);
  park(task);
  store<u32>(task, STATE_RUNNING, TASK_STATE);
}

/** Ends sleep_uninterruptible. */
export function wake_uninterruptible(task: u32): void {
  if (load<u32>(task, TASK_STATE) == STATE_VFORK) make_runnable(task);
}

/** Parks a task that is stopped (SIGSTOP) until signal.ts resumes it. */
export function sleep_stopped(task: u32): void {
  store<u32>(task, STATE_STOPPED, TASK_STATE);
  park(task);
  store<u32>(task, STATE_RUNNING, TASK_STATE);
}

/** Lets others run; returns when it is this task's turn again. */
export function yield_cpu(task: u32): void {
  enqueue(task);
  park(task);
}

/** At a poll: gives the CPU away when the task's turn is over and others want it, or when the event loop wants to breathe. */
export function preempt(task: u32): void {
  store<u32>(POLL_FLAG, 0);
  const credit = load<i32>(task, TASK_CREDIT) - TICK_MS * 1000;
  store<i32>(task, credit, TASK_CREDIT);
  const others = load<u32>(RUNNABLE) > 0;
  if (load<u32>(POLLS_TICK)) store<u32>(BREATHE_FLAG, 1);
  if (!load<u32>(BREATHE_FLAG) && !(others && credit <= 0)) return;
  store<u32>(task, load<u32>(task, TASK_INVOLUNTARY) + 1, TASK_INVOLUNTARY);
  yield_cpu(task);
}
