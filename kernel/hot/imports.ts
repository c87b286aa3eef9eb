/** What the hot half asks of the cold half and of the CPU. */

/**
 * Parks the running task's stack (WebAssembly.Suspending): returns when the task is woken. Meanwhile `next` runs, which was picked;
 * 0: whatever the CPU finds, after the event loop had its turn where it asked for one.
 */
@external("cpu", "block")
export declare function cpu_block(task: u32, next: u32): void;

/** A call that nobody serves: -ENOSYS, with a line in the log. What the cold half serves it does by an import for each call: entries.ts. */
@external("cold", "unserved")
export declare function cold_unserved(nr: i32): f64;

/** The task's stack ends by a trap now, as it should. */
@external("cold", "expect_trap")
export declare function cold_expect_trap(): void;

/** The last reference to an open file description is gone: `FILE_COLD` is >= 0. */
@external("cold", "file_release")
export declare function cold_file_release(file: u32): void;

/** The last reference to a dentry or mount is gone: the cold half lets go of what belongs to it, and frees the record. */
@external("cold", "dentry_release")
export declare function cold_dentry_release(dentry: u32): void;
@external("cold", "mount_release")
export declare function cold_mount_release(mount: u32): void;

/** A descriptor of a file with FB_CLOSE_HOOK is being closed. */
@external("cold", "close_hook")
export declare function cold_close_hook(task: u32, file: u32): void;

/** POLL* mask of a KIND_COLD file. */
@external("cold", "poll")
export declare function cold_poll(file: u32): i32;

/** Default action of a signal that is not ignored: stops or ends the process (task's WORK bits say which). */
@external("cold", "default_action")
export declare function cold_default_action(task: u32, signo: i32, info: u32): void;

/** strace: a call begins (arguments in the trap frame), ends, or a signal is delivered. */
@external("cold", "trace_enter")
export declare function trace_enter(task: u32): void;
@external("cold", "trace_exit")
export declare function trace_exit(task: u32, result: f64): void;
@external("cold", "trace_signal")
export declare function trace_signal(task: u32, signo: i32, info: u32): void;

/** The guest's stack is unwound: does what that was for. 0: it is to be wound up again; 1: the task is to sleep first (vfork), then ask again. */
@external("cold", "unwound")
export declare function cold_unwound(task: u32): u32;

/** The host's clocks in ms: one that never goes back, from some time on; and the wall clock, which is coarse and may be set. */
@external("cold", "now")
export declare function host_now(): f64;
@external("cold", "wall")
export declare function host_wall(): f64;

/** Random bytes for kernel memory; seeded in deterministic mode. */
@external("cold", "random")
export declare function host_random(at: u32, bytes: u32): void;

/** The shared segment that a user address lies in, 0 for private memory; and where in it. Only where MM_SHARED is set. */
@external("cold", "shared_segment")
export declare function cold_shared_segment(mm: u32, address: u32): f64;
@external("cold", "shared_offset")
export declare function cold_shared_offset(mm: u32, address: u32): f64;
