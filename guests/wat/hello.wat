;; hello: writes a line to standard output. The status is 0 if all of it went out.
(module
  ;; write(2): descriptor, address, bytes
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  (memory (export "memory") 1)
  ;; What stands in memory when the process starts: the bytes of the line, from address 64 on. No NUL is needed, write is told the length.
  (data (i32.const 64) "hello from WebAssembly text\n")
  (func (export "_start")
    (drop (call $exit_group
      ;; 28 bytes written is success; fewer, or a negative result such as -EBADF, is not.
      (i64.ne (call $write (i32.const 1) (i32.const 64) (i32.const 28)) (i64.const 28))))))
