;; As caller.wat, for an import whose result JavaScript can give without a BigInt.
(module
  (import "callee" "call" (func $call (result i32)))
  (func (export "run") (param $count i32)
    (loop $again
      (drop (call $call))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
