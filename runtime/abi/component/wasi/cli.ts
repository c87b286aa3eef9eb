/** wasi:cli 0.2: arguments, environment, standard streams and the end. */
import { TCGETS } from "../../../../kernel/abi/ioctl.ts";
import { BUFFER, BUFFER_BYTES, STRUCTS } from "../calls.ts";
import { InputStream, OutputStream } from "./io.ts";
import type { World } from "./world.ts";

export class TerminalInput {}
export class TerminalOutput {}

type Interfaces = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Variables of the environment as pairs; what has no `=` is none. */
function variables(environ: readonly string[]): [string, string][] {
  return environ.flatMap((variable): [string, string][] => {
    const at = variable.indexOf("=", 1);
    return at < 0 ? [] : [[variable.slice(0, at), variable.slice(at + 1)]];
  });
}

/** What the command's arguments, environment and working directory are, for both versions. */
export const environment = ({ calls }: World) => ({
  getEnvironment: () => variables(calls.task.process.environ),
  getArguments: () => [...calls.task.process.argv],
  initialCwd: () => {
    const length = calls.now("getcwd", BUFFER, BUFFER_BYTES);
    return length > 0 ? new TextDecoder().decode(calls.copy(BUFFER, length - 1)) : undefined;
  },
});

const isTerminal = ({ calls }: World, fd: number) => calls.now("ioctl", fd, TCGETS, STRUCTS) === 0;

/** Ends the process. Does not return. */
export const exit = ({ calls }: World) => ({
  exit: async ({ tag }: { tag: "ok" | "err" }) => void (await calls.wait("exit_group", tag === "ok" ? 0 : 1)),
  exitWithCode: async (code: number) => void (await calls.wait("exit_group", code)),
});

export const terminals = (world: World): Interfaces => ({
  "terminal-input": { TerminalInput },
  "terminal-output": { TerminalOutput },
  "terminal-stdin": { getTerminalStdin: () => (isTerminal(world, 0) ? new TerminalInput() : undefined) },
  "terminal-stdout": { getTerminalStdout: () => (isTerminal(world, 1) ? new TerminalOutput() : undefined) },
  "terminal-stderr": { getTerminalStderr: () => (isTerminal(world, 2) ? new TerminalOutput() : undefined) },
});

export const cli = (world: World): Interfaces => ({
  environment: environment(world),
  exit: exit(world),
  stdin: { getStdin: () => new InputStream(world.calls, world.stdio[0]) },
  stdout: { getStdout: () => new OutputStream(world.calls, world.stdio[1]) },
  stderr: { getStderr: () => new OutputStream(world.calls, world.stdio[2]) },
  ...terminals(world),
});
