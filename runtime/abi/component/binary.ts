/**
 * A component's outside: what it imports and exports, read from the binary format.
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
import { Reader } from "../../loader/binary.ts";
import { refuse } from "../../loader/errors.ts";
import { isPlainName } from "../../loader/sections.ts";

/** Version 13 of layer 1: what every tool has written since 2023. */
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Whether these are the bytes of a component, of whatever version. */
export function isComponent(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [0, 1, 2, 3, 6, 7].every((i) => bytes[i] === PREAMBLE[i]);
}

const SECTION_NAMES =
  "custom,core module,core instance,core type,component,instance,alias,type,canon,start,import,export,value";
const CUSTOM = 0;
const IMPORT = 10;
const EXPORT = 11;

/** Kinds of items, by sort or by kind of external description. */
const KINDS: Readonly<Record<number, string>> = {
  0: "core module",
  1: "function",
  2: "value",
  3: "type",
  4: "component",
  5: "instance",
};

export interface Item {
  /** `wasi:io/streams@0.2.6`, or a plain name. */
  readonly name: string;
  readonly kind: string;
}

export interface Outside {
  readonly imports: readonly Item[];
  readonly exports: readonly Item[];
}

/** Reads the outermost component's imports and exports. Throws `LoadError` (malformed) where the sections make no sense. */
export function readOutside(bytes: Uint8Array): Outside {
  if (bytes[4] !== PREAMBLE[4] || bytes[5] !== PREAMBLE[5]) {
    const version = bytes[4] | (bytes[5] << 8);
    refuse("unsupported", `version ${version} of the component format, expected ${PREAMBLE[4]}`, 4);
  }
  const imports: Item[] = [];
  const exports: Item[] = [];
  const names = SECTION_NAMES.split(",");
  const r = new Reader(bytes, 8);
  while (r.pos < bytes.length) {
    const at = r.pos;
    const id = r.byte("section id");
    const name = names[id] ?? refuse("malformed", `unknown section id ${id} of a component`, at);
    const size = r.u32(`size of the ${name} section`);
    const left = bytes.length - r.pos;
    if (size > left) refuse("malformed", `the ${name} section says ${size} bytes, but ${left} are left`, at);
    const end = r.pos + size;
    if (id === IMPORT || id === EXPORT) {
      const section = new Reader(bytes, r.pos, end);
      const count = section.count(`${name}s`, 100_000);
      for (let i = 0; i < count; i++) (id === IMPORT ? imports : exports).push(readItem(section, id));
    } else if (id === CUSTOM) new Reader(bytes, r.pos, end).name("name of a custom section");
    r.pos = end;
  }
  return { imports, exports };
}

function readItem(r: Reader, section: number): Item {
  const at = r.pos;
  const form = r.byte("name of an item");
  if (form > 1) refuse("unsupported", `a name of form ${form}`, at);
  const name = r.name("name of an item");
  if (!isPlainName(name)) refuse("unsupported", `the name ${JSON.stringify(name)} of an item`, at);
  if (section === IMPORT) return { name, kind: description(r) };
  const kind = sort(r);
  r.u32("index of an export");
  if (r.byte("type of an export") === 1) description(r);
  return { name, kind };
}

function sort(r: Reader): string {
  const at = r.pos;
  const sort = r.byte("sort");
  if (sort === 0) r.byte("core sort");
  return KINDS[sort] ?? refuse("malformed", `unknown sort ${sort}`, at);
}

/** An externdesc: gives its kind. */
function description(r: Reader): string {
  const at = r.pos;
  const kind = r.byte("description of an item");
  if (kind === 0) r.byte("core sort");
  // A type is bound by another (0, index) or is a fresh resource (1).
  const bound = kind === 2 || kind === 3 ? r.byte("bound") : 0;
  if (kind !== 3 || bound === 0) r.signed(33, "type of an item");
  return KINDS[kind] ?? refuse("malformed", `unknown kind of item ${kind}`, at);
}
