;; exit: the smallest program. It ends with status 7.
(module
  ;; Linux's system calls are imports of the module "wali", named SYS_<call>: here exit_group(2). Pointers, ints and sizes are i32, longs
  ;; and offsets i64, and every call gives an i64: the result, or -errno. `ring3 syscalls` lists them all.
  (import "wali" "SYS_exit_group" (func $exit_group (param i32) (result i64)))
  ;; Every program has a memory. The kernel reads and writes the program's data there, and how many pages of 64 KiB it asks for
  ;; here is what it has at the start.
  (memory (export "memory") 1)
  ;; The kernel calls _start in a new process. If it returned, the status would be 0.
  (func (export "_start")
    ;; exit_group does not return, but Wasm wants to know what becomes of its result.
    (drop (call $exit_group (i32.const 7)))))
