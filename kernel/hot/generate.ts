/**
 * Generates from the tables of kernel/abi entries.ts, the export of every call and the dispatchers for calls that are entered again, and
 * structs.ts, offsets in user memory. At build time only, for build.ts.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ARG_TYPES, type WasmType } from "../abi/argtypes.ts";
import { INTERNAL_CALLS } from "../abi/internal.ts";
import { dirent, msghdr, stat, statx } from "../abi/structs.ts";
import { SYSCALLS, wasmParams } from "../abi/syscalls.ts";

/** An argument as the cold half's handlers take it: a signed word, or a word or 64 bits (exact within 2^53) as f64. */
type ColdType = "i32" | "u32" | "i64";

interface Call {
  readonly nr: number;
  /** Of its handlers: `sys_NAME` in the hot half, NAME in the cold one. */
  readonly name: string;
  readonly exportName: string;
  readonly params: readonly WasmType[];
  readonly result: "i64" | "i32" | "none";
  readonly hot: boolean;
  readonly traps: boolean;
  /** null where the cold half does not serve it either. */
  readonly cold: readonly ColdType[] | null;
}

function coldType({ wasm, signed }: { wasm: WasmType; signed: boolean }): ColdType {
  return wasm === "i64" ? "i64" : signed ? "i32" : "u32";
}

/** Both tables. A guest imports `wali.SYS_read`, and the export is `SYS_read`; internal calls keep their names. */
const CALLS: readonly Call[] = [
  ...SYSCALLS.map(
    (call): Call => ({
      nr: call.nr,
      name: call.name,
      exportName: `SYS_${call.name}`,
      params: wasmParams(call),
      result: "i64",
      hot: call.half === "hot",
      traps: false,
      cold: call.status.kind === "no" ? null : call.args.map(({ type }) => coldType(ARG_TYPES[type])),
    }),
  ),
  ...INTERNAL_CALLS.map(({ nr, name, as = name, params, result, half, traps = false, signed = false }): Call => {
    const cold = params.map((wasm) => coldType({ wasm, signed }));
    return { nr, name: as, exportName: as, params, result, hot: half === "hot", traps, cold };
  }),
];

interface HotHandler {
  /** The file that defines it, without its extension. */
  readonly file: string;
  /** It returns i32 or u32, not i64: what it gives is always the call's result, nothing special. */
  readonly plain: boolean;
}

/** The handlers that the files of a folder define, by name. */
function hotHandlers(folder: string): ReadonlyMap<string, HotHandler> {
  const found = new Map<string, HotHandler>();
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(".ts") || file === "entries.ts") continue;
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, name, type] of text.matchAll(/^export function sys_(\w+)\([^)]*\): (\w+)/gm)) {
      found.set(name, { file: file.slice(0, -3), plain: type === "i32" || type === "u32" });
    }
  }
  return found;
}

const parameters = ({ params }: Call) => params.map((type, i) => `a${i}: ${type}`).join(", ");

/** Arguments to the trap frame. */
const stores = ({ params }: Call) =>
  params.map((type, i) => `  store<i64>(t, ${type === "i32" ? "<i64>" : ""}a${i}, TASK_ARGS + ${8 * i});`);

/** The statements that end an entry with a value of type i64. */
function give({ result, traps }: Call, value: string): string[] {
  if (result === "i64") return [`  return ${value};`];
  if (traps) return [`  const r = ${value};`, "  if (r < 0) unreachable();", "  return <i32>r;"];
  return result === "none" ? [`  ${value};`] : [`  return <i32>${value};`];
}

function entry(call: Call, body: readonly string[]): string {
  const { exportName, result } = call;
  const type = result === "none" ? "void" : result;
  return [`export function ${exportName}(${parameters(call)}): ${type} {`, ...body, "}"].join("\n");
}

/** Tries the hot handler; the slow way where it can not finish, or where it is not to be tried yet. */
function hotEntry(call: Call, { plain }: HotHandler): string {
  const { nr, name, params, result, traps } = call;
  const tried = `sys_${name}(${["current", ...params.map((_, i) => `a${i}`)].join(", ")})`;
  const slow = (first: string) => ["  const t = current;", ...stores(call), ...give(call, `slow(t, ${nr}, ${first})`)];
  if (plain) return entry(call, [`  if (!load<u32>(CPU_WORK)) return ${tried};`, ...slow("NOT_TRIED")]);
  return entry(call, [
    "  let first = NOT_TRIED;",
    "  if (!load<u32>(CPU_WORK)) {",
    `    first = ${tried};`,
    `    if (first > SPECIAL${traps ? " && first >= 0" : ""}) return ${result === "i32" ? "<i32>" : ""}first;`,
    "  }",
    ...slow("first"),
  ]);
}

