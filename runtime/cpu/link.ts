// Linking a guest to the hot half: which export serves which import, with an adapter where the program declares another type.

import { ARG_TYPES } from "../../kernel/abi/argtypes.ts";
import { INTERNAL_CALLS } from "../../kernel/abi/internal.ts";
import { SYSCALLS, wasmParams } from "../../kernel/abi/syscalls.ts";
import { WASI_MODULES } from "../abi/wasi/calls.ts";
import type { ImportInfo, LinkType, Thunk } from "../loader/index.ts";
import { sameType, thunkModule } from "../loader/index.ts";

type WasmFunction = (...args: never[]) => unknown;

interface Service extends LinkType {
  /** Name of the hot half's export. */
  readonly target: string;
  readonly unsigned: readonly boolean[];
}

const I64 = ["i64"] as const;

/** Every import that the hot half serves, by `module.name`. */
const SERVICES: ReadonlyMap<string, Service> = new Map([
  ...SYSCALLS.map((call): [string, Service] => [
    `wali.SYS_${call.name}`,
    {
      target: `SYS_${call.name}`,
      params: wasmParams(call),
      results: I64,
      unsigned: call.args.map(({ type }) => !ARG_TYPES[type].signed),
    },
  ]),
  ...INTERNAL_CALLS.map((call): [string, Service] => [
    `${call.module}.${call.name}`,
    {
      target: call.as ?? call.name,
      params: call.params,
      results: call.result === "none" ? [] : [call.result],
      unsigned: call.params.map(() => false),
    },
  ]),
  ["ring3.poll", { target: "poll", params: [], results: [], unsigned: [] }],
]);

/** Names (`module.name`) of all imports that are served: for `ring3 inspect`. */
export function servedImports(): Set<string> {
  const wasi = Object.entries(WASI_MODULES).flatMap(([module, calls]) =>
    Object.keys(calls).map((name) => `${module}.${name}`),
  );
  return new Set([...SERVICES.keys(), ...wasi]);
}

/** What the loader's rewriting adds, from module `ring3`. */
const ADDED_IMPORTS = [
  "poll",
  "memory_size",
  "memory_grow",
  "atomic_wait32",
  "atomic_wait64",
  "atomic_notify",
  "unwound",
];

/** The hot half's functions for what the loader added to a program. */
export function addedImports(hot: Readonly<Record<string, unknown>>): Record<string, WasmFunction> {
  return Object.fromEntries(ADDED_IMPORTS.map((name) => [name, hot[name] as WasmFunction]));
}

const UNKNOWN: LinkType = { params: ["i32"], results: ["i32"] };

/** Functions for a program's imports, by module and name; memories are added for each instance. */
export type Imports = Record<string, Record<string, WasmFunction>>;

/**
 * Resolves a program's function imports. One that nobody serves is resolved too, by a function that gives -ENOSYS:
 * `unknown` gets its name and gives the number by which the kernel knows it.
 */
export function resolveImports(
  imports: readonly ImportInfo[],
  hot: Readonly<Record<string, unknown>>,
  unknown: (name: string) => number,
): Imports {
  const resolved: Imports = { ring3: addedImports(hot) };
  const thunks: { thunk: Thunk; module: string; name: string }[] = [];
  for (const { module, name, params, results } of imports) {
    resolved[module] ??= {};
    const service = SERVICES.get(`${module}.${name}`);
    const wanted: LinkType = { params, results };
    if (service && sameType(wanted, service)) {
      resolved[module][name] = hot[service.target] as WasmFunction;
      continue;
    }
    const thunk: Thunk = service
      ? { name: `${module}.${name}`, wanted, target: service.target, canonical: service, unsigned: service.unsigned }
      : {
          name: `${module}.${name}`,
          wanted,
          target: "unknown_import",
          canonical: UNKNOWN,
          first: unknown(`${module}.${name}`),
        };
    thunks.push({ thunk, module, name });
  }
  if (thunks.length > 0) {
    const bytes = thunkModule(thunks.map(({ thunk }) => thunk));
    const kernel = hot as Record<string, WasmFunction>;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { kernel });
    for (const { thunk, module, name } of thunks) resolved[module][name] = exports[thunk.name] as WasmFunction;
  }
  return resolved;
}
