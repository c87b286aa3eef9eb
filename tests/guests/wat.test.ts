/** The programs in guests/wat do what their first lines say; `cat` does what the host's does. */
import { expect, test } from "vitest";
import { runNative } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";

const ring3 = new Ring3({ mounts: [] });
const SECONDS = 20;

/** Runs a command of the machine's shell in a fresh folder; the programs are on the PATH. */
async function run(script: string, stdin?: string) {
  const env = { PATH: "/usr/local/bin:/bin:/usr/bin" };
  const { end, stdout, stderr, trouble } = await ring3.run(["/bin/sh", "-c", script], { seconds: SECONDS, env, stdin });
  return { status: end.kind === "exit" ? end.code : end, stdout, stderr, trouble };
}

test.for([
  ["exit-wat", 7, ""],
  ["hello-wat", 0, "hello from WebAssembly text\n"],
  ["hello-wat >&-", 1, ""],
  ["env -i A=1 B= arguments-wat x 'y  z' ''", 0, "arguments-wat\nx\ny  z\n\nA=1\nB=\n"],
  ["fork-wat", 43, ""],
  ["pipe-wat", 0, "through a pipe\n"],
  ["signal-wat", 10, ""],
  ["thread-wat", 0, "500500\n"],
  ["wasi-wat", 0, "hello from WASI\n"],
  ["wasi-wat >&-", 8, ""], // WASI's EBADF
] as const)("%s", async ([script, status, stdout]) => {
  expect(await run(script)).toEqual({ status, stdout, stderr: "", trouble: "" });
});

test("an argument longer than the memory that the program starts with", async () => {
  const { stdout } = await run('arguments-wat "$(seq -s " " 1 20000)" | head -n 2 | tail -n 1 | wc -c');
  expect(Number(stdout)).toBe(108894);
});

test.for([
  ["what it reads", "$CAT", "a line\n\0\xff and another"],
  ["a large file through pipes", "seq 1 100000 | $CAT | $CAT | cksum", ""],
  ["the end of a file at once", "$CAT < /dev/null", ""],
  ["no reader", "{ yes | $CAT; echo $? > status; } | head -n 1; cat status", ""],
] as const)("cat: %s", async ([, script, stdin]) => {
  const options = { seconds: SECONDS, name: "wat", stdin };
  const native = await runNative("sh", ["-c", script.replaceAll("$CAT", "cat 2>/dev/null")], {
    ...options,
    env: RUN_ENV,
  });
  const got = await run(script.replaceAll("$CAT", "cat-wat"), stdin);
  expect(got.stdout).toBe(native.stdout);
});

test("cat: errors", async () => {
  expect(await run("cat-wat < /; echo $?; cat-wat <&-; echo $?; echo x | cat-wat >&-; echo $?")).toMatchObject({
    stdout: "21\n9\n9\n",
  });
});
