/** The CLI in a terminal: a pty that script(1) makes, fed through its standard input. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { clean, watchChild } from "../cleanup.ts";
import { PROJECT } from "./cli.ts";

afterAll(clean);

const CLI = `'${process.execPath}' '${join(PROJECT, "runtime/cli/ring3.js")}'`;
class Terminal {
  readonly #child: ChildProcess;
  screen = "";
  readonly ended: Promise<number | null>;

  /** Runs a shell command on a pty of its own. */
  constructor(command: string) {
    this.#child = watchChild(
      spawn("script", ["-qec", command, "/dev/null"], {
        stdio: "pipe",
        env: { ...process.env, TERM: "xterm" },
      }),
    );
    this.#child.stdout!.on("data", (bytes) => {
      this.screen += bytes;
    });
    this.ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Waits until the screen shows a text after what was waited for before. */
  async shows(text: string): Promise<void> {
    for (let i = 0; i < 1500 && !this.screen.includes(text); i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const at = this.screen.indexOf(text);
    expect(at, `"${text}" on the screen, which shows:\n${this.screen}`).toBeGreaterThanOrEqual(0);
    this.screen = this.screen.slice(at + text.length);
  }
}

const hasScript = spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" }).status === 0;

describe.skipIf(!hasScript)("in a terminal", () => {
  test("ring3 start is a shell with line editing and job control; its exit code is ours", async () => {
    const terminal = new Terminal(`stty rows 30 cols 100; ${CLI} start; echo "code $?"; stty -a`);
    await terminal.shows("# ");
    terminal.type("stty size; tty\r");
    await terminal.shows("\n30 100\r\n/dev/hvc0\r\n");
    terminal.type("ecxx\x7f\x7fho edited\r");
    await terminal.shows("\nedited\r\n");
    terminal.type("sleep 100\r");
    await terminal.shows("sleep 100\r\n");
    await new Promise((resolve) => setTimeout(resolve, 500));
    terminal.type("\x1a");
    await terminal.shows("Stopped");
    terminal.type("fg\r");
    await terminal.shows("sleep 100\r\n");
    await new Promise((resolve) => setTimeout(resolve, 500));
    terminal.type("\x03");
    terminal.type("echo code $?\r");
    await terminal.shows("\ncode 130\r\n");
    terminal.type("exit 5\r");
    await terminal.shows("code 5\r\n");
    // The terminal is as it was.
    await terminal.shows(" icanon");
    await terminal.shows(" echo ");
  });

  test("ctrl-C ends a program that does not catch it, ctrl-\\ too, and ctrl-D is the end of input", async () => {
    const run = (command: string) => `${CLI} run sh -c 'echo ready; exec ${command}'; echo "code $?"; `;
    const terminal = new Terminal(run("sleep 100") + run("cat") + run("cat"));
    await terminal.shows("ready\r\n");
    terminal.type("\x03");
    await terminal.shows("code 130\r\n");
    await terminal.shows("ready\r\n");
    terminal.type("\x1c");
    await terminal.shows("code 131\r\n");
    await terminal.shows("ready\r\n");
    terminal.type("typed\r");
    await terminal.shows("typed\r\ntyped\r\n");
    terminal.type("\x04");
    await terminal.shows("code 0\r\n");
  });

  test("what is piped on is no terminal, what is typed still arrives", async () => {
    const terminal = new Terminal(
      `${CLI} sh -c 'test -t 0 && test ! -t 1 && echo ready && read x && echo got $x' | tr a-z A-Z`,
    );
    await terminal.shows("READY\r\n");
    terminal.type("typed\r");
    await terminal.shows("GOT TYPED\r\n");
  });

  test("killed by SIGTERM, it leaves the terminal as it was", async () => {
    const terminal = new Terminal(
      `${CLI} sh -c 'stty -a | grep icanon; sleep 100' & sleep 5; kill $!; wait $!; echo "code $?"; stty -a`,
    );
    await terminal.shows("code 143\r\n");
    await terminal.shows(" icanon");
    await terminal.shows(" echo ");
  });
});
