/**
 * The hot half as the cold half sees it: the functions it exports, and the kernel memory that both share.
 * All addresses are offsets in kernel memory; layouts are in layout.ts.
 */
export interface Hot {
  // alloc.ts
  /** Lays out the heap in `bytes` of kernel memory: once, first. */
  heap_init(bytes: number): void;
  /** Zeroed block of 16..2048 bytes; 0 when kernel memory is full. */
  alloc(bytes: number): number;
  /** Whether 1/2^share of kernel memory stays free when `bytes` more are taken: 1 or 0. */
  pages_left(bytes: number, share: number): number;
  free(address: number, bytes: number): void;

  // clock.ts
  /** `at`: the host's now() at boot, in ms. */
  clock_init(at: number): void;
  /** CLOCK_REALTIME in ms, with fractions. */
  clock_realtime(): number;

  // task.ts, sched.ts
  task_new(slot: number): number;
  task_free(task: number): void;
  proc_new(): number;
  proc_free(proc: number): void;
  mm_new(): number;
  mm_free(mm: number): void;
  /** Links the task into its process's thread list, or takes it out. */
  proc_add_task(proc: number, task: number): void;
  proc_remove_task(proc: number, task: number): void;
  /** The running task, 0 for none. */
  get_current(): number;
  set_current(task: number): void;
  /** Sets a task's WORK_* bits. */
  set_work(task: number, bits: number): void;
  /** Puts a task on the run queue unless it is there or running. */
  make_runnable(task: number): void;
  /** Ends a task's sleep with WAKE_* `reason`. */
  wake_task(task: number, reason: number): void;
  /** Ends the sleep that RESULT_SLEEP began. */
  wake_uninterruptible(task: number): void;
  /** Takes the next task from the run queue and makes it current; 0 when none. */
  pick_next(): number;
  /** Takes a task off the run queue. */
  dequeue(task: number): void;

  // window.ts
  /** Gives a task a page of its address space's window: 1, or 0 where there is no room. */
  window_open(task: number): number;
  /** The task leaves its address space. */
  window_close(task: number): void;

  // wait.ts
  waitq_init(queue: number): void;
  /** Before a queue's memory is freed: wakes its sleepers and takes them off it. */
  waitq_drain(queue: number): void;
  /** Adds the task to a queue: it will be woken by wake_queue. */
  wait_add(task: number, queue: number, kind: number): void;
  wait_clear(task: number): void;
  /** Wakes every task on the queue, of the exclusive ones at most `exclusive`; marks epoll items ready. Returns how many tasks woke. */
  wake_queue(queue: number, exclusive: number): number;

  // signal.ts
  sighand_new(): number;
  sighand_clone(sighand: number): number;
  sighand_ref(sighand: number): void;
  sighand_put(sighand: number): void;
  /** Sends a signal to a process (task 0: any of its tasks) or to one task. Returns 0, or -EAGAIN when the queue is full. */
  signal_send(
    proc: number,
    task: number,
    signo: number,
    code: number,
    pid: number,
    uid: number,
    status: number,
    value: number,
  ): number;
  /** Recomputes WORK_SIGNAL from pending and blocked. */
  signal_recalc(task: number): void;
  /** Drops every queued signal of a task or process (address of the PENDING/SIGQUEUE owner). */
  signal_flush(task: number, proc: number): void;
  /** Forgets what is pending of a signal in a process. */
  signal_discard(proc: number, signo: number): void;
  /** The guest's stack pointer. Only for the running task. */
  stack_pointer(task: number): number;
  /** Writes a queued siginfo (SIGINFO_*) as the guest's siginfo_t into 128 zeroed bytes of kernel memory. */
  siginfo_to_user_layout(info: number, to: number): void;
  /** Takes one pending signal out of `set` (halves of a 64-bit mask); fills `info` (SIGINFO_* layout); returns its number or 0. */
  signal_take(task: number, setLow: number, setHigh: number, info: number): number;

  // files.ts
  files_new(): number;
  files_clone(files: number): number;
  files_ref(files: number): void;
  files_put(files: number): void;
  /** Lowest free descriptor >= min, or -EMFILE; limit is RLIMIT_NOFILE. */
  fd_alloc(files: number, min: number, limit: number): number;
  /** Installs an open file description (its reference passes to the table). `cloexec` 0 or 1. */
  fd_install(files: number, fd: number, file: number, cloexec: number): void;
  /** The open file description, or 0. */
  fd_get(files: number, fd: number): number;
  fd_cloexec(files: number, fd: number): number;
  fd_set_cloexec(files: number, fd: number, on: number): void;
  /** Empties a descriptor; returns the description, its reference passing to the caller, or 0. */
  fd_take(files: number, fd: number): number;
  /** Closes every descriptor with FD_CLOEXEC. */
  files_close_exec(files: number): void;
  file_new(kind: number, flags: number, bits: number): number;
  file_ref(file: number): void;
  /** Drops a reference; the last one releases the object behind it (and calls the cold half's file_release where FILE_COLD >= 0). */
  file_put(file: number): void;
  /** POLL* mask of a description as it is now. */
  file_poll(file: number): number;

