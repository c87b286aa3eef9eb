/** What is compared of a program's run, and how a difference is shown. */
import type { Ring3Result } from "./ring3.ts";

/** The output, and how the program ended, as one text. */
export function outcome(result: Pick<Ring3Result, "stdout" | "end">): string {
  const { end } = result;
  const how =
    end.kind === "exit" ? `exit ${end.code}` : end.kind === "signal" ? `killed by ${end.signal}` : `${end.kind}`;
  const left = "left" in end && end.left > 0 ? `, ${end.left} processes left behind` : "";
  const line = result.stdout === "" || result.stdout.endsWith("\n") ? "" : "\n";
  return `${result.stdout}${line}[${how}${left}]`;
}

/** Lines of both texts: those that only the host's has after "-", those that only ring3's has after "+". */
export function difference(native: string, ring3: string): string {
  const a = native.split("\n");
  const b = ring3.split("\n");
  // common[i][j]: the length of the longest common subsequence of a from i and b from j.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i++]}`);
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) {
      lines.push(`- ${a[i++]}`);
    } else {
      lines.push(`+ ${b[j++]}`);
    }
  }
  return withContext(lines).join("\n");
}

/** Equal lines around a difference that are shown. */
const CONTEXT = 4;

/** The lines near a difference; "..." for the rest. */
function withContext(lines: readonly string[]): string[] {
  const shown = new Set<number>();
  lines.forEach((line, at) => {
    if (line.startsWith("  ")) return;
    for (let near = at - CONTEXT; near <= at + CONTEXT; near++) shown.add(near);
  });
  return lines.flatMap((line, at) => (shown.has(at) ? [line] : shown.has(at - 1) || at === 0 ? ["  ..."] : []));
}

/**
 * Throws where ring3 did not do what the host did, or the host's run cannot serve as the measure.
 * @param expectedFailure why ring3 is known to differ: then it is an error that it does not.
 */
export function check(native: NativeOutcome, ring3: Ring3Result, expectedFailure?: string): void {
  const wanted = outcome(native);
  const got = outcome(ring3);
  if (!("left" in native.end) || native.end.left > 0) {
    throw new Error(`the host's own run is no measure:\n${wanted}\n${native.stderr}`);
  }
  const same = got === wanted && ring3.trouble === "";
  if (same && expectedFailure !== undefined) {
    throw new Error(`it passes now: take it from the list of expected failures (${expectedFailure})`);
  }
  if (same || expectedFailure !== undefined) return;
  const parts = ["ring3 (+) differs from Linux (-):", difference(wanted, got)];
  if (native.stderr !== ring3.stderr) parts.push("standard error:", difference(native.stderr, ring3.stderr));
  if (ring3.trouble) parts.push("the kernel log:", ring3.trouble);
  throw new Error(parts.join("\n"));
}

type NativeOutcome = Pick<Ring3Result, "stdout" | "stderr" | "end">;
