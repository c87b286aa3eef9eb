;; A function of another instance that does nothing.
(module
  (func (export "call") (result i64) (i64.const 0)))
