// Reads a module's sections, all but the function bodies, into what the rewriter needs: positions in the file, no tree.
// https://webassembly.github.io/spec/core/binary/modules.html

import { Reader } from "./binary.ts";
import { refuse } from "./errors.ts";
import * as limits from "./limits.ts";
import { Feature } from "./opcodes.ts";
import { Site, Sites } from "./sites.ts";

export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

// By id: the name for messages, and the place in the order that the format prescribes.
const SECTION_NAMES = "custom,type,import,function,table,memory,global,export,start,element,code,data,data count,tag";
const SECTION_ORDER = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6];

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref" | "exnref";

const VALUE_TYPES: Readonly<Record<number, ValueType>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  112: "funcref",
  111: "externref",
  105: "exnref",
};

/** The byte that encodes a value type. */
export const VALUE_TYPE_CODES = Object.fromEntries(
  Object.entries(VALUE_TYPES).map(([code, name]) => [name, Number(code)]),
) as Readonly<Record<ValueType, number>>;

/** A function type. Types that are written twice in a module are one object. */
export interface FuncType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Text that is the same for the same type. */
  readonly key: string;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface FuncImport {
  readonly module: string;
  readonly name: string;
  readonly type: number;
}

export interface GlobalDef {
  readonly type: ValueType;
  readonly mutable: boolean;
  /** The initial value where it is one `i32.const`. */
  readonly value: number | undefined;
}

export interface MemoryDef {
  /** Pages of 64 KiB. */
  readonly min: number;
  readonly max: number | undefined;
  readonly shared: boolean;
  /** Its entry in the import section, if it is imported. */
  readonly imported: (Range & { readonly module: string; readonly name: string }) | undefined;
}

export interface DataSegment {
  /** The offset expression of an active segment, without its `end`, and its value where it is a constant. */
  readonly offset: (Range & { readonly value: number | undefined }) | undefined;
  readonly bytes: Range;
}

export interface TableDef {
  readonly type: ValueType;
  readonly min: number;
}

export interface Export {
  readonly kind: number;
  readonly index: number;
}

export const ExternKind = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** A module as its sections describe it. Positions are offsets in `bytes`. */
export interface ModuleView {
  readonly bytes: Uint8Array;
  /** Where each section's content lies, by section id. */
  readonly sections: ReadonlyMap<number, Range>;
  readonly types: readonly FuncType[];
  readonly imports: readonly FuncImport[];
  /** Type index of each defined function. */
  readonly functions: Uint32Array;
  readonly tables: readonly TableDef[];
  readonly memory: MemoryDef | undefined;
  readonly globals: readonly GlobalDef[];
  readonly exports: ReadonlyMap<string, Export>;
  /** Type index of each tag. */
  readonly tags: readonly number[];
  /** Function index of the start function. */
  readonly start: number | undefined;
  readonly data: readonly DataSegment[];
  /** The declared number of data segments: present where the file has a data count section. */
  readonly dataCount: number | undefined;
  /** Content of the name section. */
  readonly names: Range | undefined;
  /** Function indices in the table, global and element sections, in the order of the file. */
  readonly references: Sites;
  /** Bits of `Feature` that the sections show. */
  readonly features: number;
}

const MAGIC = 0x6d736100;

/** Checks size and first eight bytes, and says what the file is instead, as far as that is easy to tell. */
export function checkPreamble(bytes: Uint8Array): void {
  if (bytes.length > limits.MAX_FILE) {
    refuse("too-big", `${bytes.length} bytes, over the limit of ${limits.MAX_FILE}`, -1);
  }
  if (bytes.length === 0) refuse("not-wasm", "the file is empty", 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint32(0, true) !== MAGIC) refuse("not-wasm", describeForeign(bytes), 0);
  if (bytes.length < 8) refuse("malformed", "the file ends inside the preamble", bytes.length);
  const version = view.getUint16(4, true);
  const layer = view.getUint16(6, true);
  if (layer === 1) refuse("component", "a component, where a core module is needed", 4);
  if (layer !== 0) refuse("unsupported", `layer ${layer} of the WebAssembly format`, 6);
  if (version !== 1) refuse("unsupported", `version ${version} of the WebAssembly format, expected 1`, 4);
}

