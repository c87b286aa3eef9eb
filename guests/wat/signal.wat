;; signal: catches SIGUSR1, which it sends to itself, and ends with the signal's number as its status.
(module
  ;; rt_sigaction(2): signal, address of the new struct, address for the old one or 0, bytes of a signal mask: 8
  (import "wali" "SYS_rt_sigaction" (func $rt_sigaction (param i32 i32 i32 i32) (result i64)))
  (import "wali" "SYS_kill" (func $kill (param i32 i32) (result i64)))
  (import "wali" "SYS_getpid" (func $getpid (result i64)))
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  (memory (export "memory") 1)
  ;; A handler is a place in the table of functions. 0 and 1 mean SIG_DFL and SIG_IGN, so handlers begin at 2. The kernel calls them through
  ;; the table, which the loader exports.
  (table 3 funcref)
  (elem (i32.const 2) $handler)
  (global $caught (mut i32) (i32.const 0))

  ;; The kernel's struct sigaction, packed, 24 bytes: handler at 0, 64 bits of flags at 4 (0: none), restorer at 12 (not used), 64 bits
  ;; of signals at 16 that wait while the handler runs.
  (data (i32.const 64) "\02\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00")

  ;; Runs on the stack of whatever it interrupts: at a system call, or at the head of a loop, where the loader put a poll. With the flag
  ;; SA_SIGINFO it would have three parameters.
  (func $handler (param $signal i32)
    (global.set $caught (local.get $signal)))

  (func (export "_start")
    (drop (call $rt_sigaction (i32.const 10) (i32.const 64) (i32.const 0) (i32.const 8)))
    ;; A signal to oneself is delivered before kill returns.
    (drop (call $kill (i32.wrap_i64 (call $getpid)) (i32.const 10)))
    (drop (call $exit_group (global.get $caught)))))
