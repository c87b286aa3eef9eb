/**
 * Kernel memory: every structure that the hot half and the cold half share, written once.
 *
 * This file is both TypeScript and AssemblyScript: the hot half reads fields as `load<i32>(task, TASK_TID)`,
 * the cold half as `kmem.i32[(task + TASK_TID) >> 2]`. Offsets are in bytes. Sizes in comments are the field's.
 */

// ---------------------------------------------------------------- fixed addresses
/** u32: not 0 makes the next poll of the running guest enter the kernel. Set by the ticker and by wake-ups that preempt. */
export const POLL_FLAG: i32 = 64;
/** u32: not 0 asks the scheduler to return to the event loop before it resumes another task. Set by the ticker. */
export const BREATHE_FLAG: i32 = 68;
/** u32: 1 while the CPU has nothing to run; the ticker sleeps on it. */
export const CPU_IDLE: i32 = 72;
/** u32: ticks so far; one tick is TICK_MS. And those of them that found CPU_COLD set. */
export const TICKS: i32 = 76;
export const SYSTEM_TICKS: i32 = 128;
/** u32: 1 while the cold half serves a call: what the ticker counts system time by. */
export const CPU_COLD: i32 = 132;
/** i64: CLOCK_REALTIME in ns as of the last tick: what inode timestamps use, as Linux's coarse clock (man 2 clock_gettime). */
export const COARSE_REALTIME: i32 = 80;
/** u32: tasks on the run queue, the running one not counted. */
export const RUNNABLE: i32 = 88;
/** u32: pages (PAGE_SIZE) handed out by the page allocator. */
export const PAGES_USED: i32 = 92;
/** u32: the limit on PAGES_USED; a file write beyond it is ENOSPC. */
export const PAGES_LIMIT: i32 = 96;
/** Nothing that guests can have many of takes the last 1/2^SPARE_SHARE of kernel memory (alloc.ts: pages_left). */
export const SPARE_SHARE: i32 = 5;
/** u32: 1 in deterministic mode: polls are counted, and each that enters the kernel is the tick that the ticker makes otherwise. */
export const POLLS_TICK: i32 = 100;
/**
 * u32: TASK_WORK of the running task, and i32: its process id. What the entries test and getpid(2) gives, where one load finds it: by way
 * of `current` each costs two loads more, 1.0 ns of getpid's 4.5. set_work() and set_current() keep them.
 */
export const CPU_WORK: i32 = 104;
export const CPU_PID: i32 = 108;
/**
 * What the guest code that the loader's unwinding pass writes shares with the kernel (runtime/loader/unwind, runtime/cpu/unwinder.ts).
 * u32: UNWINDING_* while the running guest unwinds its stack; u32: end of the frames that are saved; u32: end of the room for them.
 */
export const UNWINDING: i32 = 512;
export const UNWIND_SP: i32 = 516;
export const UNWIND_END: i32 = 520;
/** Values of UNWINDING: it does, or it found no room and a trap follows. */
export const UNWINDING_ON: i32 = 1;
export const UNWINDING_FULL: i32 = 2;
/** Where poll(2) keeps the array of a call: what is longer than POLL_ARRAY_SIZE bytes it allocates. */
export const POLL_ARRAY: i32 = 61440;
export const POLL_ARRAY_SIZE: i32 = 4096;
/** u32: open file descriptions, and how many there may be: /proc/sys/fs/file-nr and file-max. */
export const FILES_OPEN: i32 = 112;
export const FILES_MAX: i32 = 116;
/** u32: not 0 where links and files in sticky directories are looked at closer: /proc/sys/fs/protected_symlinks and protected_regular. */
export const PROTECTED: i32 = 120;
/** u32: goes into the hash of file names, so that nobody can make many names of the same hash. */
export const DENTRY_SEED: i32 = 124;
/** Where the cold half puts a file name for the hot half: NAME_MAX bytes. */
export const NAME_BUFFER: i32 = 1152;
/** Where the hot half's allocator begins; below it AssemblyScript's static data may lie. */
export const HEAP_START: i32 = 65536;

export const TICK_MS: i32 = 2;
export const PAGE_SIZE: i32 = 4096;

// ---------------------------------------------------------------- wait queues
/** A wait queue head is a list node: next u32, prev u32; empty when both point at it. */
export const WAITQ_SIZE: i32 = 8;

