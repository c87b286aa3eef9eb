;; A program by hand: two imports, a memory, a string. WALI's calls take pointers as i32 and return i64.
(module
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  (memory (export "memory") 1 1)
  (data (i32.const 64) "hello from WebAssembly text\n")
  (func (export "_start")
    (drop (call $exit_group
      ;; status 0 if all 28 bytes were written
      (i64.ne (call $write (i32.const 1) (i32.const 64) (i32.const 28)) (i64.const 28))))))