  /** Says what a description was opened through and as: records of a mount and a dentry (0 none), which it keeps. */
  file_set_path(file: number, mount: number, dentry: number): void;

  // inode.ts, pagecache.ts
  inode_modified(inode: number): void;
  inode_changed(inode: number): void;
  /** `mount`: through which. */
  inode_accessed(inode: number, mount: number): void;
  /** A new inode with one name, its times now; 0 where memory is full. */
  inode_new(dev: number, ino: number, mode: number, uid: number, gid: number): number;
  inode_free(inode: number): void;
  /** Frees a regular file's pages; its size stays. */
  cache_free(inode: number): void;
  /** Sets the size in bytes; pages beyond it are freed, the tail of the last is zeroed. 0 or -errno. */
  cache_truncate(inode: number, size: number): number;
  /** Address of the page that holds byte pos, 0 for a hole; with `make`, holes are filled (0 then means ENOSPC). */
  cache_page(inode: number, pos: number, make: number): number;
  /** Frees the pages wholly inside and zeroes the rest of a range (fallocate's PUNCH_HOLE). */
  cache_punch(inode: number, pos: number, bytes: number): void;

  // dcache.ts: names are in NAME_BUFFER. What gives 1 gives 0 where memory is full.
  /** A record that is no entry yet, without references; 0 where memory is full. */
  d_new(inode: number, parent: number, nameLength: number): number;
  d_free(dentry: number): void;
  dget(dentry: number): void;
  dput(dentry: number): void;
  /** The entry of that name, or 0. */
  d_find(parent: number, nameLength: number): number;
  d_add(dentry: number): number;
  d_drop(dentry: number): void;
  d_move(dentry: number, parent: number, nameLength: number): number;
  mount_new(root: number): number;
  mount_free(mount: number): void;
  mntget(mount: number): void;
  mntput(mount: number): void;
  mount_attach(mount: number, parent: number, point: number): void;
  mount_detach(mount: number): void;

  // pipe.ts, eventfd.ts, epoll.ts
  /** A new pipe with one reference, no ends open; 0 when memory is full. */
  pipe_new(): number;
  pipe_put(pipe: number): void;
  /** Makes an open file description of a pipe's end(s) by access mode O_RDONLY, O_WRONLY, O_RDWR; takes its own reference. */
  pipe_open(pipe: number, flags: number): number;
  pipe_resize(pipe: number, bytes: number): number;
  /** Writes from, reads into kernel memory, never blocking: bytes, 0 at end of file, -EAGAIN, -EPIPE. */
  pipe_write_kernel(pipe: number, ksrc: number, bytes: number): number;
  pipe_read_kernel(pipe: number, kdst: number, bytes: number): number;
  // ring.ts, socket.ts
  /** Forgets what is in a ring. */
  ring_drop(ring: number): void;
  /** A socket without a peer, or 0. */
  socket_new(): number;
  socket_free(socket: number): void;
  /** Its open file description, or 0. `flags`: O_NONBLOCK or 0. */
  socket_open(socket: number, flags: number): number;
  /** What fits into the peer's ring now, from kernel memory (task 0): bytes, -EAGAIN, -EPIPE, -ENOBUFS. */
  socket_write(socket: number, task: number, src: number, bytes: number): number;
  /** Takes bytes out of the ring. */
  socket_consume(socket: number, count: number): void;
  eventfd_new(count: number, semaphore: number, flags: number): number;
  epoll_new(flags: number): number;

  // futex.ts
  /** Takes a task off the futex it waits on. */
  futex_leave(task: number): void;
  /** Wakes waiters on a user address of this address space: for CLONE_CHILD_CLEARTID. */
  futex_wake_address(mm: number, address: number, count: number): number;

  /** Table through which the hot half calls gates and signal stubs. */
  table: unknown;
}

/** Views of kernel memory. It is allocated at its full size once, so they never go stale. */
export class KernelMemory {
  readonly buffer: ArrayBufferLike;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly view: DataView;

  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.view = new DataView(buffer);
  }

  /** A 64-bit field as a number: exact within +-2^53. */
  getI64(address: number): number {
    return this.i32[(address + 4) >> 2] * 0x100000000 + this.u32[address >> 2];
  }

  setI64(address: number, value: number): void {
    this.i32[(address + 4) >> 2] = Math.floor(value / 0x100000000);
    this.u32[address >> 2] = value % 0x100000000;
  }
}