/** One sleeper (a task or an epoll item) on one queue. */
export const WAIT_NEXT: i32 = 0; // u32
export const WAIT_PREV: i32 = 4; // u32
export const WAIT_OWNER: i32 = 8; // u32: task, or epoll item
export const WAIT_KIND: i32 = 12; // u32: WAIT_TASK, WAIT_EXCLUSIVE or WAIT_EPITEM
export const WAIT_SIBLING: i32 = 16; // u32: the owner's next entry
export const WAIT_KEY: i32 = 20; // u32: of an epoll item, EPOLL* that the queue is woken for; 0 for whatever happens
export const WAIT_SIZE: i32 = 24;
export const WAIT_TASK: i32 = 0;
export const WAIT_EXCLUSIVE: i32 = 1;
export const WAIT_EPITEM: i32 = 2;

// ---------------------------------------------------------------- task
/** u32, WORK_* bits: what keeps the task from the fast entry. */
export const TASK_WORK: i32 = 0;
export const TASK_TID: i32 = 4; // i32
export const TASK_TGID: i32 = 8; // i32: the process's pid
export const TASK_STATE: i32 = 12; // u32: STATE_*
export const TASK_PROC: i32 = 16; // u32: process
export const TASK_MM: i32 = 20; // u32: address space
export const TASK_FILES: i32 = 24; // u32: descriptor table
export const TASK_SIGHAND: i32 = 28; // u32: signal actions
export const TASK_SLOT: i32 = 32; // i32: index in the cold half's task array
/** i32: index in the hot table of this task's `ring3:signal` stub; 0 where the image has none. */
export const TASK_SIGNAL_STUB: i32 = 36;
export const TASK_RUN_NEXT: i32 = 40; // u32: next on the run queue
export const TASK_ON_QUEUE: i32 = 44; // u32: 1 while on the run queue
export const TASK_WAITS: i32 = 48; // u32: first of its wait entries
/** u32: WAKE_*: why the last block ended. */
export const TASK_WAKE: i32 = 52;
export const TASK_PENDING: i32 = 56; // u64: signals pending for this task, bit n-1
export const TASK_BLOCKED: i32 = 64; // u64: signal mask
/** u64: mask to restore when a call that changed it for its own duration ends (sigsuspend, ppoll...); valid with WORK_RESTORE_MASK. */
export const TASK_SAVED_MASK: i32 = 72;
export const TASK_SIGQUEUE: i32 = 80; // u32: first queued siginfo
export const TASK_NEXT_THREAD: i32 = 84; // u32: next task of the process
export const TASK_NICE: i32 = 88; // i32: -20..19
/** i32: microseconds the task may still run before it goes to the queue's tail. */
export const TASK_CREDIT: i32 = 92;
export const TASK_ALTSTACK_SP: i32 = 96; // u32
export const TASK_ALTSTACK_SIZE: i32 = 100; // u32
export const TASK_ALTSTACK_FLAGS: i32 = 104; // u32: SS_DISABLE = 2, SS_AUTODISARM
/** u32: stack pointer at the call of the innermost signal handler; a frame below it lies inside the handler. 0 none. */
export const TASK_HANDLER_SP: i32 = 108;
/** Trap frame: number, arguments and result of the call in progress, valid on the slow path and in the cold half. */
export const TASK_NR: i32 = 112; // i32
export const TASK_RESTARTED: i32 = 116; // u32: how often the call was entered again after a block, 0 the first time
export const TASK_ARGS: i32 = 120; // 7 x i64
export const TASK_RESULT: i32 = 176; // i64
/** f64: CLOCK_MONOTONIC ms at which the current wait times out; 0 none. Kept over re-entries of a call. */
export const TASK_DEADLINE: i32 = 184;
/** 4 x f64: for handlers that keep something between two entries of the same call; all zero outside of a call. */
export const TASK_SCRATCH: i32 = 192;
export const TASK_FUTEX: i32 = 224; // u32: futex key while waiting: address
export const TASK_FUTEX_BITS: i32 = 228; // u32: bitset
export const TASK_CLEAR_TID: i32 = 232; // u32: set_tid_address(2)
export const TASK_VOLUNTARY: i32 = 236; // u32: voluntary context switches
export const TASK_INVOLUNTARY: i32 = 240; // u32: involuntary ones
export const TASK_FUTEX_NEXT: i32 = 244; // u32: next waiter of its futex bucket
export const TASK_FUTEX_MM: i32 = 248; // u32: the address space of TASK_FUTEX
export const TASK_WAIT: i32 = 256; // WAIT_SIZE: its first wait entry, so that most sleeps allocate nothing
export const TASK_FS: i32 = 280; // u32: root and working directory
export const TASK_WINDOW: i32 = 284; // u32: its page of the address space's window (WINDOW_*), 0 none
export const TASK_WINDOW_ADDRESS: i32 = 288; // u32: the user address of that page
export const TASK_SIZE: i32 = 296;

