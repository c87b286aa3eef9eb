/** What PROGRAM means in `ring3 run PROGRAM`: a file on the host, or a command in the machine. */
import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Machine } from "../api/machine.ts";
import type { MountOption } from "../api/options.ts";
import { CliError, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND } from "./errors.ts";

/** A program read from the host. */
export interface HostProgram {
  name: string;
  bytes: Uint8Array;
}

/** Folder of the machine in which host programs are placed. */
const PLACE = "/run/host";

/** What starts some files that cannot be executed, for the error's sake. */
const KNOWN_FORMATS: readonly (readonly [start: string, what: string])[] = [
  ["\x7fELF", "a native program of the host (ELF), not WebAssembly"],
  ["MZ", "a Windows program, not WebAssembly"],
  ["\xcf\xfa\xed\xfe", "a macOS program, not WebAssembly"],
];

/**
 * Reads PROGRAM from the host where it names a file there: by a path with a slash, unless that lies in a mounted folder, or an existing
 * file's bare name. Gives null where PROGRAM is for the machine to find. Throws CliError 126 or 127.
 */
export function readProgram(program: string, mounts: readonly MountOption[]): HostProgram | null {
  const isPath = program.includes("/");
  const inMount = (mount: MountOption) =>
    program.startsWith(mount.guest.endsWith("/") ? mount.guest : `${mount.guest}/`);
  if (isPath && mounts.some(inMount)) return null;
  const stat = statSync(program, { throwIfNoEntry: false });
  if (!stat || (!isPath && !stat.isFile())) {
    // A path that the host has not may still be one in the root image; the machine says so if not.
    return null;
  }
  const refuse = (why: string): never => {
    throw new CliError(EXIT_NOT_EXECUTABLE, `${program}: ${why}`);
  };
  if (stat.isDirectory()) refuse("is a directory");
  if (!stat.isFile()) refuse("is no regular file");
  // Root could read it all the same, but its owner let nobody.
  if ((stat.mode & 0o444) === 0) refuse("permission denied");
  const bytes = readHostFile(program);
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  const known = KNOWN_FORMATS.find(([magic]) => start.startsWith(magic));
  if (known) refuse(`is ${known[1]}; for the machine's own command say: ring3 run ${basename(program)}`);
  return { name: basename(resolve(program)), bytes };
}

function readHostFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EACCES" ? "permission denied" : `cannot be read (${code})`;
    throw new CliError(code === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, `${path}: ${why}`);
  }
}

/** Puts a host program into the machine as an executable file; gives its path there. */
export async function placeProgram(machine: Machine, program: HostProgram): Promise<string> {
  const path = `${PLACE}/${program.name}`;
  // Both are on their way before the first is answered.
  await Promise.all([
    machine.fs.mkdir(PLACE, { recursive: true }),
    machine.fs.writeFile(path, program.bytes, { mode: 0o755 }),
  ]);
  return path;
}
