/** The machine's files, in the manner of node:fs/promises. */
import type { DirectoryEntry, FileStat, FileType } from "../../kernel/fs/api.ts";
import { Ring3Error } from "./errors.ts";

export type { DirectoryEntry, FileStat, FileType };

/** The calls as they cross to the machine's thread; all fail with errno names. */
export interface FsApi {
  readFile(path: string): Uint8Array;
  /** `flag`: "w" replaces, "a" appends, "x" only makes a new file. */
  writeFile(path: string, data: Uint8Array, mode: number, flag: "w" | "a" | "x"): void;
  readdir(path: string): DirectoryEntry[];
  stat(path: string): FileStat;
  lstat(path: string): FileStat;
  mkdir(path: string, mode: number, recursive: boolean): void;
  rm(path: string, recursive: boolean, force: boolean): void;
  rename(from: string, to: string): void;
  link(existing: string, path: string): void;
  symlink(target: string, path: string): void;
  readlink(path: string): string;
  realpath(path: string): string;
  chmod(path: string, mode: number): void;
  chown(path: string, uid: number, gid: number): void;
  truncate(path: string, size: number): void;
  utimes(path: string, atimeMs: number, mtimeMs: number): void;
}

type Call = <Op extends keyof FsApi>(op: Op, args: Parameters<FsApi[Op]>) => Promise<ReturnType<FsApi[Op]>>;

export interface WriteFileOptions {
  /** Permissions of a new file, default 0o644. */
  mode?: number;
  /** "w" (default) replaces, "a" appends, "x" fails with EEXIST where there is one. */
  flag?: "w" | "a" | "x";
}

/** machine.fs. Every path is absolute. Failures are Ring3Errors with an errno's name as code, and the path. */
export class MachineFiles {
  readonly #call: Call;

  /** @internal */
  constructor(call: Call) {
    this.#call = (op, args) => {
      if (typeof args[0] !== "string" || args[0].includes("\0")) {
        return Promise.reject(new Ring3Error("ERR_OPTION", `${op}: a path must be text without NUL characters`));
      }
      return call(op, args);
    };
  }

  /** A file's content: bytes, or text where an encoding ("utf8") is given. */
  readFile(path: string): Promise<Uint8Array>;
  readFile(path: string, encoding: "utf8" | "utf-8" | { encoding: "utf8" | "utf-8" }): Promise<string>;
  async readFile(path: string, encoding?: string | { encoding: string }): Promise<Uint8Array | string> {
    const bytes = await this.#call("readFile", [path]);
    return encoding === undefined ? bytes : new TextDecoder().decode(bytes);
  }

  /** Writes text (UTF-8) or bytes. */
  writeFile(path: string, data: string | Uint8Array, options: WriteFileOptions = {}): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
    return this.#call("writeFile", [path, bytes, options.mode ?? 0o644, options.flag ?? "w"]);
  }

  appendFile(path: string, data: string | Uint8Array): Promise<void> {
    return this.writeFile(path, data, { flag: "a" });
  }

  /** Names in a directory, without . and .., or with their types. */
  readdir(path: string): Promise<string[]>;
  readdir(path: string, options: { withFileTypes: true }): Promise<DirectoryEntry[]>;
  async readdir(path: string, options?: { withFileTypes: true }): Promise<string[] | DirectoryEntry[]> {
    const entries = await this.#call("readdir", [path]);
    return options?.withFileTypes ? entries : entries.map((entry) => entry.name);
  }

  /** Follows links. */
  stat(path: string): Promise<FileStat> {
    return this.#call("stat", [path]);
  }

  /** Of the link itself. */
  lstat(path: string): Promise<FileStat> {
    return this.#call("lstat", [path]);
  }

  async exists(path: string): Promise<boolean> {
    return this.stat(path).then(
      () => true,
      (error) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
        throw error;
      },
    );
  }

  mkdir(path: string, options: { mode?: number; recursive?: boolean } = {}): Promise<void> {
    return this.#call("mkdir", [path, options.mode ?? 0o755, options.recursive ?? false]);
  }

  /** Removes a file, or with `recursive` a directory and all below it; `force` ignores what is not there. */
  rm(path: string, options: { recursive?: boolean; force?: boolean } = {}): Promise<void> {
    return this.#call("rm", [path, options.recursive ?? false, options.force ?? false]);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call("rename", [from, to]);
  }

  link(existing: string, path: string): Promise<void> {
    return this.#call("link", [existing, path]);
  }

  symlink(target: string, path: string): Promise<void> {
    return this.#call("symlink", [target, path]);
  }

  readlink(path: string): Promise<string> {
    return this.#call("readlink", [path]);
  }

  realpath(path: string): Promise<string> {
    return this.#call("realpath", [path]);
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#call("chmod", [path, mode]);
  }

  chown(path: string, uid: number, gid: number): Promise<void> {
    return this.#call("chown", [path, uid, gid]);
  }

  /** Cuts or extends with zeros. */
  truncate(path: string, size = 0): Promise<void> {
    return this.#call("truncate", [path, size]);
  }

  /** Dates, or seconds since the epoch as Node takes them. */
  utimes(path: string, atime: Date | number, mtime: Date | number): Promise<void> {
    const ms = (time: Date | number) => (typeof time === "number" ? time * 1000 : time.getTime());
    return this.#call("utimes", [path, ms(atime), ms(mtime)]);
  }
}
