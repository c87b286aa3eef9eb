/** What a machine leaves behind in the program that booted it: nothing. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const INDEX = join(import.meta.dirname, "../../runtime/index.ts");

/** Runs a program that has `boot`, in a process of its own; gives what it prints, after it ended by itself. */
function program(text: string): string {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ["--input-type=module-typescript", "--eval", `import { boot } from ${JSON.stringify(INDEX)};\n${text}`],
    { timeout: 40_000 },
  );
  expect([stderr.toString(), status, signal]).toEqual(["", 0, null]);
  return stdout.toString();
}

test.each(["worker", "same"])("after shutdown no worker, timer or handle is left (%s thread)", (thread) => {
  const text = `
    process.stdout.write("") && process.stderr.write("");
    const before = process.getActiveResourcesInfo();
    const machine = await boot({ thread: "${thread}", mounts: [{ host: "/tmp", guest: "/mnt" }] });
    await machine.spawn("while :; do :; done");
    await machine.spawn(["sleep", "100"]);
    await machine.spawn(["yes"]);
    await machine.spawn(["sh"], { tty: { rows: 24, cols: 80 } });
    await machine.fs.readdir("/mnt");
    await (await machine.spawn("ls /mnt | wc -l")).result();
    await machine.shutdown();
    await new Promise((resolve) => setImmediate(resolve));
    const kinds = (list) => list.filter((kind) => kind !== "Immediate").sort().join();
    console.log(kinds(process.getActiveResourcesInfo()) === kinds(before));
  `;
  expect(program(text)).toBe("true\n");
});

test.each(["worker", "same"])(
  "a program that forgets to shut down ends all the same, once nothing runs (%s thread)",
  (thread) => {
    const text = `
    const machine = await boot({ thread: "${thread}" });
    const { stdout } = await (await machine.spawn(["echo", "done"])).result();
    process.stdout.write(stdout);
  `;
    expect(program(text)).toBe("done\n");
  },
);

test("a program stays while its guest runs", () => {
  const text = `
    const machine = await boot();
    const guest = await machine.spawn("sleep 0.5; echo done", { stdout: "inherit" });
  `;
  expect(program(text)).toBe("done\n");
});

test("many machines, one after the other, take no more and more memory", () => {
  const text = `
    const run = async () => {
      await using machine = await boot();
      await (await machine.spawn("echo | cat")).result();
    };
    for (let i = 0; i < 5; i++) await run();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 15; i++) await run();
    console.log(process.memoryUsage().rss - before < 100e6);
  `;
  expect(program(text)).toBe("true\n");
});