function describeForeign(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 8));
  if (head.startsWith("#!")) return "a script (#!), not a WebAssembly module";
  if (head.startsWith("\x7fELF")) return "a native program (ELF), not a WebAssembly module";
  if (head.startsWith("!<arch>")) return "a static library (ar), not a WebAssembly module";
  if (head.trimStart().startsWith("(module")) return "a module in text form (WAT), not in binary form";
  const text = bytes.subarray(0, 512).every((byte) => byte >= 0x20 || (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b);
  return `not a WebAssembly module (${text ? "a text file" : "it does not begin with \\0asm"})`;
}

/**
 * Reads everything but the function bodies. `part`: a module that is linked with others, as those of a component are; it may import
 * tables, globals and tags too. Throws `LoadError`.
 */
export function readSections(bytes: Uint8Array, part = false): ModuleView {
  checkPreamble(bytes);
  return new SectionReader(bytes, part).read();
}

class SectionReader implements ModuleView {
  readonly bytes: Uint8Array;
  readonly sections = new Map<number, Range>();
  readonly types: FuncType[] = [];
  readonly imports: FuncImport[] = [];
  functions = new Uint32Array(0);
  readonly tables: TableDef[] = [];
  memory: MemoryDef | undefined;
  readonly globals: GlobalDef[] = [];
  readonly exports = new Map<string, Export>();
  readonly tags: number[] = [];
  start: number | undefined;
  readonly data: DataSegment[] = [];
  dataCount: number | undefined;
  names: Range | undefined;
  readonly references = new Sites();
  features = 0;
  readonly #r: Reader;
  readonly #part: boolean;
  readonly #interned = new Map<string, FuncType>();
  /** What reads each section's content, by section id. */
  readonly #content: readonly (() => void)[] = [
    () => this.#custom(),
    () => this.#each("types", limits.MAX_TYPES, () => this.#type()),
    () => this.#each("imports", limits.MAX_IMPORTS, () => this.#import()),
    () => this.#functions(),
    () => this.#each("tables", limits.MAX_TABLES, () => this.#table()),
    () => this.#each("memories", limits.MAX_MEMORIES, () => this.#memory()),
    () => this.#each("globals", limits.MAX_GLOBALS, () => this.#global()),
    () => this.#each("exports", limits.MAX_EXPORTS, () => this.#export()),
    () => this.#start(),
    () => this.#each("element segments", limits.MAX_ELEMENT_SEGMENTS, () => this.#element()),
    () => {}, // code: scan.ts
    () => this.#each("data segments", limits.MAX_DATA_SEGMENTS, () => this.#data()),
    () => {
      this.dataCount = this.#r.u32("data count");
    },
    () => this.#each("tags", limits.MAX_TAGS, () => this.#tag()),
  ];

  constructor(bytes: Uint8Array, part: boolean) {
    this.bytes = bytes;
    this.#part = part;
    this.#r = new Reader(bytes, 8);
  }

  read(): ModuleView {
    const r = this.#r;
    const names = SECTION_NAMES.split(",");
    let order = 0;
    while (r.pos < this.bytes.length) {
      const at = r.pos;
      const id = r.byte("section id");
      const name = names[id] ?? refuse("malformed", `unknown section id ${id}`, at);
      const size = r.u32(`size of the ${name} section`);
      const left = this.bytes.length - r.pos;
      if (size > left) refuse("malformed", `the ${name} section says ${size} bytes, but ${left} are left`, at);
      const range = { start: r.pos, end: r.pos + size };
      if (id !== SectionId.custom) {
        if (SECTION_ORDER[id] <= order) refuse("malformed", `the ${name} section is twice there or out of order`, at);
        order = SECTION_ORDER[id];
        this.sections.set(id, range);
      }
      r.end = range.end;
      this.#content[id]();
      if (id !== SectionId.custom && id !== SectionId.code && r.pos !== range.end) {
        refuse("malformed", `the ${name} section has ${range.end - r.pos} bytes too many`, r.pos);
      }
      r.pos = range.end;
      r.end = this.bytes.length;
    }
    const declared = this.functions.length;
    if (declared > 0 && !this.sections.has(SectionId.code)) {
      refuse("malformed", `${declared} functions are declared, but there is no code section`, this.bytes.length);
    }
    if (this.dataCount !== undefined && this.dataCount !== this.data.length) {
      const stated = `the data count section says ${this.dataCount}, but there are ${this.data.length} data segments`;
      refuse("malformed", stated, this.sections.get(SectionId.dataCount)!.start);
    }
    return this;
  }

  #each(what: string, limit: number, element: () => void): void {
    const count = this.#r.count(what, limit);
    for (let i = 0; i < count; i++) element();
  }

  #custom(): void {
    // A custom section may hold anything; the only one of interest is `name`, and a bad one is no reason to refuse.
    const r = this.#r;
    const start = r.pos;
    if (r.u32("length of a custom section's name") !== 4 || r.end - r.pos < 4) return;
    const tag = String.fromCharCode(...this.bytes.subarray(r.pos, r.pos + 4));
    if (tag === "name") this.names = { start: start + 5, end: r.end };
  }

  #valueType(what: string): ValueType {
    const at = this.#r.pos;
    const code = this.#r.byte(what);
    return VALUE_TYPES[code] ?? refuseType(code, what, at);
  }

  #valueTypes(what: string, limit: number): ValueType[] {
    const count = this.#r.count(what, limit);
    const types: ValueType[] = [];
    for (let i = 0; i < count; i++) types.push(this.#valueType(what));
    return types;
  }

  #type(): void {
    const r = this.#r;
    const at = r.pos;
    const form = r.byte("type");
    if (form !== 0x60) {
      const gc = form === 0x4e || form === 0x4f || form === 0x50 || form === 0x5e || form === 0x5f;
      if (gc) refuse("unsupported", "types of the GC proposal (struct, array, recursive and sub types)", at);
      refuse("malformed", `unknown form of type 0x${form.toString(16)}`, at);
    }
    const params = this.#valueTypes("parameters", limits.MAX_PARAMETERS);
    const results = this.#valueTypes("results", limits.MAX_RESULTS);
    if (results.length > 1) this.features |= Feature.multiValue;
    const key = typeKey(params, results);
    const known = this.#interned.get(key) ?? { params, results, key };
    this.#interned.set(key, known);
    this.types.push(known);
  }

  #typeIndex(what: string): number {
    const at = this.#r.pos;
    const index = this.#r.u32(what);
    if (index >= this.types.length)
      refuse("malformed", `${what} ${index}, but there are ${this.types.length} types`, at);
    return index;
  }

  #import(): void {
    const r = this.#r;
    const at = r.pos;
    const module = r.name("module name of an import");
    const name = r.name("name of an import");
    if (this.#part) for (const each of [module, name]) checkPartName(each, at);
    const kindAt = r.pos;
    const kind = r.byte("kind of an import");
    if (kind === ExternKind.function) {
      this.imports.push({ module, name, type: this.#typeIndex("type of an imported function") });
    } else if (kind === ExternKind.memory) {
      this.#memory({ module, name, start: at });
    } else if (this.#part && kind === ExternKind.table) {
      const type = this.#valueType("element type of a table");
      this.#limits("table");
      this.tables.push({ type, min: Number.POSITIVE_INFINITY });
    } else if (this.#part && kind === ExternKind.global) {
      this.globals.push({ ...this.#globalType(), value: undefined });
    } else if (this.#part && kind === ExternKind.tag) {
      this.#tag();
    } else {
      const what = ["", "table", "", "global", "tag"][kind];
      if (what === undefined) refuse("malformed", `unknown kind of import ${kind}`, kindAt);
      refuse("unsupported", `imports the ${what} ${module}.${name}; only functions and a memory can be imported`, at);
    }
  }

  #functions(): void {
    const count = this.#r.count("functions", limits.MAX_FUNCTIONS);
    this.functions = new Uint32Array(count);
    for (let i = 0; i < count; i++) this.functions[i] = this.#typeIndex("type of a function");
  }

  /** Minimum and maximum; `flags` bit 0: has a maximum, bit 1: shared, bit 2: 64-bit indices. */
  #limits(what: string): { min: number; max: number | undefined; shared: boolean } {
    const r = this.#r;
    const at = r.pos;
    const flags = r.byte(`limits of a ${what}`);
    if (flags & 0x04) refuse("unsupported", `a ${what} with 64-bit addresses (memory64)`, at);
    if (flags & 0x08) refuse("unsupported", `a ${what} with a page size of its own`, at);
    if (flags > 0x03) refuse("malformed", `unknown limits flags 0x${flags.toString(16)}`, at);
    const min = r.u32(`minimum of a ${what}`);
    const max = flags & 0x01 ? r.u32(`maximum of a ${what}`) : undefined;
    if (max !== undefined && max < min) refuse("malformed", `a ${what} with a maximum below its minimum`, at);
    return { min, max, shared: (flags & 0x02) !== 0 };
  }

  #table(): void {
    const r = this.#r;
    const initialised = r.bytes[r.pos] === 0x40;
    if (initialised) {
      r.byte("table");
      const at = r.pos;
      if (r.byte("table") !== 0) refuse("malformed", "unknown form of table", at);
    }
    const type = this.#valueType("element type of a table");
    if (type !== "funcref") this.features |= Feature.referenceTypes;
    const { min } = this.#limits("table");
    if (initialised) this.#constant("initial value of a table");
    this.tables.push({ type, min });
  }

  #memory(item?: { module: string; name: string; start: number }): void {
    const at = this.#r.pos;
    if (this.memory) refuse("unsupported", "more than one memory", at);
    const { min, max, shared } = this.#limits("memory");
    if (min > limits.MAX_PAGES) refuse("malformed", `a memory of ${min} pages, over ${limits.MAX_PAGES}`, at);
    if (shared) this.features |= Feature.atomics;
    const imported = item && { ...item, end: this.#r.pos };
    this.memory = { min, max, shared, imported };
  }

  #tag(): void {
    const at = this.#r.pos;
    if (this.#r.byte("attribute of a tag") !== 0) refuse("malformed", "unknown attribute of a tag", at);
    this.tags.push(this.#typeIndex("type of a tag"));
  }

  #globalType(): { type: ValueType; mutable: boolean } {
    const type = this.#valueType("type of a global");
    const at = this.#r.pos;
    const mutability = this.#r.byte("mutability of a global");
    if (mutability > 1) refuse("malformed", `unknown mutability ${mutability} of a global`, at);
    return { type, mutable: mutability === 1 };
  }

  #global(): void {
    const type = this.#globalType();
    const { value } = this.#constant("initial value of a global");
    this.globals.push({ ...type, value });
  }

  #export(): void {
    const r = this.#r;
    const name = r.name("name of an export");
    const at = r.pos;
    if (this.#part) checkPartName(name, at);
    const kind = r.byte("kind of an export");
    const counts = [this.imports.length + this.functions.length, this.tables.length, this.memory ? 1 : 0];
    counts.push(this.globals.length, Infinity);
    if (kind >= counts.length) refuse("malformed", `unknown kind of export ${kind}`, at);
    const index = r.u32("index of an export");
    if (index >= counts[kind]) refuse("malformed", `the export ${name} names item ${index} of ${counts[kind]}`, at);
    if (kind === ExternKind.global && this.globals[index].mutable) this.features |= Feature.mutableGlobals;
    this.exports.set(name, { kind, index });
  }

  #functionIndex(what: string): number {
    const at = this.#r.pos;
    const index = this.#r.u32(what);
    const count = this.imports.length + this.functions.length;
    if (index >= count) refuse("malformed", `${what} ${index}, but there are ${count} functions`, at);
    return index;
  }

  #start(): void {
    const at = this.#r.pos;
    this.start = this.#functionIndex("start function");
    const { key } = this.types[typeOfFunction(this, this.start)];
    if (key !== typeKey([], [])) refuse("malformed", "the start function takes parameters or has a result", at);
  }

  #reference(what: string): void {
    this.references.add(this.#r.pos, Site.reference);
    this.#functionIndex(what);
  }

  /** A constant expression: its place without the `end`, and its value where it is a single i32.const. */
  #constant(what: string): Range & { value: number | undefined } {
    const r = this.#r;
    const start = r.pos;
    let value: number | undefined;
    for (let instructions = 0; ; instructions++) {
      const at = r.pos;
      const opcode = r.byte(what);
      switch (opcode) {
        case 0x0b:
          return { start, end: at, value: instructions === 1 ? value : undefined };
        case 0x23:
          r.u32(what);
          break;
        case 0x41:
          value = Number(r.signed(32, what));
          break;
        case 0x42:
          r.signed(64, what);
          break;
        case 0x43:
          r.skip(4, what);
          break;
        case 0x44:
          r.skip(8, what);
          break;
        case 0x6a:
        case 0x6b:
        case 0x6c:
        case 0x7c:
        case 0x7d:
        case 0x7e:
          this.features |= Feature.extendedConst;
          break;
        case 0xd0:
          this.features |= Feature.referenceTypes;
          this.#valueType(what);
          break;
        case 0xd2:
          this.features |= Feature.referenceTypes;
          this.#reference(what);
          break;
        case 0xfd:
          if (r.u32(what) !== 0x0c) refuse("malformed", `${what}: not a constant instruction`, at);
          this.features |= Feature.simd;
          r.skip(16, what);
          break;
        default:
          if (opcode === 0xfb) refuse("unsupported", `${what}: an instruction of the GC proposal`, at);
          refuse("malformed", `${what}: 0x${opcode.toString(16)} is not a constant instruction`, at);
      }
    }
  }

  // https://webassembly.github.io/spec/core/binary/modules.html#element-section
  #element(): void {
    const r = this.#r;
    const at = r.pos;
    const flags = r.u32("kind of an element segment");
    if (flags > 7) refuse("malformed", `unknown kind of element segment ${flags}`, at);
    const [active, explicit, expressions] = [(flags & 1) === 0, (flags & 2) !== 0, (flags & 4) !== 0];
    const table = active && explicit ? r.u32("table of an element segment") : 0;
    const offset = active ? this.#constant("offset of an element segment").value : undefined;
    if (flags & 3) {
      const kindAt = r.pos;
      if (expressions) this.#valueType("type of an element segment");
      else if (r.byte("kind of elements") !== 0) refuse("malformed", "unknown kind of elements", kindAt);
    }
    if (flags !== 0) this.features |= active ? Feature.referenceTypes : Feature.bulkMemory;
    const count = r.count("elements", limits.MAX_ELEMENT_SEGMENTS);
    for (let i = 0; i < count; i++) {
      if (expressions) this.#constant("element");
      else this.#reference("element");
    }
    if (!active) return;
    const size =
      this.tables[table]?.min ?? refuse("malformed", `an element segment for table ${table}, which is not there`, at);
    if (offset !== undefined && (offset >>> 0) + count > size) {
      refuse("malformed", `an element segment of ${count} at ${offset >>> 0} passes the table's end at ${size}`, at);
    }
  }

  #data(): void {
    const r = this.#r;
    const at = r.pos;
    const flags = r.u32("kind of a data segment");
    if (flags > 2) refuse("malformed", `unknown kind of data segment ${flags}`, at);
    if (flags === 1) this.features |= Feature.bulkMemory;
    if (flags === 2 && r.u32("memory of a data segment") !== 0) refuse("unsupported", "more than one memory", at);
    const offset = flags === 1 ? undefined : this.#constant("offset of a data segment");
    const length = r.u32("length of a data segment");
    const start = r.skip(length, "data segment");
    if (offset) {
      const { min, imported } = this.memory ?? refuse("malformed", "a data segment, but no memory", at);
      // Another's memory may be larger than this module asks for.
      const size = this.#part && imported ? Number.POSITIVE_INFINITY : min * 0x10000;
      const from = (offset.value ?? 0) >>> 0;
      if (from + length > size) {
        refuse("malformed", `a data segment of ${length} bytes at ${from} passes the memory's end at ${size}`, at);
      }
    }
    this.data.push({ offset, bytes: { start, end: start + length } });
  }
}

/** jco writes the names of core modules into JavaScript between quotes, as they are (0.15): none may end the string. */
function checkPartName(name: string, at: number): void {
  if (!isPlainName(name))
    refuse("unsupported", `the name ${JSON.stringify(name)} has characters that ring3 does not take`, at);
}

/** Whether a name is itself in every kind of string and comment of JavaScript. */
export function isPlainName(name: string): boolean {
  return !/['"`\\{}\p{Cc}\u2028\u2029]|\*\//u.test(name);
}

function refuseType(code: number, what: string, at: number): never {
  const gc = code === 0x63 || code === 0x64 || (code >= 0x68 && code <= 0x74);
  if (gc) return refuse("unsupported", `${what}: a reference type of the GC proposal`, at);
  return refuse("malformed", `${what}: unknown type 0x${code.toString(16)}`, at);
}

/** Text that identifies a function type: `i32,i32:i64`. */
export function typeKey(params: readonly ValueType[], results: readonly ValueType[]): string {
  return `${params.join(",")}:${results.join(",")}`;
}

/** The type index of any function, imported or defined. */
export function typeOfFunction(view: ModuleView, index: number): number {
  const { imports, functions } = view;
  return index < imports.length ? imports[index].type : functions[index - imports.length];
}