export const WORK_SIGNAL: i32 = 1; // a signal may be pending
export const WORK_TRACED: i32 = 2; // strace is attached
export const WORK_KILLED: i32 = 4; // the task must end: the next way out traps
export const WORK_STOPPED: i32 = 8; // the task must stop until SIGCONT
export const WORK_RESTORE_MASK: i32 = 32; // TASK_SAVED_MASK is to be restored
export const WORK_REWIND: i32 = 64; // the guest is rewinding: the call returns TASK_RESULT

export const STATE_RUNNING: i32 = 0; // on the run queue or on the CPU
export const STATE_SLEEPING: i32 = 1; // S: interruptible
export const STATE_STOPPED: i32 = 2; // T
export const STATE_ZOMBIE: i32 = 3; // Z
export const STATE_DEAD: i32 = 4; // X
export const STATE_VFORK: i32 = 5; // D: waits for a vfork child; only SIGKILL ends it

export const WAKE_EVENT: i32 = 0; // what it waited for may have come
export const WAKE_SIGNAL: i32 = 1; // a signal
export const WAKE_TIMEOUT: i32 = 2; // the deadline passed

// ---------------------------------------------------------------- process (thread group)
export const PROC_PID: i32 = 0; // i32
export const PROC_PPID: i32 = 4; // i32
export const PROC_PENDING: i32 = 8; // u64: signals pending for the process
export const PROC_SIGQUEUE: i32 = 16; // u32
export const PROC_TASKS: i32 = 20; // u32: first task
export const PROC_UID: i32 = 24; // u32 x 4: real, effective, saved, fs uid
export const PROC_EUID: i32 = 28;
export const PROC_SUID: i32 = 32;
export const PROC_FSUID: i32 = 36;
export const PROC_GID: i32 = 40; // u32 x 4
export const PROC_EGID: i32 = 44;
export const PROC_SGID: i32 = 48;
export const PROC_FSGID: i32 = 52;
export const PROC_SIGQUEUE_LEN: i32 = 60; // u32
export const PROC_FSIZE: i32 = 64; // u64: RLIMIT_FSIZE
export const PROC_NOFILE: i32 = 72; // u32: RLIMIT_NOFILE, soft
export const PROC_FLAGS: i32 = 76; // u32: PF_*
export const PROC_ABI: i32 = 80; // u32: what the adapter of a foreign ABI keeps for the process (runtime/abi), 0 none
export const PROC_SIZE: i32 = 96;
export const PF_INIT: i32 = 1; // signals without a handler do not reach it
export const PF_GROUPS: i32 = 2; // has supplementary groups, which only the cold half knows
/** Paths stay beneath the directory descriptor that they begin at, as under openat2's RESOLVE_BENEATH: WASI's confinement. */
export const PF_BENEATH: i32 = 4;

// ---------------------------------------------------------------- address space
export const MM_BYTES: i32 = 0; // u64: size of the linear memory now
/** i32: index in the hot table of the first of the gate's functions, GATE_* in order. */
export const MM_GATE: i32 = 8;
export const MM_SHARED: i32 = 12; // u32: not 0 where shared mappings want publishing at a switch
export const MM_ID: i32 = 16; // u32: never reused: part of a private futex's key
export const MM_WINDOW: i32 = 20; // u32: array of the pages of its window, by slot; 0 none
export const MM_SIZE: i32 = 24;

/**
 * The window: user addresses that are kernel memory, a page for each task that asks for one (window.ts). The adapter of a foreign ABI
 * (runtime/abi) puts into its task's page what it hands to system calls: paths with their NULs, structures. No guest's memory reaches up
 * here, where it has a window. The guest may pass such addresses too, and so read and write a page: nothing in it is to be trusted.
 */
