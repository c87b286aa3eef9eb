/**
 * Builds the hot half: generates entries.ts (the export of every call, from the syscall table) and structs.ts (offsets in user memory), and
 * compiles AssemblyScript.
 * `node kernel/hot/build.ts` writes .build/hot/hot.wasm; it is the one place under kernel/ that runs at build time only.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { INTERNAL_CALLS } from "../abi/internal.ts";
import { dirent, stat, statx } from "../abi/structs.ts";
import { SYSCALLS, wasmParams } from "../abi/syscalls.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const out = join(root, ".build/hot");
/** What is written here, and not to be edited. */
const GENERATED = ["entries.ts", "structs.ts"];

interface Entry {
  nr: number;
  exportName: string;
  body: string;
  params: readonly ("i32" | "i64")[];
  result: "i64" | "i32" | "none";
  hot: boolean;
  traps: boolean;
}

/** Calls of both tables as the generator sees them. Guest imports are named `wali.SYS_read`: the export is `SYS_read`; others keep their name. */
function entries(): Entry[] {
  const list: Entry[] = SYSCALLS.map((call) => ({
    nr: call.nr,
    exportName: `SYS_${call.name}`,
    body: `sys_${call.name}`,
    params: wasmParams(call),
    result: "i64",
    hot: call.half === "hot",
    traps: false,
  }));
  for (const call of INTERNAL_CALLS) {
    list.push({
      nr: call.nr,
      exportName: call.as ?? call.name,
      body: `sys_${call.name}`,
      params: call.params,
      result: call.result,
      hot: call.half === "hot",
      traps: call.traps === true,
    });
  }
  return list;
}

interface HotHandler {
  /** The file that defines it, without its extension. */
  file: string;
  /** It returns i32 or u32, not i64: what it gives is always the call's result, nothing special. */
  plain: boolean;
}

/** The handlers that the hot half defines, by name. */
function hotHandlers(): Map<string, HotHandler> {
  const found = new Map<string, HotHandler>();
  for (const file of readdirSync(here)) {
    if (!file.endsWith(".ts") || file === "build.ts" || GENERATED.includes(file)) continue;
    const text = readFileSync(join(here, file), "utf8");
    for (const [, name, type] of text.matchAll(/^export function (sys_\w+)\([^)]*\): (\w+)/gm)) {
      found.set(name, { file: file.slice(0, -3), plain: type === "i32" || type === "u32" });
    }
  }
  return found;
}

/** The text of entries.ts. */
export function generateEntries(): string {
  const handlers = hotHandlers();
  const list = entries();
  const imports = new Map<string, string[]>();
  const bodies: string[] = [];
  const cases: string[] = [];
  for (const entry of list) {
    const names = entry.params.map((_, i) => `a${i}`);
    const parameters = entry.params.map((type, i) => `a${i}: ${type}`).join(", ");
    const result = entry.result === "none" ? "void" : entry.result;
    const stores = names.map((name, i) => {
      const value = entry.params[i] === "i32" ? `<i64>${name}` : name;
      return `  store<i64>(t, ${value}, TASK_ARGS + ${8 * i});`;
    });
    const lines = [`export function ${entry.exportName}(${parameters}): ${result} {`];
    const give = (value: string) => {
      if (entry.result === "i64") return `return ${value};`;
      if (entry.traps) return `const r = ${value};\n  if (r < 0) unreachable();\n  return <i32>r;`;
      return entry.result === "none" ? `${value};` : `return <i32>${value};`;
    };
    if (entry.hot) {
      const handler = handlers.get(entry.body);
      if (!handler) throw new Error(`the table says that ${entry.body} is hot, but no file of kernel/hot defines it`);
      imports.set(handler.file, [...(imports.get(handler.file) ?? []), entry.body]);
      const call = `${entry.body}(${["current", ...names].join(", ")})`;
      if (handler.plain) {
        lines.push(`  if (!load<u32>(CPU_WORK)) return ${call};`);
      } else {
        const done = `first > SPECIAL${entry.traps ? " && first >= 0" : ""}`;
        const cast = entry.result === "i32" ? "<i32>" : "";
        lines.push("  let first = NOT_TRIED;", "  if (!load<u32>(CPU_WORK)) {", `    first = ${call};`);
        lines.push(`    if (${done}) return ${cast}first;`, "  }");
      }
      lines.push("  const t = current;", ...stores);
      lines.push(`  ${give(`slow(t, ${entry.nr}, ${handler.plain ? "NOT_TRIED" : "first"})`)}`);
      const args = entry.params.map(
        (type, i) => `, ${type === "i32" ? "<i32>" : ""}load<i64>(t, TASK_ARGS + ${8 * i})`,
      );
      cases.push(`    case ${entry.nr}:\n      return ${entry.body}(t${args.join("")});`);
    } else {
      lines.push("  const t = current;", ...stores, `  ${give(`enter_cold(t, ${entry.nr})`)}`);
    }
    bodies.push([...lines, "}"].join("\n"));
  }
  const importLines = [...imports].map(([file, names]) => `import { ${names.join(", ")} } from "./${file}";`);
  return `// Generated by build.ts from kernel/abi/syscalls.ts and internal.ts. Not to be edited.
import { enter_cold, NOT_TRIED, SPECIAL, slow } from "./entry";
import { CPU_WORK, RESULT_COLD, TASK_ARGS } from "./layout";
import { current } from "./sched";
${importLines.join("\n")}

${bodies.join("\n\n")}

/** Runs the hot handler of a call whose arguments are in the trap frame; RESULT_COLD where it has none. */
export function dispatch_hot(t: u32, nr: i32): i64 {
  switch (nr) {
${cases.join("\n")}
    default:
      return RESULT_COLD;
  }
}
`;
}

