/**
 * A component taken apart by jco: JavaScript glue that lifts and lowers values, and the core modules that it links. jco is 4 MB of
 * WebAssembly and takes some 0.3 s for a small component, so it is loaded only when one is met that no cache holds.
 */
import { LoadError, oneLine, refuse } from "../../loader/errors.ts";
import { type Item, type Outside, readOutside } from "./binary.ts";
import { findInterface } from "./wasi/interfaces.ts";

export interface Transpiled {
  /** Text of a function body that gives the glue's `instantiate`. */
  readonly glue: string;
  /** Core modules by the names that the glue knows them by. */
  readonly cores: ReadonlyMap<string, Uint8Array>;
  /** What the component exports: names of interfaces with their version, and of functions. */
  readonly exports: readonly string[];
  /** It imports or exports functions of WASI 0.3. */
  readonly async: boolean;
  /** TypeScript declarations by file name. */
  readonly types: Readonly<Record<string, string>>;
}

type Jco = typeof import("@bytecodealliance/jco-transpile/component");

let jco: Promise<Jco> | undefined;

/** Rejects with a LoadError where the package is not installed. */
async function loadJco(): Promise<Jco> {
  try {
    jco ??= import("@bytecodealliance/jco-transpile/component");
    const module = await jco;
    await module.$init;
    return module;
  } catch (error) {
    jco = undefined;
    return refuse("unsupported", `a component needs @bytecodealliance/jco-transpile: ${(error as Error).message}`, -1);
  }
}

/** Takes a component apart. Rejects with a LoadError, which names the first interface that ring3 lacks. */
export async function transpile(bytes: Uint8Array): Promise<Transpiled> {
  const outside = readOutside(bytes);
  for (const item of outside.imports) checkImport(item);
  const { generate } = await loadJco();
  const run = (exports: string[]) => {
    try {
      return generate(bytes, {
        name: "component",
        instantiation: { tag: "async" },
        noNodejsCompat: true,
        base64Cutoff: 0,
        noComponentErrorWrapping: true,
        map: specifiers(outside),
        asyncMode: { tag: "jspi", val: { imports: asyncImports(outside), exports } },
      });
    } catch (error) {
      throw new LoadError("malformed", `not a valid component: ${describe(error)}`, -1);
    }
  };
  // The exported functions are to run on stacks that can be suspended, and only the glue tells their names.
  const names = exportedFunctions(text(run([]).files, "component.js"));
  const { files, exports } = run(names);
  const glue = text(files, "component.js");
  checkFunctions(glue);
  return {
    glue: functionBody(glue),
    cores: new Map(files.filter(([name]) => name.endsWith(".wasm"))),
    exports: exports.map(([name]) => name),
    async: isAsync(outside),
    types: Object.fromEntries(
      files.filter(([name]) => name.endsWith(".d.ts")).map(([name]) => [name, text(files, name)]),
    ),
  };
}

function describe(error: unknown): string {
  const { payload, message } = error as { payload?: unknown; message?: string };
  return oneLine(String(payload ?? message ?? error));
}

function text(files: readonly (readonly [string, Uint8Array])[], name: string): string {
  return new TextDecoder().decode(files.find(([file]) => file === name)![1]);
}

/** Refuses an import that nobody serves. */
function checkImport({ name, kind }: Item): void {
  // A type that is only named needs nobody to serve it.
  if (kind === "type") return;
  if (kind !== "instance") refuse("unsupported", `it imports the ${kind} ${name}, which ring3 does not have`, -1);
  if (!findInterface(name)) refuse("unsupported", `it imports ${name}, which ring3 does not have`, -1);
}

/** Names of the imported functions that may wait and are no asynchronous functions by their type, as jco's options want them. */
function asyncImports(outside: Outside): string[] {
  return outside.imports.flatMap(({ name }) => {
    const waits = findInterface(name)?.waits ?? [];
    // Rust's standard library flushes in asynchronous functions too, where jco lets nothing wait that is not asynchronous itself.
    const flush = /^wasi:io\/streams@/.test(name) && !isAsync(outside) ? ["[method]output-stream.blocking-flush"] : [];
    return [...waits, ...flush].map((item) => `${name}#${item}`);
  });
}

/** Whether functions of WASI 0.3, which are asynchronous, are among what is imported and exported. */
function isAsync({ imports, exports }: Outside): boolean {
  return [...imports, ...exports].some(({ name }) => /^wasi:.*@0\.3\./.test(name));
}

/** What an import is called in the glue: jco leaves versions out, and two of them can be there at once. */
function specifiers({ imports }: Outside): [string, string][] {
  return imports.flatMap(({ name }): [string, string][] => {
    const found = findInterface(name);
    return found && found.specifier !== name.replace(/@.*/, "") ? [[name, found.specifier]] : [];
  });
}

/** Names of the exported functions as jco's options want them: `package:name/interface#function`, or `function`. */
function exportedFunctions(glue: string): string[] {
  const names = new Set<string>();
  const calls = /\[iface="([^"]*)", function="([^"]*)"\]\[Instruction::CallWasm\] enter/g;
  for (const [, item, name] of glue.matchAll(calls)) {
    // A constructor cannot wait in JavaScript: jco has none that does.
    if (!name.startsWith("[constructor]")) names.add(item === name ? name : `${item}#${name}`);
  }
  return [...names];
}

/** Refuses a component that wants a function which an interface of ours does not have. */
function checkFunctions(glue: string): void {
  for (const [, names, specifier] of glue.matchAll(/^const \{ ([^}]*) \} = imports\['([^']+)'\];$/gm)) {
    const served = findInterface(specifier)?.names ?? [];
    for (const entry of names.split(",")) {
      const name = entry.split(":")[0].trim();
      if (!served.includes(name))
        refuse("unsupported", `it imports ${name} of ${specifier}, which ring3 does not have`, -1);
    }
  }
}

/** Where the glue notes whose code runs: see reactor.ts, `pause`. */
const TASK_META = /^\s*(?:const|let|var) CURRENT_TASK_META\s*=\s*\{[^}]*\};/m;

/** The glue is an ES module; it runs as a function, whose parameters stand for the globals that it uses. */
function functionBody(glue: string): string {
  const body = glue.replace(/^export (?=const |function |class )/gm, "").replaceAll("import.meta.url", '""');
  return `"use strict";\n${body.replace(TASK_META, "$& keepTaskMeta(CURRENT_TASK_META);")}\nreturn instantiate;`;
}
