;; wasi: hello once more, by WASI preview 1: what compilers for other systems emit. It runs as a process among the others.
(module
  ;; fd_write: descriptor, address of an array of (address, length) pairs, how many pairs, and where the count of bytes written goes.
  ;; The result is an error number of WASI's own, 0 for success; a count or the like goes to an address. strace shows the
  ;; system calls of Linux that it comes to.
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  ;; Here the name is required: WASI finds the program's memory by it.
  (memory (export "memory") 1)
  (data (i32.const 64) "hello from WASI\n")
  ;; One pair: the 16 bytes at 64.
  (data (i32.const 16) "\40\00\00\00" "\10\00\00\00")
  (func (export "_start")
    (call $proc_exit (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))
