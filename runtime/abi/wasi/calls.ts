/**
 * The functions of WASI preview 1, in the specification's order (phases/snapshot/docs.md), with their types and the adapter's exports that
 * serve them. Linking, checking and `ring3 inspect` go by this table.
 */
import type { LinkType, ValueType } from "../../loader/index.ts";

export const PREVIEW1 = "wasi_snapshot_preview1";
export const UNSTABLE = "wasi_unstable";
/** wasi-threads. */
export const THREADS = "wasi";

export interface WasiCall extends LinkType {
  /** The adapter's export. */
  readonly target: string;
}

const TYPES: Readonly<Record<string, ValueType>> = { i: "i32", I: "i64" };
const ERRNO: readonly ValueType[] = ["i32"];

/** A function by its parameters: i for 32 bits, I for 64. Its result is an errno. */
function errno(target: string, params: string): WasiCall {
  return { target, params: [...params].map((letter) => TYPES[letter]), results: ERRNO };
}

/** Parameters by name. */
const PARAMS: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_get: "ii",
  fd_prestat_dir_name: "iii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_raise: "i",
  sched_yield: "",
  random_get: "ii",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

/** Those of wasi_unstable that are not as they became: other structures, another order of whence. */
const CHANGED: ReadonlySet<string> = new Set(["fd_seek", "fd_filestat_get", "path_filestat_get", "poll_oneoff"]);
/** Came later. */
const NEW: ReadonlySet<string> = new Set(["sock_accept"]);

const PROC_EXIT: WasiCall = { target: "proc_exit", params: ["i32"], results: [] };

/** Every function that a WASI program can import, by module and name. */
export const WASI_MODULES: Readonly<Record<string, Readonly<Record<string, WasiCall>>>> = {
  [PREVIEW1]: {
    ...Object.fromEntries(Object.entries(PARAMS).map(([name, params]) => [name, errno(name, params)])),
    proc_exit: PROC_EXIT,
  },
  [UNSTABLE]: {
    ...Object.fromEntries(
      Object.entries(PARAMS)
        .filter(([name]) => !NEW.has(name))
        .map(([name, params]) => [name, errno(CHANGED.has(name) ? `unstable_${name}` : name, params)]),
    ),
    proc_exit: PROC_EXIT,
  },
  [THREADS]: { "thread-spawn": { target: "thread_spawn", params: ["i32"], results: ["i32"] } },
};
