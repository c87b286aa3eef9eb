;; What the entry of a hot call does (kernel/hot/generate.ts) with nothing behind it: tests one word, at a fixed address.
(module
  (memory (import "kernel" "memory") 1 1 shared)
  (func (export "call") (result i64)
    (if (i32.load (i32.const 64)) (then (unreachable)))
    (i64.const 0)))
