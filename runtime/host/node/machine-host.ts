/** Node as the host of a machine's own thread. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { EIO } from "../../../kernel/abi/errno.ts";
import { SysError } from "../../../kernel/errors.ts";
import type { HostDirectory } from "../../../kernel/fs/hostfs.ts";
import type { ImageEntry } from "../../../kernel/fs/imagefs.ts";
import { Ring3Error } from "../../api/errors.ts";
import type { MachineHost } from "../host.ts";
import { MADE, PREPARED } from "./built.ts";
import { fileCache } from "./cache.ts";
import { openHostDirectory } from "./hostfs.ts";
import { hostRandom } from "./random.ts";
import { sizeStacks } from "./stacks.ts";
import { startTicker } from "./ticker.ts";

/** A line of the root image's index as the build writes it: `file` is where a file's content is. */
interface IndexLine extends Omit<ImageEntry, "load"> {
  readonly file?: string;
}

/** What the build has made. Read at once: a machine that boots has nothing else to do. */
function built(what: string, file: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Ring3Error("ERR_NOT_BUILT", `${what} is missing: run "npm run build"`, { cause: error });
  }
}

function loadFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new SysError(EIO);
  }
}

/** Where a folder cannot be mounted, the reason by the errno that the host gives. */
const MOUNT_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "is no folder",
  EACCES: "permission denied",
};

function openFolder(path: string): HostDirectory {
  const fail = (reason: string, cause?: unknown): never => {
    throw new Ring3Error("ERR_MOUNT", `host folder ${path}: ${reason}`, { path, cause });
  };
  try {
    if (!statSync(path).isDirectory()) fail(MOUNT_ERRORS.ENOTDIR);
    return openHostDirectory(path);
  } catch (error) {
    if (error instanceof Ring3Error) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    return fail(MOUNT_ERRORS[code] ?? message, error);
  }
}

export const nodeMachineHost: MachineHost = {
  hotHalf: async () => new WebAssembly.Module(built("the kernel's hot half", MADE.hot)),
  wasiAdapter: async () => new WebAssembly.Module(built("the adapter for WASI programs", MADE.wasi)),
  rootImage: async () => {
    const lines: IndexLine[] = JSON.parse(new TextDecoder().decode(built("the root image", MADE.rootIndex)));
    return lines.map(({ file, ...entry }) => (file === undefined ? entry : { ...entry, load: () => loadFile(file) }));
  },
  rootFolders: () => (existsSync(MADE.cxx) ? [{ host: MADE.cxx, guest: "/usr/lib/c++" }] : []),
  openFolder,
  startTicker,
  random: hostRandom,
  sizeStacks,
  fetch: (url, init) => fetch(url, init),
  defer: (body) => void setImmediate(body),
  cache: fileCache(),
  prepared: fileCache(PREPARED),
};
