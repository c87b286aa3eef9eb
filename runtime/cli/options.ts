/** Options that every command which starts a machine takes, named as in docker run. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type BootOptions, type MountOption, parseSize } from "../api/options.ts";
import { CliError, EXIT_RING3 } from "./errors.ts";

/** As commander gathers them. */
export interface MachineFlags {
  volume?: MountOption[];
  env?: Record<string, string | undefined>;
  workdir?: string;
  user?: string;
  memory?: number;
  pidsLimit?: number;
  timeout?: number;
  deterministic?: number | true;
  root?: string;
  hostname?: string;
  network?: boolean;
}

/** "HOST:GUEST[:ro]". */
function volume(text: string, before: MountOption[] = []): MountOption[] {
  const [host, guest, mode, ...rest] = text.split(":");
  if (!host || !guest || rest.length > 0 || (mode !== undefined && mode !== "ro" && mode !== "rw")) {
    throw new InvalidArgumentError(`"${text}" is not HOST:GUEST[:ro]`);
  }
  if (!guest.startsWith("/"))
    throw new InvalidArgumentError(`the folder in the machine must be absolute, not "${guest}"`);
  return [...before, { host, guest, readOnly: mode === "ro" }];
}

/** "NAME=VALUE", or "NAME" for the value that the host has. */
function variable(text: string, before: Record<string, string | undefined> = {}): Record<string, string | undefined> {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  if (name === "") throw new InvalidArgumentError(`"${text}" is not NAME[=VALUE]`);
  return { ...before, [name]: at < 0 ? process.env[name] : text.slice(at + 1) };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, "": 1000, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of "500ms", "1s", "1.5m", "2h" or, in seconds, "10". */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text);
  const ms = match ? Number(match[1]) * UNITS[match[2]] : 0;
  if (ms <= 0 || ms > 0x7fffffff) throw new InvalidArgumentError(`"${text}" is no duration such as 500ms, 1s or 2m`);
  return ms;
}

function size(text: string): number {
  try {
    return parseSize(text, "size");
  } catch {
    throw new InvalidArgumentError(`"${text}" is no size such as 64m`);
  }
}

function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is no whole number`);
  return Number(text);
}

/** Adds them to a command. `envFlag`: strace needs -e for itself. */
export function machineOptions(command: Command, envFlag = "-e, --env"): Command {
  return command
    .addOption(new Option("-v, --volume <host:guest[:ro]>", "mount a host folder in the machine").argParser(volume))
    .addOption(new Option(`${envFlag} <name[=value]>`, "set a variable, or pass on the host's").argParser(variable))
    .option("-w, --workdir <folder>", "working directory in the machine")
    .option("-u, --user <uid[:gid]|name>", "run as this user (default root)")
    .addOption(new Option("--memory <size>", "most memory all processes may map, such as 64m").argParser(size))
    .addOption(new Option("--pids-limit <n>", "most processes and threads at once").argParser(number))
    .addOption(new Option("--timeout <duration>", "kill the program after 1s, 500ms, 2m...").argParser(duration))
    .addOption(
      new Option(
        "--deterministic [seed]",
        "clock, random numbers and time slices from a seed: --deterministic=7",
      ).argParser(number),
    )
    .option("--root <folder>", "use a host folder as the root file system")
    .option("--hostname <name>", "name of the machine")
    .option("--network", "let guests talk to the outside (components: HTTP)");
}

/** The part of them that boot() takes. */
export function bootOptions(flags: MachineFlags): BootOptions {
  return {
    root: flags.root,
    mounts: flags.volume,
    hostname: flags.hostname,
    memory: flags.memory,
    pids: flags.pidsLimit,
    deterministic: flags.deterministic,
    network: flags.network,
  };
}

export interface User {
  uid: number;
  gid: number;
  groups: number[];
  home: string;
}

/** Who "-u" means, by the machine's own /etc/passwd and /etc/group (man 5 passwd, group); as docker, an unlisted uid has gid 0. */
export function resolveUser(text: string, passwd: string, group: string): User {
  const rows = (file: string) => file.split("\n").map((line) => line.split(":"));
  const [name, groupName, ...rest] = text.split(":");
  const isId = (part: string) => /^\d+$/.test(part);
  const bad = (message: string): never => {
    throw new CliError(EXIT_RING3, message);
  };
  if (rest.length > 0 || name === "" || groupName === "") bad(`--user: "${text}" is not UID[:GID] or a name`);
  const entry = rows(passwd).find((row) => row[0] === name || (isId(name) && row[2] === name));
  if (!entry && !isId(name)) bad(`--user: the machine's /etc/passwd has no "${name}"`);
  const uid = Number(entry ? entry[2] : name);
  let gid = Number(entry?.[3] ?? 0);
  if (groupName !== undefined) {
    const row = rows(group).find((row) => row[0] === groupName || (isId(groupName) && row[2] === groupName));
    if (!row && !isId(groupName)) bad(`--user: the machine's /etc/group has no "${groupName}"`);
    gid = Number(row ? row[2] : groupName);
  }
  const member = (row: string[]) => entry !== undefined && (row[3] ?? "").split(",").includes(entry[0]);
  const groups =
    groupName === undefined
      ? rows(group)
          .filter(member)
          .map((row) => Number(row[2]))
      : [];
  return { uid, gid, groups, home: entry?.[5] || "/" };
}
