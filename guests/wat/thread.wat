;; thread: starts a thread that adds up 1 to 1000, waits for it, and shows the sum.
(module
  ;; ring3.clone: a new task on the same memory, in an instance of its own. It takes the function (a place in the table), the stack pointer
  ;; (-1: the module has none), the flags of clone(2), the function's argument, and the three addresses that some flags want: where the
  ;; new thread's id goes, its thread-local variables, and the word that is cleared at its end. Gives the thread's id, or -errno.
  (import "ring3" "clone" (func $clone (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  ;; futex(2): address, operation, value, timeout, address, value
  (import "wali" "SYS_futex" (func $futex (param i32 i32 i32 i32 i32 i32) (result i64)))
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  ;; Threads share it whether it says `shared` or not, but atomic instructions want it said.
  (memory (export "memory") 1 16 shared)
  (table 1 funcref)
  (elem (i32.const 0) $add)
  (data (i32.const 64) "......\n")

  ;; The thread. Globals would be its own, as each instance has its own; memory is everybody's. It ends by returning.
  (func $add (param $upto i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $upto)))
      (local.set $upto (i32.sub (local.get $upto) (i32.const 1)))
      (br_if $next (local.get $upto)))
    (i32.store (i32.const 32) (local.get $sum))
    (i32.const 0))

  (func (export "_start") (local $tid i32) (local $at i32) (local $rest i32)
    ;; The word at 16 is 1 as long as the thread lives.
    (i32.atomic.store (i32.const 16) (i32.const 1))
    ;; CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID: all shared, the same process, and at the
    ;; thread's end the kernel writes 0 to the word at 16 and wakes who waits for that.
    (local.set $tid (call $clone
      (i32.const 0) (i32.const -1) (i32.const 0x210f00) (i32.const 1000) (i32.const 0) (i32.const 0) (i32.const 16)))
    (if (i32.lt_s (local.get $tid) (i32.const 0)) (then (unreachable)))
    ;; Sleeps (FUTEX_WAIT) as long as the word is 1. memory.atomic.wait32 would be the same call.
    (block $ended
      (loop $again
        (br_if $ended (i32.eqz (i32.atomic.load (i32.const 16))))
        (drop (call $futex
          (i32.const 16) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (br $again)))
    ;; The sum as digits, from the last one at 69 backwards.
    (local.set $rest (i32.load (i32.const 32)))
    (local.set $at (i32.const 70))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (br_if $digit (local.get $rest)))
    (drop (call $write (i32.const 1) (local.get $at) (i32.sub (i32.const 71) (local.get $at))))))