/** Calls the cold half's handler, and is done unless that brought up something out of the ordinary. */
function coldEntry(call: Call, types: readonly ColdType[]): string {
  const { nr, result } = call;
  const convert = { i32: "", u32: "<f64><u32>", i64: "<f64>" };
  const value = result === "none" ? "" : result === "i32" ? " <i32>first" : " first";
  return entry(call, [
    "  const t = current;",
    "  let first = NOT_TRIED;",
    "  if (!load<u32>(CPU_WORK)) {",
    "    store<u32>(CPU_COLD, 1);",
    `    first = ${coldCall(call, (i) => `${convert[types[i]]}a${i}`)};`,
    "    store<u32>(CPU_COLD, 0);",
    `    if (first > SPECIAL && !load<u32>(CPU_WORK)) return${value};`,
    "  }",
    ...stores(call),
    ...give(call, `slow(t, ${nr}, first)`),
  ]);
}

const coldCall = ({ name, params }: Call, arg: (i: number) => string) =>
  `<i64>cold_${name}(${["load<i32>(t, TASK_SLOT)", ...params.map((_, i) => arg(i))].join(", ")})`;

function coldImport({ name }: Call, types: readonly ColdType[]): string {
  const list = ["slot: i32", ...types.map((type, i) => `a${i}: ${type === "i32" ? "i32" : "f64"}`)];
  return `@external("calls", "${name}")\ndeclare function cold_${name}(${list.join(", ")}): f64;`;
}

const hotCase = ({ nr, name, params }: Call) => {
  const args = params.map((type, i) => `, ${type === "i32" ? "<i32>" : ""}load<i64>(t, TASK_ARGS + ${8 * i})`);
  return `    case ${nr}:\n      return sys_${name}(t${args.join("")});`;
};

const coldCase = (call: Call, types: readonly ColdType[]) => {
  const load = { i32: "load<i32>", u32: "<f64>load<u32>", i64: "<f64>load<i64>" };
  return `    case ${call.nr}:\n      return ${coldCall(call, (i) => `${load[types[i]]}(t, TASK_ARGS + ${8 * i})`)};`;
};

/** The text of entries.ts; `folder`: where the hot half's files are. */
export function generateEntries(folder: string): string {
  const handlers = hotHandlers(folder);
  const imports: string[] = [];
  const declarations: string[] = [];
  const bodies: string[] = [];
  const hotCases: string[] = [];
  const coldCases: string[] = [];
  for (const call of CALLS) {
    const { name, nr, cold } = call;
    if (call.hot) {
      const handler = handlers.get(name);
      if (!handler)
        throw new Error(`the table says that ${name} is hot, but no file of kernel/hot defines sys_${name}`);
      imports.push(`import { sys_${name} } from "./${handler.file}";`);
      bodies.push(hotEntry(call, handler));
      hotCases.push(hotCase(call));
    } else if (cold) bodies.push(coldEntry(call, cold));
    else
      bodies.push(entry(call, ["  const t = current;", ...stores(call), ...give(call, `slow(t, ${nr}, NOT_TRIED)`)]));
    if (cold) {
      declarations.push(coldImport(call, cold));
      coldCases.push(coldCase(call, cold));
    }
  }
  return `// Generated by generate.ts from kernel/abi/syscalls.ts and internal.ts. Not to be edited.
import { NOT_TRIED, SPECIAL, slow } from "./entry";
import { cold_unserved } from "./imports";
import { CPU_COLD, CPU_WORK, RESULT_COLD, TASK_ARGS, TASK_SLOT } from "./layout";
import { current } from "./sched";
${imports.join("\n")}

${declarations.join("\n")}

${bodies.join("\n\n")}

/** Runs the hot handler of a call whose arguments are in the trap frame; RESULT_COLD where it has none. */
export function dispatch_hot(t: u32, nr: i32): i64 {
  switch (nr) {
${hotCases.join("\n")}
    default:
      return RESULT_COLD;
  }
}

/** Serves a call in the cold half whose arguments are in the trap frame. */
export function dispatch_cold(t: u32, nr: i32): i64 {
  switch (nr) {
${coldCases.join("\n")}
    default:
      return <i64>cold_unserved(nr);
  }
}
`;
}

/** The structs whose fields the hot half and adapters of foreign ABIs write. */
const STRUCTS = [dirent, msghdr, stat, statx];

/** The text of structs.ts: STAT_BYTES, STAT_ST_MODE... */
export function generateStructs(): string {
  const lines = STRUCTS.flatMap(({ name, size, offset }) => {
    const prefix = name.toUpperCase();
    const fields = Object.entries(offset).map(
      ([field, at]) => `export const ${prefix}_${field.toUpperCase()}: i32 = ${at};`,
    );
    return [`export const ${prefix}_BYTES: i32 = ${size};`, ...fields];
  });
  return `// Generated by generate.ts from kernel/abi/structs.ts. Not to be edited.\n${lines.join("\n")}\n`;
}
