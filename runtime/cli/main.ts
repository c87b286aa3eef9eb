/** The command line of ring3: commands, options, and the exit code. */
import type { Worker } from "node:worker_threads";
import { Command, CommanderError } from "commander";
import project from "../../package.json" with { type: "json" };
import { useThread } from "../host/node/connect.ts";
import { CliError, EXIT_RING3, report } from "./errors.ts";
import { type MachineFlags, machineOptions } from "./options.ts";

/** What a command gives: the exit code. */
type Action = (...args: never[]) => Promise<number>;

let exitCode = 0;
/** Runs a command's action, imported when it is wanted: start-up time counts. */
const action =
  <A extends Action>(load: () => Promise<A>) =>
  async (...args: Parameters<A>): Promise<void> => {
    exitCode = await (await load())(...args);
  };

function program(): Command {
  const ring3 = new Command("ring3")
    .description("A Linux-compatible kernel for WebAssembly programs")
    .version(project.version, "--version")
    .enablePositionalOptions()
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  ring3.addHelpText(
    "after",
    `
Examples:
  $ ring3 sh                                  a shell in a new machine
  $ ring3 sh -c 'seq 1 9 | sort -rn | head -3'
  $ ring3 run lua -e 'print(1 + 1)'           a command of the machine
  $ ring3 run ./prog.wasm --an-option         a program of the host
  $ ring3 run -v .:/work -w /work sqlite3 my.db
  $ ring3 run --memory 64m --timeout 5s ./untrusted.wasm
  $ ring3 strace -f sh -c 'ls | wc'
  $ ring3 inspect ./prog.wasm
  $ ring3 bench getpid pipe-4k

Exit code: the program's; 128+n when signal n killed it; 127 no such program, 126 not executable, 125 an error of ring3.`,
  );

  machineOptions(ring3.command("run"))
    .description("run a program: a file of the host, or a command of the machine")
    .usage("[options] PROGRAM [ARGS...]")
    .argument("<program>", "a path with a slash or an existing file, or a command")
    .argument("[args...]", "the program's own arguments")
    .passThroughOptions()
    .addHelpText("after", "\nOptions end at PROGRAM: what follows is the program's.")
    .action(
      action(async () => {
        const { run } = await import("./run.ts");
        return (program: string, args: string[], flags: MachineFlags) => run({ flags, program, args });
      }),
    );

  machineOptions(ring3.command("sh"))
    .description("a shell in a new machine")
    .usage("[options] [-c COMMAND] [ARGS...]")
    .option("-c <command>", "run this command line")
    .argument("[args...]", "a script of the machine and its arguments, or with -c $0 and on")
    .passThroughOptions()
    .action(
      action(async () => {
        const { run } = await import("./run.ts");
        return (args: string[], flags: MachineFlags & { c?: string }) =>
          run({ flags, program: "sh", args: flags.c === undefined ? args : ["-c", flags.c, ...args], inMachine: true });
      }),
    );

  machineOptions(ring3.command("strace"), "-E, --env")
    .description("run a program and show its system calls, in strace's format, on standard error")
    .usage("[options] PROGRAM [ARGS...]")
    .argument("<program>", "as for run")
    .argument("[args...]", "the program's own arguments")
    .option("-f", "follow children and threads")
    .option("-c", "count time, calls and errors instead; one table at the end")
    .option("-e <trace=calls>", "show only these calls: -e trace=open,read")
    .option("-o <file>", "write the trace to a file")
    .option("-t", "time of day, to the microsecond, before each line (also -tt)")
    .option("-T", "show the time spent in each call")
    .passThroughOptions()
    .action(action(async () => (await import("./strace.ts")).strace));

  ring3
    .command("inspect")
    .description("say what a program asks of the kernel, and what the loader makes of it")
    .argument("<file>", "a file of the host")
    .option("--json", "as JSON")
    .option("--types <folder>", "write a component's TypeScript declarations there")
    .action(action(async () => (await import("./inspect.ts")).inspect));

  ring3
    .command("syscalls")
    .description("list the system calls and how far each is supported")
    .option("--json", "as JSON")
    .option("--markdown", "as a Markdown table")
    .action(action(async () => (await import("./syscalls.ts")).listSyscalls));

  ring3
    .command("bench")
    .description("measure ring3 against native Linux: rows that are C programs, compiled for both")
    .argument("[rows...]", "ids of rows, or of groups of them; default all")
    .option("--list", "say which rows there are")
    .option("--json [file]", "write the figures to a file, or to standard output")
    .option("--html <file>", "write a page with charts and tables")
    .option("--svg <file>", "write the charts as one picture")
    .option("--against <file>", "compare with figures that --json wrote")
    .action(action(async () => (await import("./bench.ts")).bench));

  machineOptions(ring3.command("start"))
    .description("a login shell; without a terminal, a tour of the machine")
    .action(action(async () => (await import("./start.ts")).start));

  return ring3;
}

/**
 * `--deterministic` takes a seed only after "=": commander would take PROGRAM for it. Gives the arguments with `=0` added where it stands
 * alone before PROGRAM.
 */
function withSeed(ring3: Command, args: readonly string[]): string[] {
  const command = ring3.commands.find((command) => command.name() === args[0]);
  const out = [...args];
  for (let i = 1; command && i < out.length && out[i].startsWith("-") && out[i] !== "--"; i++) {
    if (out[i] === "--deterministic") out[i] = "--deterministic=0";
    const option = command.options.find((option) => option.short === out[i] || option.long === out[i]);
    if (option?.required) i++;
  }
  return out;
}

/** Runs the command that the arguments name; gives the exit code. `thread` has begun to load, for a machine. */
export async function main(thread: Worker | null): Promise<number> {
  process.on("uncaughtException", (error) => process.exit(report(error)));
  if (thread) useThread(thread);
  const ring3 = program();
  const args = process.argv.slice(2);
  if (args.length === 0) {
    ring3.outputHelp();
    return 0;
  }
  try {
    await ring3.parseAsync(withSeed(ring3, args), { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error);
    // --help and --version end here too.
    if (error.exitCode === 0) return 0;
    return report(new CliError(EXIT_RING3, `${error.message.replace(/^error: /, "")} (see: ring3 --help)`));
  }
}