export const WINDOW: i32 = -0x800000; // 0xff800000, as a u32
export const WINDOW_PAGE_SHIFT: i32 = 14;
export const WINDOW_PAGE: i32 = 1 << WINDOW_PAGE_SHIFT;
/** So many tasks of a process can have a page. */
export const WINDOW_SLOTS: i32 = 512;

export const GATE_IN: i32 = 0; // (kernel dst, user src, bytes)
export const GATE_OUT: i32 = 1; // (user dst, kernel src, bytes)
export const GATE_LOAD32: i32 = 2; // (user) -> i32, atomic
export const GATE_CAS32: i32 = 3; // (user, expected, new) -> old, atomic
export const GATE_FILL: i32 = 4; // (user dst, byte, bytes)
export const GATE_PAIR: i32 = 5; // (user dst, first i64, second i64): 16 bytes
export const GATE_FUNCTIONS: i32 = 6;

// ---------------------------------------------------------------- signal actions
export const SIGHAND_REFS: i32 = 0; // u32
/** 64 x { handler u32, flags u32, mask u64 }, signal n at index n-1. */
export const SIGHAND_ACTIONS: i32 = 8;
export const ACTION_HANDLER: i32 = 0;
export const ACTION_FLAGS: i32 = 4;
export const ACTION_MASK: i32 = 8;
export const ACTION_SIZE: i32 = 16;
export const SIGHAND_SIZE: i32 = 1032;

/** A queued siginfo. */
export const SIGINFO_NEXT: i32 = 0; // u32
export const SIGINFO_SIGNO: i32 = 4; // i32
export const SIGINFO_CODE: i32 = 8; // i32: SI_USER = 0...
export const SIGINFO_PID: i32 = 12; // i32: sender, or the child (SIGCHLD); timer id
export const SIGINFO_UID: i32 = 16; // u32
export const SIGINFO_STATUS: i32 = 20; // i32: SIGCHLD's status; SIGSEGV's address
export const SIGINFO_VALUE: i32 = 24; // u64: sigqueue's value
export const SIGINFO_UTIME: i32 = 32; // i64
export const SIGINFO_STIME: i32 = 40; // i64
export const SIGINFO_SIZE: i32 = 48;

// ---------------------------------------------------------------- descriptor table
export const FILES_REFS: i32 = 0; // u32
export const FILES_CAP: i32 = 4; // u32: entries allocated
/** u32: array of u32: open file description | FD_CLOEXEC bit 0; 0 free. */
export const FILES_TABLE: i32 = 8;
export const FILES_NEXT: i32 = 12; // u32: no free descriptor below this one
export const FILES_SIZE: i32 = 16;

// ---------------------------------------------------------------- open file description
export const FILE_REFS: i32 = 0; // u32
export const FILE_KIND: i32 = 4; // u32: KIND_*
export const FILE_FLAGS: i32 = 8; // u32: open flags as F_GETFL shows them (access mode, O_APPEND, O_NONBLOCK...)
export const FILE_BITS: i32 = 12; // u32: FB_*
export const FILE_POS: i32 = 16; // i64
export const FILE_OBJECT: i32 = 24; // u32: pipe, eventfd, epoll, inode...; 0
/** i32: index in the cold half's file array; -1 where the cold half has not seen the file yet. */
export const FILE_COLD: i32 = 28;
/** u32 x 2: wait queue heads that become interesting when readiness changes; 0 none (always ready). */
export const FILE_WAITQ0: i32 = 32;
export const FILE_WAITQ1: i32 = 36;
export const FILE_EPITEMS: i32 = 40; // u32: first epoll item that watches it
export const FILE_MOUNT: i32 = 44; // u32: the mount that it was opened through, 0 for what stands in no tree
export const FILE_DENTRY: i32 = 48; // u32: 0 where its file system is no memory file system
export const FILE_NEXT: i32 = 52; // u32: next description of the same inode (INODE_FILES)
export const FILE_PREV: i32 = 56; // u32
/** u32: of an open directory, the entry before FILE_CURSOR_POS, 0 for the beginning; while FILE_CURSOR_REMOVED is INODE_REMOVED. */
export const FILE_CURSOR: i32 = 60;
export const FILE_CURSOR_REMOVED: i32 = 64; // i64
export const FILE_CURSOR_POS: i32 = 72; // i64
export const FILE_SIZE: i32 = 80;

