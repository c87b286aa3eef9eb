;; cat: copies standard input to standard output. Its status is the error number of the call that failed, 0 if none did.
(module
  (import "wali" "SYS_read" (func $read (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  ;; One page: the buffer is its upper half. An address outside of memory would give -EFAULT.
  (memory (export "memory") 1)

  ;; Ends the process with the error number of a result.
  (func $fail (param $result i64)
    (drop (call $exit_group (i32.wrap_i64 (i64.sub (i64.const 0) (local.get $result))))))

  ;; Writes $bytes from address $at: a pipe or a terminal may take fewer at once than it was given.
  (func $write_all (param $at i32) (param $bytes i32) (local $result i64)
    (loop $again
      (if (i32.eqz (local.get $bytes)) (then (return)))
      (local.set $result (call $write (i32.const 1) (local.get $at) (local.get $bytes)))
      ;; -4 is -EINTR: a signal came before anything was written. Once more.
      (br_if $again (i64.eq (local.get $result) (i64.const -4)))
      ;; Any other negative result is final.
      (if (i64.lt_s (local.get $result) (i64.const 0)) (then (call $fail (local.get $result))))
      (local.set $at (i32.add (local.get $at) (i32.wrap_i64 (local.get $result))))
      (local.set $bytes (i32.sub (local.get $bytes) (i32.wrap_i64 (local.get $result))))
      (br $again)))

  (func (export "_start") (local $result i64)
    (loop $next
      ;; read blocks until there is something. The task sleeps; the machine's other tasks go on.
      (local.set $result (call $read (i32.const 0) (i32.const 32768) (i32.const 32768)))
      (br_if $next (i64.eq (local.get $result) (i64.const -4)))
      (if (i64.lt_s (local.get $result) (i64.const 0)) (then (call $fail (local.get $result))))
      ;; 0 is the end of the file.
      (if (i64.eqz (local.get $result)) (then (return)))
      (call $write_all (i32.const 32768) (i32.wrap_i64 (local.get $result)))
      (br $next))))
