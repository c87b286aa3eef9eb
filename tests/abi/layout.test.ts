/** Kernel memory's fixed addresses (kernel/hot/layout.ts) are given by hand, in more than one branch at a time: no two may meet. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HEAP_START } from "../../kernel/hot/layout.ts";

test("no two fixed addresses overlap", () => {
  const text = readFileSync(new URL("../../kernel/hot/layout.ts", import.meta.url), "utf8");
  const section = text.slice(text.indexOf("- fixed addresses"), text.indexOf("- wait queues"));
  // What stands at an address is said first thing in its comment: u32, i32 or i64.
  const words = [
    ...section.matchAll(/(?:\/\*\*|\*) [ui](32|64)\b(?:(?!\*\/)[\s\S])*\*\/((?:\s*export const \w+: i32 = \d+;)+)/g),
  ];
  const fields = words.flatMap(([, bits, names]) =>
    [...names.matchAll(/const (\w+): i32 = (\d+);/g)].map(([, name, at]) => ({ name, at: +at, bytes: +bits / 8 })),
  );
  expect(fields.map(({ name }) => name)).toContain("DENTRY_SEED");
  fields.sort((a, b) => a.at - b.at);
  fields.forEach(({ name, at, bytes }, i) => {
    const next = fields[i + 1] ?? { name: "HEAP_START", at: HEAP_START };
    expect(at % bytes, name).toBe(0);
    expect(at + bytes, `${name} before ${next.name}`).toBeLessThanOrEqual(next.at);
  });
});
