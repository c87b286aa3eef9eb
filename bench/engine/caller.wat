;; Calls an import so many times: what a program's loop around a system call is.
(module
  (import "callee" "call" (func $call (result i64)))
  (func (export "run") (param $count i32)
    (loop $again
      (drop (call $call))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
