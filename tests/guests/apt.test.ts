import { expect, test } from "vitest";
import { withSourcesLines, withSourcesStanzas } from "../../guests/toolchain/apt.ts";

test("one-line source lists: each deb line gets a deb-src line, with its options", () => {
  const list = [
    "# a comment",
    "deb [signed-by=/k.gpg arch=amd64] http://example.org/debian stable main contrib",
    "deb-src http://example.org/debian stable main",
    "",
    "\tdeb http://example.org/security stable/updates main",
  ].join("\n");
  expect(withSourcesLines(list)).toBe(
    [
      "deb [signed-by=/k.gpg arch=amd64] http://example.org/debian stable main contrib",
      "deb-src [signed-by=/k.gpg arch=amd64] http://example.org/debian stable main contrib",
      "\tdeb http://example.org/security stable/updates main",
      "deb-src http://example.org/security stable/updates main",
      "",
    ].join("\n"),
  );
});

test("deb822 source lists: both types in each stanza, the rest as it is", () => {
  const stanza = "Types: deb\nURIs: http://example.org/debian\nSuites: stable\nEnabled: no\n";
  const other = "types: deb-src\nURIs: http://example.org/other\nSuites: stable\n";
  expect(withSourcesStanzas(`${stanza}\n${other}`)).toBe(
    "Types: deb deb-src\nURIs: http://example.org/debian\nSuites: stable\nEnabled: no\n\n" +
      "Types: deb deb-src\nURIs: http://example.org/other\nSuites: stable\n",
  );
});
