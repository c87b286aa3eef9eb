/** Runs one program in a machine of its own, connected to the CLI's standard streams, terminal and signals. */
import { constants } from "node:os";
import type { Machine } from "../api/machine.ts";
import { checkBoot, type SpawnOptions, type TraceOptions } from "../api/options.ts";
import type { ExitStatus, Process } from "../api/process.ts";
import type { GuestOutput } from "../api/streams.ts";
import { hostWriter, readStdin, writeAll } from "../host/node/stdio.ts";
import { boot } from "../index.ts";
import { ensureBuilt } from "./built.ts";
import { CliError, EXIT_RING3, EXIT_SIGNAL, spawnExitCode } from "./errors.ts";
import { bootOptions, type MachineFlags, resolveUser, type User } from "./options.ts";
import { placeProgram, readProgram } from "./program.ts";
import { HostTerminal, type Terminals, terminals } from "./terminal.ts";

export interface Job {
  flags: MachineFlags;
  /** The program: a file on the host, or a command in the machine. */
  program: string;
  args: string[];
  /** argv[0], where it is not the program's name: "-sh" for a login shell. */
  argv0?: string;
  /** Never look for the program on the host. */
  inMachine?: boolean;
  trace?: TraceOptions;
}

/** Signals that are passed to the guest when there is no terminal. Those of the keyboard reach a whole process group, as there. */
const PASSED_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;
const KEYBOARD_SIGNALS: readonly string[] = ["SIGINT", "SIGQUIT"];
/** Lines of the kernel log that are kept to tell why a guest died. */
const LOG_LINES = 100;
/** Of a guest that was ended from outside: how long the reader of its output may take for the rest. */
const GRACE = 500;

/** Runs it; gives the exit code for the host. */
export async function run(job: Job): Promise<number> {
  const { flags } = job;
  // What is wrong on the face of it is said before anything is built or booted.
  checkBoot(bootOptions(flags));
  const program = job.inMachine ? null : readProgram(job.program, flags.volume ?? []);
  await ensureBuilt(flags.root === undefined);
  const log: string[] = [];
  await using machine = await boot({
    ...bootOptions(flags),
    log: (line) => {
      if (log.push(line) > LOG_LINES) log.shift();
      if (process.env.RING3_DEBUG === "1") writeAll(2, `${line}\n`);
    },
  });
  const user = await findUser(machine, flags);
  const cwd = flags.workdir ?? "/";
  if (!cwd.startsWith("/")) throw new CliError(EXIT_RING3, `--workdir: "${cwd}" is not an absolute path`);
  if (flags.workdir) await machine.fs.mkdir(cwd, { recursive: true });
  const path = program ? await placeProgram(machine, program) : undefined;

  const tty = terminals();
  const terminal = tty.stdin ? new HostTerminal(tty) : null;
  let guest: Process;
  try {
    guest = await machine.spawn([job.argv0 ?? job.program, ...job.args], {
      path: path ?? (job.argv0 ? job.program : undefined),
      cwd,
      env: environment(flags, user, terminal !== null),
      uid: user.uid,
      gid: user.gid,
      groups: user.groups,
      timeout: flags.timeout,
      trace: job.trace,
      ...(terminal ? { tty: terminal.size(), ...besidesTerminal(tty) } : { stdin: readStdin() }),
    });
  } catch (error) {
    // A host program has another name in the machine than the one that was typed.
    const text = path ? message(error).replace(path, job.program) : message(error);
    throw new CliError(spawnExitCode(error), text, error);
  }
  const status = await attend(machine, guest, terminal, tty);
  if (guest.timedOut) complain(job, `killed after --timeout ${flags.timeout! / 1000}s`);
  else if (status.signal) explainDeath(job, guest, status.signal, log);
  return exitCode(status);
}

/** Waits for the guest while its streams and signals are passed on. */
async function attend(
  machine: Machine,
  guest: Process,
  terminal: HostTerminal | null,
  tty: Terminals,
): Promise<ExitStatus> {
  let endedFromOutside = false;
  for (const signal of PASSED_SIGNALS) {
    if (terminal && KEYBOARD_SIGNALS.includes(signal)) continue;
    process.on(signal, () => {
      endedFromOutside = true;
      void guest.kill(signal, { group: KEYBOARD_SIGNALS.includes(signal) });
    });
  }
  const hangUp = terminal ? new Promise<ExitStatus>((resolve) => endWithTerminal(guest, resolve)) : null;
  try {
    const shown: Promise<void>[] = [];
    if (terminal) shown.push(terminal.connect(guest));
    if (!terminal || !tty.stdout) shown.push(passOn(guest.stdout, 1));
    if (!terminal || !tty.stderr) shown.push(passOn(guest.stderr, 2));
    const status = await (hangUp ? Promise.race([guest.wait(), hangUp]) : guest.wait());
    await machine.shutdown();
    const all = Promise.all(shown);
    await (endedFromOutside || guest.timedOut ? Promise.race([all, sleep(GRACE)]) : all);
    return status;
  } finally {
    terminal?.restore();
  }
}

function complain(job: Job, text: string): void {
  writeAll(2, `ring3: ${job.program}: ${text}\n`);
}

/** Says why a guest was killed, where the kernel log has it: a trap, with the function that it was in. */
function explainDeath(job: Job, guest: Process, signal: string, log: readonly string[]): void {
  const line = log.findLast((line) => line.includes(`[${guest.pid}]: `) && /: signal \d+$/.test(line));
  const why = line && /\[\d+\]: (.*): signal \d+$/.exec(line)?.[1];
  if (why) complain(job, `killed by ${signal}: ${why}`);
}

/** When the host's terminal closes, or the CLI is told to end, the guest's terminal hangs up, and the CLI goes. */
function endWithTerminal(guest: Process, end: (status: ExitStatus) => void): void {
  for (const signal of ["SIGHUP", "SIGTERM"] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      guest.hangup();
      end({ code: null, signal });
    });
  }
}

/** Where the streams go that are no terminal on the host, in a process that has one. */
function besidesTerminal(tty: Terminals): SpawnOptions {
  return { ...(tty.stdout ? {} : { stdout: "pipe" }), ...(tty.stderr ? {} : { stderr: "pipe" }) };
}

/** Passes an output on to the host. A reader that has gone is the guest's EPIPE, not ours. */
async function passOn(output: GuestOutput, fd: 1 | 2): Promise<void> {
  const write = hostWriter(fd);
  for await (const chunk of output) {
    try {
      await write(chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
      throw new CliError(
        EXIT_RING3,
        `cannot write to ${fd === 1 ? "standard output" : "standard error"}: ${message(error)}`,
      );
    }
  }
}

async function findUser(machine: Machine, flags: MachineFlags): Promise<User> {
  if (flags.user === undefined) return { uid: 0, gid: 0, groups: [], home: "/root" };
  const read = (file: string) => machine.fs.readFile(file, "utf8").catch(() => "");
  return resolveUser(flags.user, await read("/etc/passwd"), await read("/etc/group"));
}

function environment(flags: MachineFlags, user: User, terminal: boolean): Record<string, string | undefined> {
  return {
    HOME: user.home,
    ...(terminal ? { TERM: process.env.TERM ?? "xterm" } : {}),
    ...flags.env,
  };
}

function exitCode(status: ExitStatus): number {
  if (status.signal === null) return status.code!;
  return EXIT_SIGNAL + (constants.signals[status.signal as NodeJS.Signals] ?? 0);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
