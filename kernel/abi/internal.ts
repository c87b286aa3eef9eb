/**
 * Imports that are no Linux system calls: what WALI's C start-up asks for, what our C library adds, and what the loader puts in
 * place of Wasm instructions. They go through the same entries and trap frame as system calls, under numbers of their own.
 */
import type { WasmType } from "./argtypes.ts";

export interface InternalCall {
  readonly nr: number;
  readonly module: "wali" | "ring3";
  readonly name: string;
  readonly params: readonly WasmType[];
  /** Its i32 parameters are signed numbers, not addresses and sizes. */
  readonly signed?: true;
  readonly result: "i32" | "none";
  readonly half: "hot" | "cold";
  /** A negative result is a trap: the instruction it stands for traps. */
  readonly traps?: true;
  /** Name of the export and the handler where it is not `name`. */
  readonly as?: string;
}

const i = (count: number): WasmType[] => Array<WasmType>(count).fill("i32");

export const INTERNAL_CALLS: readonly InternalCall[] = [
  { nr: 1000, module: "wali", name: "__init", params: [], result: "i32", half: "cold" },
  { nr: 1001, module: "wali", name: "__deinit", params: [], result: "i32", half: "cold" },
  { nr: 1002, module: "wali", name: "__proc_exit", params: i(1), signed: true, result: "none", half: "cold" },
  { nr: 1003, module: "wali", name: "__cl_get_argc", params: [], result: "i32", half: "cold" },
  { nr: 1004, module: "wali", name: "__cl_get_argv_len", params: i(1), result: "i32", half: "cold" },
  { nr: 1005, module: "wali", name: "__cl_copy_argv", params: i(2), result: "i32", half: "cold" },
  { nr: 1006, module: "wali", name: "__get_init_envfile", params: i(2), result: "i32", half: "cold" },
  { nr: 1007, module: "wali", name: "__wasm_thread_spawn", params: i(2), result: "i32", half: "cold" },
  { nr: 1008, module: "wali", name: "setjmp", params: i(1), result: "i32", half: "cold" },
  { nr: 1009, module: "wali", name: "sigsetjmp", params: i(2), result: "i32", half: "cold" },
  { nr: 1010, module: "wali", name: "longjmp", params: i(2), result: "none", half: "cold" },
  { nr: 1020, module: "ring3", name: "env_count", params: [], result: "i32", half: "cold" },
  { nr: 1021, module: "ring3", name: "env_len", params: i(1), signed: true, result: "i32", half: "cold" },
  { nr: 1022, module: "ring3", name: "env_copy", params: i(2), signed: true, result: "i32", half: "cold" },
  { nr: 1023, module: "ring3", name: "clone", params: i(7), result: "i32", half: "cold", as: "ring3_clone" },
  // Stands for every import that nobody serves; the argument says which.
  { nr: 1024, module: "ring3", name: "unknown_import", params: i(1), signed: true, result: "i32", half: "cold" },
  { nr: 1030, module: "ring3", name: "memory_grow", params: i(1), result: "i32", half: "cold" },
  {
    nr: 1031,
    module: "ring3",
    name: "atomic_wait32",
    params: ["i32", "i32", "i64"],
    result: "i32",
    half: "hot",
    traps: true,
  },
  {
    nr: 1032,
    module: "ring3",
    name: "atomic_wait64",
    params: ["i32", "i64", "i64"],
    result: "i32",
    half: "hot",
    traps: true,
  },
  { nr: 1034, module: "ring3", name: "memory_size", params: [], result: "i32", half: "hot" },
  { nr: 1033, module: "ring3", name: "atomic_notify", params: i(2), result: "i32", half: "hot", traps: true },
];
