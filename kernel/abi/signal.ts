/**
 * Signals: numbers, sigaction flags, siginfo codes: <linux/signal.h>, x86-64.
 * Signals 32 and 33 (RT_1) are the C library's own; what C calls SIGRTMIN is greater.
 */

export const SIGHUP: i32 = 1;
export const SIGINT: i32 = 2;
export const SIGQUIT: i32 = 3;
export const SIGILL: i32 = 4;
export const SIGTRAP: i32 = 5;
export const SIGABRT: i32 = 6;
export const SIGBUS: i32 = 7;
export const SIGFPE: i32 = 8;
export const SIGKILL: i32 = 9;
export const SIGUSR1: i32 = 10;
export const SIGSEGV: i32 = 11;
export const SIGUSR2: i32 = 12;
export const SIGPIPE: i32 = 13;
export const SIGALRM: i32 = 14;
export const SIGTERM: i32 = 15;
export const SIGSTKFLT: i32 = 16;
export const SIGCHLD: i32 = 17;
export const SIGCONT: i32 = 18;
export const SIGSTOP: i32 = 19;
export const SIGTSTP: i32 = 20;
export const SIGTTIN: i32 = 21;
export const SIGTTOU: i32 = 22;
export const SIGURG: i32 = 23;
export const SIGXCPU: i32 = 24;
export const SIGXFSZ: i32 = 25;
export const SIGVTALRM: i32 = 26;
export const SIGPROF: i32 = 27;
export const SIGWINCH: i32 = 28;
export const SIGIO: i32 = 29;
export const SIGPWR: i32 = 30;
export const SIGSYS: i32 = 31;
export const SIGRTMIN: i32 = 32;
export const SIGRTMAX: i32 = 64; // and the number of signals

// sa_handler: where not an index of the guest's function table
export const SIG_DFL: i32 = 0;
export const SIG_IGN: i32 = 1;

// sigaction(2): sa_flags
export const SA_NOCLDSTOP: i32 = 1;
export const SA_NOCLDWAIT: i32 = 2;
export const SA_SIGINFO: i32 = 4;
export const SA_RESTORER: i32 = 0x4000000;
export const SA_ONSTACK: i32 = 0x8000000;
export const SA_RESTART: i32 = 0x10000000;
export const SA_NODEFER: i32 = 0x40000000;
export const SA_RESETHAND: i32 = 0x80000000;

// sigprocmask(2)
export const SIG_BLOCK: i32 = 0;
export const SIG_UNBLOCK: i32 = 1;
export const SIG_SETMASK: i32 = 2;

// sigaltstack(2)
export const SS_ONSTACK: i32 = 1;
export const SS_DISABLE: i32 = 2;
export const SS_AUTODISARM: i32 = 0x80000000;
export const MINSIGSTKSZ: i32 = 0x800;

// si_code: who sent it
export const SI_USER: i32 = 0; // kill
export const SI_KERNEL: i32 = 128;
export const SI_QUEUE: i32 = -1; // sigqueue
export const SI_TIMER: i32 = -2;
export const SI_MESGQ: i32 = -3;
export const SI_ASYNCIO: i32 = -4;
export const SI_SIGIO: i32 = -5;
export const SI_TKILL: i32 = -6; // tkill, tgkill

// SIGILL's si_code
export const ILL_ILLOPC: i32 = 1;
export const ILL_ILLOPN: i32 = 2;
export const ILL_ILLADR: i32 = 3;
export const ILL_ILLTRP: i32 = 4;
export const ILL_PRVOPC: i32 = 5;
export const ILL_PRVREG: i32 = 6;
export const ILL_COPROC: i32 = 7;
export const ILL_BADSTK: i32 = 8;

// SIGFPE's
export const FPE_INTDIV: i32 = 1;
export const FPE_INTOVF: i32 = 2;
export const FPE_FLTDIV: i32 = 3;
export const FPE_FLTOVF: i32 = 4;
export const FPE_FLTUND: i32 = 5;
export const FPE_FLTRES: i32 = 6;
export const FPE_FLTINV: i32 = 7;
export const FPE_FLTSUB: i32 = 8;

// SIGSEGV's and SIGBUS's
export const SEGV_MAPERR: i32 = 1;
export const SEGV_ACCERR: i32 = 2;
export const BUS_ADRALN: i32 = 1;
export const BUS_ADRERR: i32 = 2;
export const BUS_OBJERR: i32 = 3;

// SIGTRAP's
export const TRAP_BRKPT: i32 = 1;
export const TRAP_TRACE: i32 = 2;

// SIGCHLD's
export const CLD_EXITED: i32 = 1;
export const CLD_KILLED: i32 = 2;
export const CLD_DUMPED: i32 = 3;
export const CLD_TRAPPED: i32 = 4;
export const CLD_STOPPED: i32 = 5;
export const CLD_CONTINUED: i32 = 6;

// SIGIO's
export const POLL_IN: i32 = 1;
export const POLL_OUT: i32 = 2;
export const POLL_MSG: i32 = 3;
export const POLL_ERR: i32 = 4;
export const POLL_PRI: i32 = 5;
export const POLL_HUP: i32 = 6;

// SIGSYS's
export const SYS_SECCOMP: i32 = 1;