export const KIND_COLD: i32 = 0; // everything is served by the cold half's File
export const KIND_REG: i32 = 1; // object: inode
export const KIND_PIPE: i32 = 2; // object: pipe (either end, or both for a FIFO opened O_RDWR)
export const KIND_NULL: i32 = 3;
export const KIND_ZERO: i32 = 4;
export const KIND_FULL: i32 = 5;
export const KIND_EVENTFD: i32 = 6;
export const KIND_EPOLL: i32 = 7;
export const KIND_SOCKET: i32 = 8; // object: socket (SOCK_*)

export const FB_READ: i32 = 1; // open for reading
export const FB_WRITE: i32 = 2; // open for writing
export const FB_SEEK: i32 = 4; // has a position (lseek works)
export const FB_CLOSE_HOOK: i32 = 8; // every close(2) of a descriptor goes through the cold half (record locks)
export const FB_PATH: i32 = 16; // O_PATH: names a file, no I/O: EBADF
export const FB_WRITE_HOOK: i32 = 32; // writes go through the cold half (set-user-ID to clear, a shared mapping...)
export const FB_READ_HOOK: i32 = 64; // reads go through the cold half

// ---------------------------------------------------------------- inode of a memory file system: attributes, and what it holds
export const INODE_SIZE: i32 = 0; // i64: st_size
export const INODE_TABLE: i32 = 8; // u32: array of page addresses, 0 for a hole: the bytes of a regular file
export const INODE_CAP: i32 = 12; // u32: entries in that array
export const INODE_PAGES: i32 = 16; // u32: pages allocated (st_blocks = 8 a page)
export const INODE_SEQ: i32 = 20; // u32: counts changes of content
export const INODE_MODE: i32 = 24; // u32: type and permissions
export const INODE_NLINK: i32 = 28; // u32
export const INODE_UID: i32 = 32; // u32
export const INODE_GID: i32 = 36; // u32
export const INODE_INO: i32 = 40; // u64
export const INODE_RDEV: i32 = 48; // u64
export const INODE_DEV: i32 = 56; // u32: st_dev
export const INODE_FLAGS: i32 = 60; // u32: IF_*
/** i64 seconds since the epoch, and further on u32 nanoseconds, of each time. */
export const INODE_ATIME: i32 = 64;
export const INODE_MTIME: i32 = 72;
export const INODE_CTIME: i32 = 80;
export const INODE_BTIME: i32 = 88;
export const INODE_ATIME_NS: i32 = 96;
export const INODE_MTIME_NS: i32 = 100;
export const INODE_CTIME_NS: i32 = 104;
export const INODE_BTIME_NS: i32 = 108;
/** u32: dentries, and whoever else keeps it alive without a name. */
export const INODE_USERS: i32 = 112;
export const INODE_HOOKS: i32 = 116; // u32: FB_* bits that every description of it has
export const INODE_FILES: i32 = 120; // u32: first of its open file descriptions
export const INODE_LINK: i32 = 124; // u32: a symbolic link's text, INODE_SIZE bytes
export const INODE_FIRST: i32 = 128; // u32: a directory's entries (dentries), in the order in which they were added
export const INODE_LAST: i32 = 132; // u32
export const INODE_NEXT_OFFSET: i32 = 136; // i64: DENTRY_OFFSET of the next entry
export const INODE_REMOVED: i32 = 144; // i64: counts entries that the directory lost
export const INODE_STRUCT: i32 = 152;

export const IF_LAZY: i32 = 1; // the content is not in pages yet: the cold half fetches it when the file is opened
export const IF_DEAD: i32 = 2; // a removed directory: nothing can be made in it

