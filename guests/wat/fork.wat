;; fork: starts a child that ends with status 42, waits for it, and ends with the child's status and one more.
(module
  ;; A module that imports SYS_fork gets a second version of each function from which it can be called: the loader makes it, so that the
  ;; stack of such functions, with all their locals, can be taken apart and put together again in the child.
  (import "wali" "SYS_fork" (func $fork (result i64)))
  ;; wait4(2): pid, address of the status word, options, address of a struct rusage or 0
  (import "wali" "SYS_wait4" (func $wait4 (param i32 i32 i32 i32) (result i64)))
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  (memory (export "memory") 1)

  (func (export "_start") (local $pid i64)
    ;; Here one process goes in and two come out. Each has its own memory, globals and locals from here on.
    (local.set $pid (call $fork))
    ;; In the child the result is 0.
    (if (i64.eqz (local.get $pid)) (then (drop (call $exit_group (i32.const 42)))))
    ;; In the parent it is the child's pid, or -errno.
    (if (i64.lt_s (local.get $pid) (i64.const 0)) (then (drop (call $exit_group (i32.const 1)))))
    ;; Sleeps until the child has ended; the status word goes to address 16.
    (if (i64.ne
          (call $wait4 (i32.wrap_i64 (local.get $pid)) (i32.const 16) (i32.const 0) (i32.const 0))
          (local.get $pid))
      (then (drop (call $exit_group (i32.const 2)))))
    ;; The exit status is the word's second byte (the first one would hold the signal that ended the child).
    (drop (call $exit_group (i32.add (i32.load8_u (i32.const 17)) (i32.const 1))))))
