;; pipe: a child writes a line to a pipe, the parent reads it and writes it out: echo | cat in one program.
(module
  (import "wali" "SYS_pipe" (func $pipe (param i32) (result i64)))
  (import "wali" "SYS_fork" (func $fork (result i64)))
  (import "wali" "SYS_read" (func $read (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_close" (func $close (param i32) (result i64)))
  (import "wali" "SYS_wait4" (func $wait4 (param i32 i32 i32 i32) (result i64)))
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  (memory (export "memory") 1)
  (data (i32.const 64) "through a pipe\n")

  (func (export "_start") (local $pid i64) (local $bytes i64)
    ;; Two descriptors go to address 16: the one at 16 is for reading, the one at 20 for writing.
    (drop (call $pipe (i32.const 16)))
    (local.set $pid (call $fork))
    ;; The child has the same descriptors.
    (if (i64.eqz (local.get $pid))
      (then
        (drop (call $write (i32.load (i32.const 20)) (i32.const 64) (i32.const 15)))
        (drop (call $exit_group (i32.const 0)))))
    ;; The parent closes its end for writing: as long as anyone has it open, the reader never sees the end of the file.
    (drop (call $close (i32.load (i32.const 20))))
    (block $end
      (loop $next
        (local.set $bytes (call $read (i32.load (i32.const 16)) (i32.const 1024) (i32.const 1024)))
        ;; 0: all writers are gone.
        (br_if $end (i64.le_s (local.get $bytes) (i64.const 0)))
        (drop (call $write (i32.const 1) (i32.const 1024) (i32.wrap_i64 (local.get $bytes))))
        (br $next)))
    ;; A child that nobody waits for stays a zombie until its parent ends.
    (drop (call $wait4 (i32.wrap_i64 (local.get $pid)) (i32.const 0) (i32.const 0) (i32.const 0)))))