/** The structs whose fields the hot half writes. */
const STRUCTS = [dirent, stat, statx];

/** The text of structs.ts: STAT_BYTES, STAT_ST_MODE... */
function generateStructs(): string {
  const lines = STRUCTS.flatMap(({ name, size, offset }) => {
    const prefix = name.toUpperCase();
    const fields = Object.entries(offset).map(
      ([field, at]) => `export const ${prefix}_${field.toUpperCase()}: i32 = ${at};`,
    );
    return [`export const ${prefix}_BYTES: i32 = ${size};`, ...fields];
  });
  return `// Generated by build.ts from kernel/abi/structs.ts. Not to be edited.\n${lines.join("\n")}\n`;
}

/** Hash of everything that hot.wasm is made from. */
export function inputsHash(): string {
  const hash = createHash("sha256");
  for (const folder of [here, join(here, "../abi")]) {
    for (const file of readdirSync(folder).sort()) {
      if (file.endsWith(".ts") && !GENERATED.includes(file)) hash.update(file).update(readFileSync(join(folder, file)));
    }
  }
  hash.update(readFileSync(join(root, "asconfig.json")));
  return hash.digest("hex");
}

/** The hot half. */
export const HOT = join(out, "hot.wasm");

/** Builds .build/hot/hot.wasm unless it is up to date. Throws with the compiler's messages. */
export async function buildHot(): Promise<string> {
  const target = HOT;
  const stamp = join(out, "hot.sha256");
  const hash = inputsHash();
  try {
    if (readFileSync(stamp, "utf8") === hash && readFileSync(target)) return target;
  } catch {
    // Not built yet.
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(join(here, "entries.ts"), generateEntries());
  writeFileSync(join(here, "structs.ts"), generateStructs());
  const { default: asc } = await import("assemblyscript/asc");
  const temporary = `hot.${process.pid}.wasm`;
  const { error, stderr } = await asc.main(
    ["kernel/hot/index.ts", "--config", "asconfig.json", "--outFile", `.build/hot/${temporary}`],
    {
      readFile: (name: string, base: string) => {
        try {
          return readFileSync(join(base === "." ? root : base, name), "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (name: string, data: string | Uint8Array) => writeFileSync(join(root, name), data),
      listFiles: () => [],
    },
  );
  if (error) {
    rmSync(stamp, { force: true });
    throw new Error(`the hot half does not compile:\n${stderr.toString()}`);
  }
  renameSync(join(out, temporary), target);
  writeFileSync(stamp, hash);
  return target;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(`${await buildHot()}\n`);
}
