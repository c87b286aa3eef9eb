/**
 * A guest can never crash, stall or wear out the machine. Each misdeed of guests/abuse.c is done three times in one machine: it ends as it
 * should, the machine is usable after it, and from the second time on the kernel holds as much memory and as many files as before.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { compileGuest, FOLDER } from "./guests.ts";

interface Expected {
  /** What it prints; default nothing. */
  prints?: string;
  /** Its exit status, default 0, or the signal that ends it. */
  ends?: number | string;
  /** Times to do it; default 3. */
  times?: number;
}

const MISDEEDS: Readonly<Record<string, Expected>> = {
  forks: { prints: "EAGAIN after many\n" },
  threads: { prints: "EAGAIN after many\n" },
  brk: { prints: "refused after many\n" },
  mmap: { prints: "ENOMEM after many\n" },
  grow: { prints: "refused after many\n" },
  "fill-file": { prints: "ENOSPC after many\na pipe: ok\na child: ok\n", times: 2 },
  "fill-names": { prints: "all\n", times: 2 },
  "fill-pipes": { prints: "ENOMEM after many\n", times: 2 },
  "fill-streams": { prints: "ENOBUFS after many\na pipe: ok\na child: ok\n", times: 2 },
  "fill-datagrams": { prints: "ENOBUFS after many\na pipe: ok\na child: ok\n", times: 2 },
  "fill-flight": { prints: "ETOOMANYREFS after many\na pipe: ok\na child: ok\n", times: 2 },
  "fill-connections": { prints: "ENOBUFS after many\na pipe: ok\na child: ok\n", times: 2 },
  descriptors: { prints: "EMFILE after 1024\nopen: EMFILE, pipe: EMFILE, eventfd: EMFILE\n" },
  "queue-signals": { prints: "EAGAIN\n" },
  recursion: { ends: "SIGSEGV" },
  "deep-calls": { prints: "done\n", times: 2 },
  handlers: { ends: "SIGSEGV" },
  "bad-handler": { ends: "SIGILL" },
  "wrong-type": { ends: "SIGILL" },
  "bad-stack": { ends: "SIGILL" },
  "bad-altstack": { prints: "went on\n" },
  "out-of-bounds": { ends: "SIGSEGV" },
  "zero-division": { ends: "SIGFPE" },
  "bad-call": { ends: "SIGILL" },
  paths: {
    prints: [
      "loop: ELOOP\n255: ok\n256: ENAMETOOLONG\n4095: ok\n4096: ENAMETOOLONG\ninto itself: EINVAL EINVAL ENOTEMPTY\n",
      "deep: 2000, getcwd: ENAMETOOLONG\nback: -1\n",
    ].join(""),
    times: 2,
  },
  "blocked-threads": { prints: "exits\n", ends: 7 },
  execs: { prints: "done in 1\n", times: 1 },
  "stop-storm": { prints: "stopped 1\nkilled 1\n", times: 2 },
  "signal-storm": { prints: "reaped 8\n", times: 2 },
  soil: { prints: "soiled\n" },
  peek: { prints: "dirty bytes: 0\n" },
  "idle-polls": { prints: "kept nothing\n" },
};

const PIDS = 64;
const PATIENCE = 60_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function bootHostile(deterministic = false): Promise<Machine> {
  const mounts = [{ host: FOLDER, guest: "/hostile", readOnly: true }];
  return boot({ mounts, pids: PIDS, memory: "256m", deterministic });
}

/** No process is left, another program runs, and the log has no bug. */
async function expectUsable(machine: Machine): Promise<void> {
  for (let i = 0; i < 100 && (await machine.processes()).length > 0; i++) await sleep(10);
  expect(await machine.processes()).toEqual([]);
  const { stdout } = await (await machine.spawn("echo alive | cat")).result();
  expect(stdout).toBe("alive\n");
  expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
}

const PAGE_KIB = 4;

