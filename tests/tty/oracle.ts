/** The oracle: scripts played on a real pty by pty-oracle.c, compiled with the host's compiler. */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { play } from "./script.ts";

const SOURCE = fileURLToPath(new URL("pty-oracle.c", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../.build/tests/tty/", import.meta.url));
/**
 * Microseconds in which the host's kernel has passed bytes on. Its worker races with what it works on, so where answers differ they are
 * asked for again.
 */
const SETTLE = [500, 500, 5_000, 5_000, 50_000];
/** A script that hangs is killed: ms. */
const TIMEOUT = 30_000;

let program: string | undefined;

/** The program, compiled once for each version of its source. */
function oracle(): string {
  if (program !== undefined) return program;
  const hash = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 16);
  program = `${FOLDER}pty-oracle-${hash}`;
  if (!existsSync(program)) {
    mkdirSync(FOLDER, { recursive: true });
    const partial = `${program}.${process.pid}`;
    execFileSync("cc", ["-O1", "-o", partial, SOURCE], { stdio: ["ignore", "inherit", "inherit"] });
    renameSync(partial, program);
  }
  return program;
}

/** Plays a script on a real pty: an answer a line. */
export function playNatively(script: readonly string[], settle: number): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  // Detached: the program has to lead a session, to which it gives the pty as its terminal.
  const child = spawn(oracle(), [`${settle}`], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    timeout: TIMEOUT,
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", reject);
  child.on("close", () => resolve(Buffer.concat(chunks).toString().split("\n").slice(0, -1)));
  child.stdin.on("error", reject);
  child.stdin.end(`${script.join("\n")}\n`);
  return promise;
}

/** Ours and the real pty's answers to a script, as lines of "operation => answer". */
export async function compare(script: readonly string[]): Promise<{ ours: string[]; theirs: string[] }> {
  const ours = play(script);
  let theirs: string[] = [];
  for (const settle of SETTLE) {
    theirs = await playNatively(script, settle);
    if (theirs.length === ours.length && theirs.every((line, i) => line === ours[i])) break;
  }
  const label = (answers: string[]) => answers.map((answer, i) => `${script[i]} => ${answer}`);
  return { ours: label(ours), theirs: label(theirs) };
}
