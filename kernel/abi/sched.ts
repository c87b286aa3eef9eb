/** clone and scheduling: <linux/sched.h>. */

// clone(2); the low byte is the signal that the parent gets when the child ends
export const CSIGNAL: i32 = 0xff;
export const CLONE_VM: i32 = 0x100;
export const CLONE_FS: i32 = 0x200;
export const CLONE_FILES: i32 = 0x400;
export const CLONE_SIGHAND: i32 = 0x800;
export const CLONE_PIDFD: i32 = 0x1000;
export const CLONE_PTRACE: i32 = 0x2000;
export const CLONE_VFORK: i32 = 0x4000;
export const CLONE_PARENT: i32 = 0x8000;
export const CLONE_THREAD: i32 = 0x10000;
export const CLONE_NEWNS: i32 = 0x20000;
export const CLONE_SYSVSEM: i32 = 0x40000;
export const CLONE_SETTLS: i32 = 0x80000;
export const CLONE_PARENT_SETTID: i32 = 0x100000;
export const CLONE_CHILD_CLEARTID: i32 = 0x200000;
export const CLONE_DETACHED: i32 = 0x400000;
export const CLONE_UNTRACED: i32 = 0x800000;
export const CLONE_CHILD_SETTID: i32 = 0x1000000;
export const CLONE_NEWCGROUP: i32 = 0x2000000;
export const CLONE_NEWUTS: i32 = 0x4000000;
export const CLONE_NEWIPC: i32 = 0x8000000;
export const CLONE_NEWUSER: i32 = 0x10000000;
export const CLONE_NEWPID: i32 = 0x20000000;
export const CLONE_NEWNET: i32 = 0x40000000;
export const CLONE_IO: i32 = 0x80000000;
export const CLONE_NEWTIME: i32 = 0x80;

// sched_setscheduler(2)
export const SCHED_OTHER: i32 = 0;
export const SCHED_FIFO: i32 = 1;
export const SCHED_RR: i32 = 2;
export const SCHED_BATCH: i32 = 3;
export const SCHED_IDLE: i32 = 5;
export const SCHED_DEADLINE: i32 = 6;
