/** sqlite3: SQL scripts compared, and one database file that both sides use. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureNative } from "../../guests/build.ts";
import { check } from "../diff/compare.ts";
import { PROJECT, type Result, runNative, temporaryFolder } from "../diff/native.ts";
import { Ring3, type Ring3Result, RUN_ENV } from "../diff/ring3.ts";

const HERE = import.meta.dirname;
const SQLITE = join(PROJECT, ".build/native/sqlite3");
const BUILD_MS = 20 * 60_000;
const SECONDS = 120;
const ROWS = 100_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ring3: Ring3;

beforeAll(async () => {
  await ensureNative({ log: console.error });
  folder = await temporaryFolder("sqlite");
  ring3 = new Ring3({ mounts: [{ host: folder.path, guest: "/host", readOnly: false }] });
}, BUILD_MS);

afterAll(async () => {
  await ring3[Symbol.asyncDispose]();
  await folder.remove();
});

function native(args: readonly string[], stdin: string): Promise<Result> {
  return runNative(SQLITE, ["-batch", ...args], { env: RUN_ENV, seconds: SECONDS, name: "sqlite", stdin });
}
function guest(args: readonly string[], stdin: string): Promise<Ring3Result> {
  return ring3.run(["sqlite3", "-batch", ...args], { seconds: SECONDS, stdin });
}
/** Messages belong to what is compared. */
function withErrors<T extends Result | Ring3Result>(result: T): T {
  return { ...result, stdout: `${result.stdout}${result.stderr}`, stderr: "" };
}

test.for(readdirSync(HERE).filter((name) => name.endsWith(".sql")))(
  "%s",
  { timeout: 3 * SECONDS * 1000 },
  async (script) => {
    const sql = readFileSync(join(HERE, script), "utf8");
    check(withErrors(await native(["test.db"], sql)), withErrors(await guest(["test.db"], sql)));
  },
);

/** The rows that INSERT statements put in, and questions to ask about them. */
const SUMMARY = "SELECT count(*), sum(at), max(length(text)), count(DISTINCT kind) FROM event; PRAGMA integrity_check;";
function inserts(): string {
  const lines = ["CREATE TABLE event(id INTEGER PRIMARY KEY, at INTEGER, kind TEXT, text TEXT);", "BEGIN;"];
  for (let i = 1; i <= ROWS; i++) {
    lines.push(
      `INSERT INTO event VALUES(${i}, ${(i * 48271) % 2147483647}, 'kind ${i % 17}', '${"x".repeat(i % 50)}');`,
    );
  }
  return [...lines, "COMMIT;", "CREATE INDEX event_at ON event(at);", SUMMARY].join("\n");
}

test(
  "100,000 inserts on a host folder, checked natively",
  async () => {
    const sql = inserts();
    const file = join(folder.path, "events.db");
    check(await native([":memory:"], sql), await guest(["/host/events.db"], sql));
    const after = await native([file], SUMMARY);
    expect(after.stdout).toMatch(new RegExp(`^${ROWS}\\|.*\\nok\\n$`));
    // And the other way round: what the host wrote, ring3 reads.
    await native([file], "DELETE FROM event WHERE id % 3 = 0;");
    check(await native([file], SUMMARY), await guest([`/host/${basename(file)}`], SUMMARY));
  },
  3 * SECONDS * 1000,
);

test(
  "two processes lock each other out",
  async () => {
    // The first holds the write lock while its shell command runs the second.
    const script = (program: string, file: string) =>
      [
        "CREATE TABLE t(x); INSERT INTO t VALUES (1);",
        "BEGIN IMMEDIATE; INSERT INTO t VALUES (2);",
        `.shell ${program} -batch ${file} "SELECT 'read', count(*) FROM t; INSERT INTO t VALUES (3);" 2>errors; echo "status $?"; cat errors`,
        "COMMIT;",
        `.shell ${program} -batch ${file} "INSERT INTO t VALUES (3);" 2>errors; echo "status $?"; cat errors`,
        "BEGIN EXCLUSIVE;",
        `.shell ${program} -batch ${file} "SELECT count(*) FROM t;" 2>errors; echo "status $?"; cat errors`,
        "COMMIT;",
        "BEGIN; SELECT count(*) FROM t;",
        `.shell ${program} -batch ${file} "INSERT INTO t VALUES (4);" 2>errors; echo "status $?"; cat errors`,
        "COMMIT; SELECT group_concat(x) FROM t;",
      ].join("\n");
    const wanted = await native(["locks.db"], script(SQLITE, "locks.db"));
    expect(wanted.stdout).toContain("database is locked");
    check(wanted, await guest(["locks.db"], script("sqlite3", "locks.db")));
    check(wanted, await guest(["/host/locks.db"], script("sqlite3", "/host/locks.db")));
  },
  3 * SECONDS * 1000,
);
