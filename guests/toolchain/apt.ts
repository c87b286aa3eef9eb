/**
 * Debian's packages and source packages, fetched without root and without touching the system.
 *
 * apt runs by the machine's own configuration (sources, keys, proxies), but keeps its lists and caches in a folder of
 * ours: `apt-get -o Dir::State=... -o Dir::Cache=...` (apt.conf(5)). Its source list is a copy of the machine's with
 * source packages turned on. apt checks signatures and hashes when it fetches; the SHA-256 of each file is written
 * down beside the cache, and checked again whenever a cached file is used.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { built } from "../paths.ts";
import { BuildError, type RunResult, run, which } from "../run.ts";

/** The file in each cache folder that lists the SHA-256 of the others, in sha256sum(1)'s format. */
const SUMS = "SHA256SUMS";

/** One line that says what was done, for the person at the terminal. */
export type Log = (line: string) => void;

/** Whether this machine's packages can be reached this way. */
export function hasApt(): boolean {
  return which("apt-get") !== undefined && which("dpkg") !== undefined && existsSync("/etc/apt");
}

export class Apt {
  readonly folder = built("apt");
  readonly log: Log;
  /** The package lists are read once a run, whichever step asks first. */
  static #updated = false;
  /** apt locks its folders: one call at a time. */
  static #queue: Promise<unknown> = Promise.resolve();

  constructor(log: Log) {
    this.log = log;
  }

  /**
   * Fetches binary packages.
   * @returns the paths of the .deb files, in the order of `names`.
   */
  packages(names: string[]): Promise<string[]> {
    return this.#inTurn(() => this.#packages(names));
  }

  async #packages(names: string[]): Promise<string[]> {
    const cache = join(this.folder, "debs");
    mkdirSync(cache, { recursive: true });
    const find = (name: string) => verified(cache, (file) => file.startsWith(`${name}_`) && file.endsWith(".deb"))[0];
    const missing = names.filter((name) => !find(name));
    if (missing.length > 0) {
      await this.#update();
      this.log(`fetching ${missing.join(", ")}`);
      await this.#fetch(cache, ["download", ...missing]);
    }
    return names.map((name) => find(name) ?? fail(`apt-get download brought no package ${name}`));
  }

  /**
   * Fetches a source package as Debian distributes it: the .dsc file and the archives that it names.
   * @returns the paths of the archives, each checked against the .dsc's SHA-256.
   */
  source(name: string): Promise<string[]> {
    return this.#inTurn(() => this.#source(name));
  }

  async #source(name: string): Promise<string[]> {
    const cache = join(this.folder, "sources", name);
    mkdirSync(cache, { recursive: true });
    const find = () => verified(cache, (file) => file.endsWith(".dsc"))[0];
    if (!find()) {
      await this.#update();
      this.log(`fetching the source of ${name}`);
      await this.#fetch(cache, ["source", "--download-only", name]);
    }
    const dsc = find() ?? fail(`apt-get source brought no .dsc file for ${name}`);
    return [...checksums(readFileSync(dsc, "utf8"))].map(([file, sum]) => {
      const path = join(cache, file);
      if (!existsSync(path) || sha256(path) !== sum) {
        rmSync(cache, { recursive: true, force: true });
        fail(`${file} is not what ${basename(dsc)} says; the copy was removed: try again`);
      }
      return path;
    });
  }

  /** Whether the machine's package sources have a package of this name. */
  has(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#update();
      const { stdout } = await this.#run("apt-cache", ["policy", name]);
      return /^ *Candidate: (?!\(none\))/m.test(stdout);
    });
  }

  /** The packages that installing `names` would bring in on this machine, by apt's own resolver. Nothing is installed. */
  closure(names: string[]): Promise<string[]> {
    return this.#inTurn(async () => {
      await this.#update();
      const args = ["--simulate", "--no-install-recommends", "install", ...names];
      const { stdout } = await this.#run("apt-get", args);
      return [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
    });
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const result = Apt.#queue.then(job);
    Apt.#queue = result.catch(() => {});
    return result;
  }

  /** Reads the package lists into our own folder, once a run. */
  async #update(): Promise<void> {
    if (Apt.#updated) return;
    const state = join(this.folder, "state");
    mkdirSync(join(state, "lists", "partial"), { recursive: true });
    mkdirSync(join(this.folder, "cache", "archives", "partial"), { recursive: true });
    this.#writeSources();
    this.log("reading the package lists");
    await this.#run("apt-get", ["update"]);
    Apt.#updated = true;
  }

  /** Runs apt-get in an empty folder, then moves what it brought into `cache` and writes its SHA-256 down. */
  async #fetch(cache: string, args: string[]): Promise<void> {
    const incoming = join(this.folder, "incoming");
    rmSync(incoming, { recursive: true, force: true });
    mkdirSync(incoming, { recursive: true });
    await this.#run("apt-get", ["--quiet", ...args], incoming);
    const files = readdirSync(incoming);
    const sums = readSums(cache);
    for (const file of files) {
      sums.set(file, sha256(join(incoming, file)));
      renameSync(join(incoming, file), join(cache, file));
    }
    writeFileSync(join(cache, SUMS), [...sums].map(([file, sum]) => `${sum}  ${file}\n`).join(""));
    rmSync(incoming, { recursive: true });
  }

  /** Runs one of apt's programs with our folders. Its output is read by program: no translations. */
  #run(program: string, args: string[], cwd?: string): Promise<RunResult> {
    return run(program, [...this.#options(), ...args], { cwd, env: { LC_ALL: "C" } });
  }

  #options(): string[] {
    const set: Record<string, string> = {
      "Dir::State": join(this.folder, "state"),
      "Dir::State::status": "/var/lib/dpkg/status", // Dir::State moves it too, and the resolver needs the machine's
      "Dir::Cache": join(this.folder, "cache"),
      "Dir::Etc::SourceList": "/dev/null",
      "Dir::Etc::SourceParts": join(this.folder, "sources.list.d"),
      "APT::Sandbox::User": "root", // for root: the user _apt may have no way into our folder
      "Acquire::Languages": "none",
      "Acquire::Retries": "3",
    };
    return [
      "-c",
      join(this.folder, "apt.conf"),
      ...Object.entries(set).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
    ];
  }

  /** Copies the machine's source list, with source packages turned on. Both formats: sources.list(5). */
  #writeSources(): void {
    // An image made for containers hooks apt's runs to clean the machine's caches: not ours to do.
    const hooks = ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success"];
    writeFileSync(join(this.folder, "apt.conf"), hooks.map((hook) => `#clear ${hook};\n`).join(""));

    const parts = join(this.folder, "sources.list.d");
    rmSync(parts, { recursive: true, force: true });
    mkdirSync(parts, { recursive: true });
    const machine = "/etc/apt/sources.list.d";
    const files = [
      "/etc/apt/sources.list",
      ...(existsSync(machine) ? readdirSync(machine).map((f) => join(machine, f)) : []),
    ];
    for (const file of files.filter((name) => existsSync(name))) {
      if (file.endsWith(".list"))
        writeFileSync(join(parts, basename(file)), withSourcesLines(readFileSync(file, "utf8")));
      if (file.endsWith(".sources"))
        writeFileSync(join(parts, basename(file)), withSourcesStanzas(readFileSync(file, "utf8")));
    }
  }
}