// ---------------------------------------------------------------- dentry: a name in a memory file system
export const DENTRY_CHAIN: i32 = 0; // u32: next in the same bucket
export const DENTRY_HASH: i32 = 4; // u32: of parent and name
export const DENTRY_PARENT: i32 = 8; // u32: a root's is itself; counted
export const DENTRY_INODE: i32 = 12; // u32
export const DENTRY_NAME: i32 = 16; // u32: address of the name, filled up with NULs to a multiple of 8
export const DENTRY_LENGTH: i32 = 20; // u32: bytes of the name
/** u32: its place in the tree, entries below it, open files, mounts, working directories. At 0 the record goes. */
export const DENTRY_REFS: i32 = 24;
export const DENTRY_COLD: i32 = 28; // i32: index of the cold half's Dentry
export const DENTRY_MOUNT: i32 = 32; // u32: first mount on it
export const DENTRY_HASHED: i32 = 36; // u32: 1 while it is an entry of its parent
export const DENTRY_NEXT: i32 = 40; // u32: its siblings, in the order in which they were added
export const DENTRY_PREV: i32 = 44; // u32
/** i64: offset of the entry in its directory, as getdents64 gives it: growing, from 2 on. */
export const DENTRY_OFFSET: i32 = 48;
export const DENTRY_INLINE: i32 = 56; // room for the name where it is short
export const DENTRY_INLINE_BYTES: i32 = 24;
export const DENTRY_STRUCT: i32 = 80;

// ---------------------------------------------------------------- mount
export const MOUNT_ROOT: i32 = 0; // u32: dentry, 0 where the file system is no memory file system
export const MOUNT_PARENT: i32 = 4; // u32: mount, 0 where it is in no tree or the root of all
export const MOUNT_POINT: i32 = 8; // u32: dentry that it is on
export const MOUNT_FLAGS: i32 = 12; // u32: ST_*; ST_RDONLY also where the file system is read-only as a whole
export const MOUNT_REFS: i32 = 16; // u32: its place in the tree, open files, working directories
export const MOUNT_COLD: i32 = 20; // i32: index of the cold half's Mount
export const MOUNT_NEXT: i32 = 24; // u32: next on the same dentry
export const MOUNT_STRUCT: i32 = 32;

// ---------------------------------------------------------------- root and working directory (CLONE_FS shares them)
export const FS_ROOT_MOUNT: i32 = 0; // u32
export const FS_ROOT_DENTRY: i32 = 4; // u32: 0 where it is in no memory file system
export const FS_CWD_MOUNT: i32 = 8; // u32
export const FS_CWD_DENTRY: i32 = 12; // u32
export const FS_STRUCT: i32 = 16;

// ---------------------------------------------------------------- ring of bytes: how a pipe, and a socket of a stream, begins
export const RING_BUFFER: i32 = 0; // u32: address of the bytes
export const RING_CAP: i32 = 4; // u32: most bytes that it may hold
export const RING_HEAD: i32 = 8; // u32: position of the first byte
export const RING_LEN: i32 = 12; // u32: bytes in it
export const RING_ALLOC: i32 = 16; // u32: bytes allocated, a power of two: what it holds now and less than twice RING_CAP
export const RING_SIZE: i32 = 20;

// ---------------------------------------------------------------- pipe: a ring, RING_CAP a power of two
export const PIPE_READERS: i32 = 20; // u32: open read ends
export const PIPE_WRITERS: i32 = 24; // u32
export const PIPE_REFS: i32 = 28; // u32: file descriptions and FIFO inode
export const PIPE_RQ: i32 = 32; // wait queue head: readers and pollers
export const PIPE_WQ: i32 = 40; // wait queue head: writers and pollers
export const PIPE_READER_COUNT: i32 = 48; // u32: readers that ever opened: lets a FIFO's open see one that came and went
export const PIPE_WRITER_COUNT: i32 = 52; // u32
export const PIPE_SIZE: i32 = 56;
export const PIPE_DEFAULT: i32 = 65536; // man 7 pipe
export const PIPE_MAX: i32 = 1048576; // /proc/sys/fs/pipe-max-size
export const PIPE_BUF: i32 = 4096;

// ---------------------------------------------------------------- socket: the ring of the bytes that it received, and what surrounds it
export const SOCK_PEER: i32 = 20; // u32: the other end of a connected stream, whose ring is written to; 0 none
export const SOCK_RQ: i32 = 24; // wait queue head: who reads, accepts or polls
export const SOCK_WQ: i32 = 32; // wait queue head: who writes, connects or polls
export const SOCK_FLAGS: i32 = 40; // u32: SF_*
export const SOCK_SHUT: i32 = 44; // u32: RCV_SHUTDOWN, SEND_SHUTDOWN
export const SOCK_ERROR: i32 = 48; // u32: an errno that the next call reports (SO_ERROR), 0 none
/** u32: while at most so many bytes are in the ring, the peer polls as writable, and its sleeping writers are woken. */
export const SOCK_LOW: i32 = 52;
export const SOCK_WRITABLE: i32 = 56; // u32: POLL* mask of a socket that can be written to
/** u32: so many bytes in the ring make it poll as readable, at least 1 (SO_RCVLOWAT, where the protocol goes by it). */
export const SOCK_ENOUGH: i32 = 60;
export const SOCK_READY: i32 = 64; // u32: POLL* mask that a connected stream has in any case
export const SOCK_SIZE: i32 = 72;

