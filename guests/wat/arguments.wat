;; arguments: shows its command line and its environment, a line for each string.
(module
  ;; The command line is not in memory at the start, as it is on Linux: the program asks for it. These three are WALI's:
  ;; how many strings, the length of one without its NUL, and a copy of one with its NUL to an address.
  (import "wali" "__cl_get_argc" (func $argument_count (result i32)))
  (import "wali" "__cl_get_argv_len" (func $argument_length (param i32) (result i32)))
  (import "wali" "__cl_copy_argv" (func $copy_argument (param i32 i32) (result i32))) ;; address, index
  ;; The same for the environment, "NAME=value" each: ring3's own.
  (import "ring3" "env_count" (func $variable_count (result i32)))
  (import "ring3" "env_len" (func $variable_length (param i32) (result i32)))
  (import "ring3" "env_copy" (func $copy_variable (param i32 i32) (result i32))) ;; address, index
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (memory (export "memory") 1)

  ;; Makes memory reach to $end. memory.grow is a call of the kernel here, so that limits hold; -1 is a refusal.
  (func $reach (param $end i32)
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.lt_s (memory.grow (i32.const 16)) (i32.const 0)) (then (unreachable))))))

  ;; Writes the $bytes at 1024, with a newline in the place of the NUL.
  (func $line (param $bytes i32)
    (i32.store8 (i32.add (i32.const 1024) (local.get $bytes)) (i32.const 10))
    (drop (call $write (i32.const 1) (i32.const 1024) (i32.add (local.get $bytes) (i32.const 1)))))

  (func (export "_start") (local $i i32) (local $bytes i32)
    (block $end
      (loop $next
        (br_if $end (i32.eq (local.get $i) (call $argument_count)))
        (local.set $bytes (call $argument_length (local.get $i)))
        ;; A string has 128 KiB at most.
        (call $reach (i32.add (local.get $bytes) (i32.const 1025)))
        (drop (call $copy_argument (i32.const 1024) (local.get $i)))
        (call $line (local.get $bytes))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.set $i (i32.const 0))
    (block $end
      (loop $next
        (br_if $end (i32.eq (local.get $i) (call $variable_count)))
        (local.set $bytes (call $variable_length (local.get $i)))
        (call $reach (i32.add (local.get $bytes) (i32.const 1025)))
        (drop (call $copy_variable (i32.const 1024) (local.get $i)))
        (call $line (local.get $bytes))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))))