/** One-line format: each `deb` line gets a `deb-src` line beside it. */
export function withSourcesLines(text: string): string {
  const kept = text.split("\n").filter((line) => /^\s*deb\s/.test(line));
  return kept.map((line) => `${line}\n${line.replace(/^\s*deb\s/, "deb-src ")}\n`).join("");
}

/** deb822 format: `Types: deb` becomes `Types: deb deb-src` in each stanza. */
export function withSourcesStanzas(text: string): string {
  return text.replace(/^Types:.*$/gim, "Types: deb deb-src");
}

/** The files of a cache folder that `wanted` selects and whose SHA-256 is the recorded one; a changed one is removed. */
function verified(cache: string, wanted: (file: string) => boolean): string[] {
  const sums = readSums(cache);
  return [...sums.keys()]
    .filter((file) => wanted(file) && existsSync(join(cache, file)))
    .filter((file) => {
      if (sha256(join(cache, file)) === sums.get(file)) return true;
      rmSync(join(cache, file));
      return false;
    })
    .map((file) => join(cache, file));
}

function readSums(cache: string): Map<string, string> {
  const path = join(cache, SUMS);
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

/** The entries of a .dsc file's `Checksums-Sha256` field: deb-src-control(5). */
function checksums(dsc: string): Map<string, string> {
  const field =
    /^Checksums-Sha256:[^\n]*\n((?: [^\n]*\n)+)/m.exec(dsc) ?? fail("a .dsc file without SHA-256 checksums");
  const lines = field[1].trim().split("\n");
  return new Map(lines.map((line) => line.trim().split(/\s+/)).map(([sum, , file]) => [file, sum]));
}

/** The SHA-256 of a file, in hexadecimal. */
export function sha256(path: string): string {
  if (!statSync(path).isFile()) fail(`${path} is not a file`);
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function fail(message: string): never {
  throw new BuildError(message);
}