interface Holdings {
  /** KiB of kernel memory. */
  kernel: number;
  /** Open file descriptions. */
  files: number;
}

/** What the kernel holds, with the pipeline that asks: which of its pipes are closed by then differs. */
async function holdings(machine: Machine): Promise<Holdings> {
  const show = "grep Cached: /proc/meminfo | head -1; cut -f1 /proc/sys/fs/file-nr";
  const { stdout } = await (await machine.spawn(show)).result();
  const [kernel, files] = /(\d+) kB\n(\d+)/.exec(stdout)!.slice(1).map(Number);
  return { kernel, files };
}

/** What a machine at rest holds: the pages that slabs have come to, the fewest descriptions that were seen. */
async function atRest(machine: Machine): Promise<Holdings> {
  const seen: Holdings[] = [];
  for (let i = 0; i < 6; i++) seen.push(await holdings(machine));
  return { kernel: Math.max(...seen.map((one) => one.kernel)), files: Math.min(...seen.map((one) => one.files)) };
}

describe("misdeeds", () => {
  let machine: Machine;
  let program: string;
  beforeAll(async () => {
    program = await compileGuest("abuse");
    machine = await bootHostile();
    await (await machine.spawn([program, "none"])).result(); // prepared
  }, PATIENCE);
  afterAll(() => machine.shutdown());

  for (const [name, { prints = "", ends = 0, times = 3 }] of Object.entries(MISDEEDS)) {
    test(
      name,
      async () => {
        let before: Holdings | undefined;
        for (let i = 0; i < times; i++) {
          const { code, signal, stdout, stderr } = await (await machine.spawn([program, name])).result();
          expect({ end: signal ?? code, stdout, stderr }).toEqual({ end: ends, stdout: prints, stderr: "" });
          await expectUsable(machine);
          // The host lets go of its ends of a process's pipes a moment after the process has ended.
          if (!before) before = await atRest(machine);
          else {
            const { kernel, files } = before;
            // A record that came to stay between two runs can be the first of its page.
            const more = (now: Holdings) => now.kernel > kernel + PAGE_KIB || now.files > files;
            await expect.poll(async () => more(await atRest(machine)), { timeout: 10_000 }).toBe(false);
          }
        }
      },
      PATIENCE,
    );
  }

  test(
    "a fork bomb: the machine answers, and is usable once the bomb's group is killed",
    async () => {
      const bomb = await machine.spawn([program, "bomb"], { stdout: "null", stderr: "null" });
      for (let i = 0; i < 10; i++) {
        await sleep(50);
        const asked = performance.now();
        expect((await machine.processes()).length).toBeLessThanOrEqual(PIDS);
        expect(performance.now() - asked).toBeLessThan(2000);
      }
      await expect(machine.spawn(["true"])).rejects.toMatchObject({ code: "EAGAIN" });
      await bomb.kill("SIGKILL", { group: true });
      await expectUsable(machine);
    },
    PATIENCE,
  );
});

describe("system calls at random", () => {
  const CHILDREN = 40;
  const runs = [
    { seed: 1, uid: 0, deterministic: false },
    { seed: 2, uid: 1000, deterministic: false },
    { seed: 3, uid: 0, deterministic: true },
    { seed: 4, uid: 1000, deterministic: true },
  ];
  for (const { seed, uid, deterministic } of runs) {
    test(
      `seed ${seed}, user ${uid}${deterministic ? ", deterministic" : ""}`,
      async () => {
        const program = await compileGuest("calls");
        await using machine = await bootHostile(deterministic);
        const child = await machine.spawn([program, `${seed}`, `${CHILDREN}`, `${uid}`], { stdin: "null" });
        const { code, stdout, stderr } = await child.result();
        // Children write at random too.
        expect(`${stdout}${stderr}`).not.toContain("BAD");
        expect(stdout).toContain("by a signal");
        expect(code).toBe(0);
        await expectUsable(machine);
      },
      PATIENCE,
    );
  }
});
