/** The line discipline and ptys against the host's own: the same script on both, no expected answers. */
import { describe, expect, test } from "vitest";
import { randomScript } from "./fuzz.ts";
import { compare } from "./oracle.ts";

const RANDOM_SCRIPTS = 120;
/** Scripts a test. */
const BATCH = 20;

/** Settings of a script: the usual ones with some flags changed. In hex: iflag, oflag, lflag, how to set them, control characters. */
const CC = "3 1c 7f 15 4 0 1 0 11 13 1a 0 12 f 17 16 0";
const COOKED = `S 500 5 8a3b 0 ${CC}`;
const UTF8 = `S 4500 5 8a3b 0 ${CC}`;
const QUIET = `S 500 5 8a33 0 ${CC}`;
const NO_EXTENSIONS = `S 500 5 3b 0 ${CC}`;
const ANY_RESTARTS = `S d00 5 3b 0 ${CC}`;
const RAW = `S 0 0 0 0 ${CC}`;
const RAW_MIN_5 = "S 0 0 0 0 3 1c 7f 15 4 0 5 0 11 13 1a 0 12 f 17 16 0";
const EXTERNAL = `S 500 5 18a3b 0 ${CC}`;

/** By name; operations as in pty-oracle.c, and "< text" for text typed at the master, "> text" for text written to the slave. */
const scripts: Record<string, string> = {
  "end of file": `${COOKED}; < \x04; P; R 10; R 10; < ab\x04; R 2; R 10; < ab\x04; R 10; R 10`,
  "an end of file behind a full read": `${COOKED}; < abc\x04; R 2; R 2; R 2; < \n\x04; R 10; R 10`,
  "characters taken literally": `${COOKED}; < \x16\x04; E; < \n; R 10; < a\x16\x03b; E; < \n; R 9`,
  "a NUL is no end of file": `${COOKED}; < \x16\0\n; Q; R 10; < \0a\n; R 10; E`,
  "erasing tabs": `${COOKED}; < ab\tc\x7f\x7f\x7f; E; < \t\t\x7f\x7f; E; > 12345; < \ta\x7f\x7f; E`,
  "erasing words and lines": `${COOKED}; < one two_3 ..\x17; E; < \x17; E; < x\x01y\x15; E; < \n; R 9; E`,
  "erasing UTF-8": `${UTF8}; < aé€😀\x7f; E; < \x7f\x7f; E; M e282; < \x7f\x7f; E; < \n; R 9`,
  "pieces of characters without IUTF8": `${COOKED}; < é€\x7f; E; < \n; R 9`,
  "erasing without extensions": `${NO_EXTENSIONS}; < ab cd\x17\x12\x16\x7f\x7f; E; < \x15; E; < \n; R 20`,
  "no echo but of new lines": `S 500 5 8a73 0 ${CC}; < secret\x7f\n; E; R 20; ${QUIET}; < secret\n; E; R 20`,
  "kill and erase shown plainly": `S 500 5 802b 0 ${CC}; < abc\x7fd\x15e\n; E; R 9; S 500 5 800b 0 ${CC}; < ab\x7f\x15c\n; E; R 9`,
  "erasing as on paper": `S 500 5 8c3b 0 ${CC}; < abc\x7f\x7fd\x7f\n; E; R 9; < one two\x17three\x15\n; E; R 9`,
  reprinting: `${COOKED}; < ab\x01c\x12; E; < \n; R 9`,
  "other ends of lines":
    "S 500 5 8a3b 0 3 1c 7f 15 4 0 1 0 11 13 1a 2c 12 f 17 16 2e; < a,b.c\n; E; R 9; R 9; R 9; R 9",
  "carriage returns": `${COOKED}; < a\rb\n; R 9; R 9; S 0 5 8a3b 0 ${CC}; < a\rb\n; R 9; S 80 5 8a3b 0 ${CC}; < a\rb\n; R 9; S 140 5 8a3b 0 ${CC}; < a\rb\nc\r; R 9; R 9; E`,
  "a line too long": `${COOKED}; M ${"61".repeat(4090)}; M ${"62".repeat(20)}; Q; < \n; Q; E; P; R 5000; R 5000; M ${"61".repeat(4096)}0a; Q; R 5000; E`,
  "a full buffer": `${RAW}; M ${"61".repeat(4000)}; M ${"62".repeat(4000)}; Q; P; R 10; R 8000; R 8000; R 8000; Q; P`,
  "from lines to bytes and back": `${COOKED}; < a\nb\nc; R 100; ${RAW}; R 100; < ab; ${COOKED}; R 1; < c; R 100; < de\n; R 100; R 100`,
  "VMIN for poll": `${RAW_MIN_5}; P; < 1234; P; < 5; P; R 3; P; R 3`,
  "reads of more than 64 bytes": `S 0 0 0 0 3 1c 7f 15 4 0 64 0 11 13 1a 0 12 f 17 16 0; M ${"78".repeat(150)}; R 200; R 200; R 200`,
  signals: `${COOKED}; < ab\x03; E; R 9; < ab\x1c\x1a; E; S 500 5 8abb 0 ${CC}; < ab\x03c\n; E; R 9; R 9`,
  "signals off": `S 500 5 8a3a 0 ${CC}; < a\x03\x1c\x1a\n; E; R 9`,
  "^S and ^Q": `${COOKED}; < a\x13b; E; P; > x; < \x11; E; > x; E; S 100 5 8a3b 0 ${CC}; < \x13\x11; E; P`,
  IXANY: `${ANY_RESTARTS}; < \x13; P; < a; P; E; < \x13\x03; P; E`,
  "leaving IXON starts output": `${COOKED}; < \x13; P; S 100 5 8a3b 0 ${CC}; P; > ab; E`,
  tcflow: `${COOKED}; X 0; > ab; P; < \x11; > ab; X 1; > ab; E; X 2; X 3; E; < \x13; X 0; < \x11; P; X 1; P; X 9; > c; E`,
  tcflush: `${RAW}; < ab; F 0; R 9; < ab; > cd; F 1; R 9; E; < ab; F 2; R 9; F 3; < x; f 1; f 0; R 9`,
  output: `S 500 29 0 0 ${CC}; > a\r\n\rb\r; E; S 500 1d 0 0 ${CC}; > ab\r\ncd\n; E; S 500 1805 0 0 ${CC}; > a\tbc\b\t\x01\td\r\n\te; E; S 500 3 0 0 ${CC}; > abcé{ÿ; E; S 500 0 0 0 ${CC}; > a\n; E`,
  "packet mode": `${COOKED}; K 1; < a\n; r 9; > xy; P; r 2; r 9; r 9; < \x13; r 9; < \x11; r 9; < \x03; r 9; r 9; F 0; P; r 9; F 1; r 9; F 2; r 9; X 0; r 9; X 1; r 9; ${RAW}; r 9; ${COOKED}; r 9; K 0; r 9; > z; r 9`,
  "editing done elsewhere": `${EXTERNAL}; < ab\x04; R 9; < \x04; R 9; < a\x03\n; E; R 9; K 1; ${EXTERNAL}; r 9; ${COOKED}; r 9`,
  TIOCSTI: `${COOKED}; T ab; E; < \n; R 9; E`,
  TIOCSIG: `${COOKED}; G 2; G 3; G 20; G 1; G 0`,
  "the window's size": "Z 24 80; I 0 5413; I 1 5413; Z 24 80; Z 25 80; I 0 5414 0; I 0 5414 0",
  "the slave closes": `${COOKED}; < abc; T q; C; E; P; r 1; < def; E; P; < \n; E; O; P; R 20; R 1; > xy; C; E; r 1; O; r 1`,
  "the master closes": `${COOKED}; > ab; < cd\n; H; P; R 9; > x; I 1 5413; I 1 5410; I 1 541b; C`,
  "a locked slave": "I 0 80045439; I 0 40045431 1; I 0 80045439; C; O; I 0 40045431 0; O; P",
  "ioctls of a master":
    "I 0 5401; I 0 540f; I 0 5429; I 0 5424; I 0 5411; I 0 541b; I 0 80045430; I 0 80045438; K 1; I 0 80045438; I 0 80045440; I 0 1234; I 0 5409; I 0 540e; I 0 5422",
  "ioctls of a slave":
    "I 1 5401; I 1 540f; I 1 5429; I 1 5424; I 1 5423 0; I 1 5423 99; I 1 5411; I 1 80045430; I 1 80045439; I 1 80045432; I 1 5420; I 1 5441; I 1 1234; I 1 4b33; I 1 5600; I 1 541c; I 1 5415; I 1 5409; I 1 5409 1; I 1 5425; I 1 5427; I 1 5428; I 1 5419; I 1 541a 1; I 1 5419; I 1 541a 0; I 1 5410 0; I 1 5410 -1; I 1 5410 999999; I 1 540e",
  "exclusive use": "I 1 540c; I 0 80045440; I 1 80045440; I 1 540d; I 1 80045440",
  "giving the terminal up": `I 1 5422; I 1 540f; I 0 540f; I 1 5422; < \x03; I 1 540e; I 1 540f; < \x03; I 1 540e`,
  vhangup: `${COOKED}; < ab\n; I 1 5437; P; > a; R 1; I 1 5413; I 1 5410; < a; E; O; < b\n; E; R 9`,
};

function parse(script: string): string[] {
  return script.split("; ").map((operation) => {
    const text = Buffer.from(operation.slice(2)).toString("hex");
    return operation[0] === "<" ? `M ${text}` : operation[0] === ">" ? `W ${text}` : operation;
  });
}

describe("as on a real pty", () => {
  for (const [name, script] of Object.entries(scripts)) {
    test(name, async () => {
      const { ours, theirs } = await compare(parse(script));
      expect(ours).toEqual(theirs);
    });
  }
});

describe("random scripts as on a real pty", () => {
  for (let first = 1; first <= RANDOM_SCRIPTS; first += BATCH) {
    test(`seeds ${first} to ${first + BATCH - 1}`, { timeout: 60_000 }, async () => {
      for (let seed = first; seed < first + BATCH; seed++) {
        const { ours, theirs } = await compare(randomScript(seed));
        expect(ours, `seed ${seed}`).toEqual(theirs);
      }
    });
  }
});