/** A connected stream whose reads, writes and readiness the hot half serves; what it has no other bit for. */
export const SF_STREAM: i32 = 1;
/** Reads, or writes, go through the cold half: time limits, control messages, credentials... */
export const SF_COLD_READ: i32 = 2;
export const SF_COLD_WRITE: i32 = 4;
/** Polls as writable when it can send no more: what TCP does, and AF_UNIX does not. */
export const SF_SHUT_WRITABLE: i32 = 8;

export const RCV_SHUTDOWN: i32 = 1;
export const SEND_SHUTDOWN: i32 = 2;
export const SHUTDOWN_MASK: i32 = 3;

// ---------------------------------------------------------------- eventfd
export const EVENTFD_COUNT: i32 = 0; // u64
export const EVENTFD_SEMAPHORE: i32 = 8; // u32
export const EVENTFD_WQ: i32 = 12; // wait queue head
export const EVENTFD_SIZE: i32 = 24;

// ---------------------------------------------------------------- epoll
export const EPOLL_WQ: i32 = 0; // wait queue head: epoll_wait, and pollers of the epoll file itself
export const EPOLL_READY: i32 = 8; // u32: first item on the ready list
export const EPOLL_READY_TAIL: i32 = 12; // u32
export const EPOLL_ITEMS: i32 = 16; // u32: first of all items
export const EPOLL_FILE: i32 = 20; // u32: its own file
export const EPOLL_SIZE: i32 = 24;

export const EPITEM_EPOLL: i32 = 0; // u32
export const EPITEM_FILE: i32 = 4; // u32: the watched description
export const EPITEM_FD: i32 = 8; // i32: and the descriptor it was added by: together the key
export const EPITEM_EVENTS: i32 = 12; // u32
export const EPITEM_DATA: i32 = 16; // u64
export const EPITEM_WAITS: i32 = 24; // u32: its wait entries
export const EPITEM_NEXT: i32 = 28; // u32: next of the epoll
export const EPITEM_PREV: i32 = 32; // u32
export const EPITEM_FILE_NEXT: i32 = 36; // u32: next that watches the same file
export const EPITEM_READY_NEXT: i32 = 40; // u32
export const EPITEM_ON_READY: i32 = 44; // u32
export const EPITEM_SIZE: i32 = 48;

// ---------------------------------------------------------------- results between the halves
/** A cold handler's result: the task is on wait queues; block, then call the handler again. */
export const RESULT_BLOCK: i32 = -100000;
/** The task is over (exit, or replaced by exec): trap. */
export const RESULT_GONE: i32 = -100001;
/** The guest unwinds its stack now: return whatever, touch nothing. */
export const RESULT_UNWIND: i32 = -100002;
/** As RESULT_BLOCK, but only wake_uninterruptible ends the sleep (a vfork parent's). */
export const RESULT_SLEEP: i32 = -100006;
/** Result 0, but a signal may have become deliverable (rt_sigprocmask). */
export const RESULT_UNBLOCKED: i32 = -100007;
/** A hot handler leaves this call to the cold half. */
export const RESULT_COLD: i32 = -100003;
/** EPIPE, with SIGPIPE to the caller. */
export const RESULT_EPIPE: i32 = -100004;
/** EFBIG, with SIGXFSZ to the caller. */
export const RESULT_EFBIG: i32 = -100005;
/** A wait was interrupted by a signal: restart after a handler with SA_RESTART, or after none; else EINTR. */
export const ERESTARTSYS: i32 = 512;
/** As above, but any handler makes it EINTR (sigsuspend, nanosleep, poll, epoll_wait...: man 7 signal). */
export const ERESTARTNOHAND: i32 = 514;
