/**
 * What the adapter imports from the hot half: its entries for system calls, under their own names, and a few services. Through the
 * entries a call is traced, interrupted, limited and blocked like any other, and Wasm calls Wasm all the way.
 */

/** The running task. */
@external("hot", "current")
export declare let current: u32;

@external("hot", "alloc")
export declare function alloc(bytes: u32): u32;
@external("hot", "free")
export declare function free(address: u32, bytes: u32): void;
/** Copies between kernel memory and the task's. Not 0: it was there. */
@external("hot", "copy_in")
export declare function copy_in(task: u32, kdst: u32, usrc: u32, bytes: u32): u32;
@external("hot", "copy_out")
export declare function copy_out(task: u32, udst: u32, ksrc: u32, bytes: u32): u32;
@external("hot", "user_ok")
export declare function user_ok(task: u32, address: u32, bytes: u32): u32;

/** CLOCK_MONOTONIC and CLOCK_REALTIME in ns. */
@external("hot", "monotonic_ns")
export declare function monotonic_ns(): i64;
@external("hot", "realtime_ns")
export declare function realtime_ns(): i64;

@external("hot", "SYS_read")
export declare function SYS_read(fd: i32, buf: u32, count: u32): i64;
@external("hot", "SYS_write")
export declare function SYS_write(fd: i32, buf: u32, count: u32): i64;
@external("hot", "SYS_readv")
export declare function SYS_readv(fd: i32, iov: u32, count: i32): i64;
@external("hot", "SYS_writev")
export declare function SYS_writev(fd: i32, iov: u32, count: i32): i64;
@external("hot", "SYS_pread64")
export declare function SYS_pread64(fd: i32, buf: u32, count: u32, offset: i64): i64;
@external("hot", "SYS_pwrite64")
export declare function SYS_pwrite64(fd: i32, buf: u32, count: u32, offset: i64): i64;
@external("hot", "SYS_preadv")
export declare function SYS_preadv(fd: i32, iov: u32, count: i32, low: i64, high: i64): i64;
@external("hot", "SYS_pwritev")
export declare function SYS_pwritev(fd: i32, iov: u32, count: i32, low: i64, high: i64): i64;
@external("hot", "SYS_lseek")
export declare function SYS_lseek(fd: i32, offset: i64, whence: i32): i64;
@external("hot", "SYS_close")
export declare function SYS_close(fd: i32): i64;
@external("hot", "SYS_dup3")
export declare function SYS_dup3(oldfd: i32, newfd: i32, flags: i32): i64;
@external("hot", "SYS_fcntl")
export declare function SYS_fcntl(fd: i32, cmd: i32, arg: i64): i64;
@external("hot", "SYS_ioctl")
export declare function SYS_ioctl(fd: i32, request: i32, arg: u32): i64;
@external("hot", "SYS_fsync")
export declare function SYS_fsync(fd: i32): i64;
@external("hot", "SYS_fdatasync")
export declare function SYS_fdatasync(fd: i32): i64;
@external("hot", "SYS_fadvise")
export declare function SYS_fadvise(fd: i32, offset: i64, length: i64, advice: i32): i64;
@external("hot", "SYS_fallocate")
export declare function SYS_fallocate(fd: i32, mode: i32, offset: i64, length: i64): i64;
@external("hot", "SYS_ftruncate")
export declare function SYS_ftruncate(fd: i32, length: i64): i64;
@external("hot", "SYS_fstat")
export declare function SYS_fstat(fd: i32, stat: u32): i64;
@external("hot", "SYS_newfstatat")
export declare function SYS_newfstatat(dirfd: i32, path: u32, stat: u32, flags: i32): i64;
@external("hot", "SYS_utimensat")
export declare function SYS_utimensat(dirfd: i32, path: u32, times: u32, flags: i32): i64;
@external("hot", "SYS_getdents64")
export declare function SYS_getdents64(fd: i32, buf: u32, count: i32): i64;
@external("hot", "SYS_openat")
export declare function SYS_openat(dirfd: i32, path: u32, flags: i32, mode: i32): i64;
@external("hot", "SYS_mkdirat")
export declare function SYS_mkdirat(dirfd: i32, path: u32, mode: i32): i64;
@external("hot", "SYS_linkat")
export declare function SYS_linkat(olddirfd: i32, oldpath: u32, newdirfd: i32, newpath: u32, flags: i32): i64;
@external("hot", "SYS_readlinkat")
export declare function SYS_readlinkat(dirfd: i32, path: u32, buf: u32, size: i32): i64;
@external("hot", "SYS_unlinkat")
export declare function SYS_unlinkat(dirfd: i32, path: u32, flags: i32): i64;
@external("hot", "SYS_renameat")
export declare function SYS_renameat(olddirfd: i32, oldpath: u32, newdirfd: i32, newpath: u32): i64;
@external("hot", "SYS_symlinkat")
export declare function SYS_symlinkat(target: u32, dirfd: i32, path: u32): i64;
@external("hot", "SYS_ppoll")
export declare function SYS_ppoll(fds: u32, count: i64, timeout: u32, mask: u32, size: u32): i64;
@external("hot", "SYS_clock_gettime")
export declare function SYS_clock_gettime(clock: i32, time: u32): i64;
@external("hot", "SYS_clock_getres")
export declare function SYS_clock_getres(clock: i32, time: u32): i64;
@external("hot", "SYS_sched_yield")
export declare function SYS_sched_yield(): i64;
@external("hot", "SYS_getrandom")
export declare function SYS_getrandom(buf: u32, length: u32, flags: i32): i64;
@external("hot", "SYS_exit_group")
export declare function SYS_exit_group(status: i32): i64;
@external("hot", "SYS_getpid")
export declare function SYS_getpid(): i64;
@external("hot", "SYS_kill")
export declare function SYS_kill(pid: i32, signal: i32): i64;
@external("hot", "SYS_accept4")
export declare function SYS_accept4(fd: i32, address: u32, length: u32, flags: i32): i64;
@external("hot", "SYS_recvmsg")
export declare function SYS_recvmsg(fd: i32, message: u32, flags: i32): i64;
@external("hot", "SYS_sendmsg")
export declare function SYS_sendmsg(fd: i32, message: u32, flags: i32): i64;
@external("hot", "SYS_shutdown")
export declare function SYS_shutdown(fd: i32, how: i32): i64;

@external("hot", "__cl_get_argc")
export declare function argument_count(): i32;
@external("hot", "__cl_get_argv_len")
export declare function argument_length(i: i32): i32;
@external("hot", "__cl_copy_argv")
export declare function argument_copy(to: u32, i: i32): i32;
@external("hot", "env_count")
export declare function environment_count(): i32;
@external("hot", "env_len")
export declare function environment_length(i: i32): i32;
@external("hot", "env_copy")
export declare function environment_copy(to: u32, i: i32): i32;
@external("hot", "__wasm_thread_spawn")
export declare function spawn_thread(fn: u32, argument: u32): i32;
