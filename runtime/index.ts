/**
 * ring3 as a library, in Node.
 *
 * ```js
 * import { boot } from "ring3";
 * await using machine = await boot();
 * const { stdout } = await (await machine.spawn(["uname", "-a"])).result();
 * ```
 */
import { Machine } from "./api/machine.ts";
import type { BootOptions } from "./api/options.ts";
import { nodeHost } from "./host/node/connect.ts";

export { type Callable, type Component, ComponentError, type ComponentOptions } from "./api/component.ts";
export { Ring3Error } from "./api/errors.ts";
export type { DirectoryEntry, FileStat, FileType, MachineFiles, WriteFileOptions } from "./api/fs.ts";
export type { Machine, ProcessInfo } from "./api/machine.ts";
export type { BootOptions, InputOption, MountOption, OutputOption, SpawnOptions, TraceOptions } from "./api/options.ts";
export type { ExitStatus, Process, ProcessResult, Terminal } from "./api/process.ts";
export type { GuestInput, GuestOutput } from "./api/streams.ts";

/**
 * Boots a machine. Rejects with a Ring3Error: ERR_OPTION, ERR_MOUNT (a host folder that is none), ERR_NOT_BUILT.
 * End it with `await using`, or machine.shutdown().
 */
export function boot(options: BootOptions = {}): Promise<Machine> {
  return Machine.boot(nodeHost, options);
}
