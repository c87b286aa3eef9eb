/** wait4, waitid: <linux/wait.h>. */

// Options. WEXITED and below are waitid's (wait4 always has WEXITED); __W* are Linux's own.
export const WNOHANG: i32 = 1;
export const WUNTRACED: i32 = 2;
export const WSTOPPED: i32 = 2;
export const WEXITED: i32 = 4;
export const WCONTINUED: i32 = 8;
export const WNOWAIT: i32 = 0x1000000;
export const __WNOTHREAD: i32 = 0x20000000; // only children of the calling thread
export const __WALL: i32 = 0x40000000; // children of every kind
export const __WCLONE: i32 = 0x80000000; // only children that send no SIGCHLD

// waitid's idtype
export const P_ALL: i32 = 0;
export const P_PID: i32 = 1;
export const P_PGID: i32 = 2;
export const P_PIDFD: i32 = 3;

// Bits of a wait status beyond the signal number
export const WCOREFLAG: i32 = 0x80;

// A wait status that says "continued"
export const W_CONTINUED: i32 = 0xffff;
