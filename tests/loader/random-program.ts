// Random valid programs for the unwinding pass: functions full of nested blocks, loops, switches, exceptions, values that wait on the
// operand stack, calls of each other directly, through a table and as tail calls, and calls of imports that unwind.

import { Writer } from "../../runtime/loader/binary.ts";
import { Op } from "../../runtime/loader/opcodes.ts";
import { ExternKind, SectionId, typeKey, VALUE_TYPE_CODES, type ValueType } from "../../runtime/loader/sections.ts";
import { ZERO } from "../../runtime/loader/thunks.ts";
import { plainEffects, prefixedEffects } from "../../runtime/loader/unwind/effects.ts";

/** Marsaglia's xorshift: numbers below a limit, the same sequence every time. */
export type Random = (limit: number) => number;

export function generator(seed: number): Random {
  let state = (seed * 2654435761) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

interface Type {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** How exceptions are caught: by the legacy encoding, by the new one, or not at all. A module has one encoding. */
export type Exceptions = "none" | "legacy" | "new";

/** Imports: those that unwind, and what they take and give. */
export const UNWINDING: Readonly<Record<string, Type>> = {
  SYS_fork: { params: ["i32", "i64"], results: ["i64"] },
  SYS_vfork: { params: [], results: ["i32"] },
  setjmp: { params: ["f64", "f32"], results: [] },
  sigsetjmp: { params: ["i32"], results: ["i32", "f64"] },
};
/** And one that logs. */
export const LOG: Type = { params: ["i32", "i64", "f32", "f64"], results: [] };

interface Function extends Type {
  readonly index: number;
}

interface Operation {
  readonly code: readonly number[];
  readonly operands: readonly ValueType[];
  readonly result?: ValueType;
}

/** Instructions that neither trap nor let one see the bits of a NaN, nor have immediates. */
const OPERATIONS: readonly Operation[] = [
  ...plainEffects.rows
    .filter(({ op }) => op >= Op.i32Eqz && !between(op, 0x6d, 0x70) && !between(op, 0x7f, 0x82))
    .filter(({ op }) => !between(op, 0xa8, 0xab) && !between(op, 0xae, 0xb1) && !between(op, 0xbc, 0xbf))
    // Not copysign, which shows the sign of a NaN: V8's compilers differ in it.
    .filter(({ op }) => op !== 0x98 && op !== 0xa6)
    .map((row) => ({ ...row, code: [row.op] })),
  ...prefixedEffects[0].rows.filter(({ op }) => op < 8).map((row) => ({ ...row, code: [Op.misc, row.op] })),
  ...prefixedEffects[1].rows
    .filter(({ op }) => between(op, 0x0f, 0x12) || between(op, 0x4d, 0x53) || between(op, 0x6e, 0x73) || op === 0x64)
    .map((row) => ({ ...row, code: [Op.vector, row.op] })),
];

function between(value: number, first: number, last: number): boolean {
  return value >= first && value <= last;
}

const NUMBERS: readonly ValueType[] = ["i32", "i64", "f32", "f64", "v128"];
/** The types of locals: mostly numbers that programs count with. */
const LOCALS: readonly ValueType[] = ["i32", "i32", "i32", "i64", "f32", "f64", "v128"];

/** Global 0: how many calls and turns of loops are still allowed. */
const FUEL = 120;

interface Label {
  /** What a branch to it takes. */
  readonly types: readonly ValueType[];
  readonly loop: boolean;
  /** A catch of the legacy encoding, which a rethrow can name. */
  caught: boolean;
}

export interface Program {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly globals: readonly ValueType[];
}

/** Makes a program; its size grows with `size`. */
export function randomProgram(random: Random, size: number, exceptions: Exceptions): Program {
  return new Maker(random, size, exceptions).make();
}

class Maker {
  readonly #random: Random;
  readonly #size: number;
  readonly #exceptions: Exceptions;
  readonly #types: Type[] = [];
  readonly #functions: Function[] = [];
  readonly #imports: readonly (readonly [string, string, Type])[];
  #table: number[] = [];
  #tags: Type[] = [];
  readonly #globals: ValueType[] = ["i32", ...NUMBERS.slice(0, 4)];
  // The function being written.
  #w = new Writer();
  #function!: Function;
  #locals: ValueType[] = [];
  #stack: ValueType[] = [];
  #labels: Label[] = [];
  #left = 0;

  constructor(random: Random, size: number, exceptions: Exceptions) {
    this.#random = random;
    this.#size = size;
    this.#exceptions = exceptions;
    this.#imports = [
      ...Object.entries(UNWINDING).map(([name, type]) => ["wali", name, type] as const),
      ["host", "log", LOG],
    ];
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)];
  }

  #chance(percent: number): boolean {
    return this.#random(100) < percent;
  }

  #someTypes(most: number): ValueType[] {
    return Array.from({ length: this.#random(most + 1) }, () => this.#pick(NUMBERS));
  }

  #type(type: Type): number {
    const key = typeKey(type.params, type.results);
    const known = this.#types.findIndex((each) => typeKey(each.params, each.results) === key);
    return known >= 0 ? known : this.#types.push(type) - 1;
  }

  make(): Program {
    const count = 2 + this.#random(6);
    const imported = this.#imports.length;
    const shapes: Type[] = [
      { params: [], results: [] },
      { params: ["i32"], results: ["i32"] },
      { params: this.#someTypes(3), results: this.#someTypes(2) },
      { params: this.#someTypes(2), results: this.#someTypes(3) },
    ];
    for (let i = 0; i < count; i++) {
      const shape = i === 0 ? shapes[0] : this.#pick(shapes);
      this.#functions.push({ ...shape, index: imported + i });
    }
    for (const [, , type] of this.#imports) this.#type(type);
    this.#table = Array.from({ length: 2 + this.#random(5) }, () =>
      this.#chance(20) ? this.#random(imported - 1) : imported + this.#random(count),
    );
    this.#tags = [
      { params: [], results: [] },
      { params: ["i32"], results: [] },
      { params: this.#someTypes(2), results: [] },
    ];
    const bodies = this.#functions.map((each) => this.#body(each));
    const elements = [...new Set(this.#table)];
    const types = [...this.#functions, ...this.#tags].map((type) => this.#type(type));

    const w = new Writer(4096).raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    const vector = (id: number, count: number, write: (i: number) => void) => {
      w.section(id, () => {
        w.u32(count);
        for (let i = 0; i < count; i++) write(i);
      });
    };
    vector(SectionId.type, this.#types.length, (i) => {
      const { params, results } = this.#types[i];
      w.u8(0x60);
      for (const list of [params, results]) w.u32(list.length).raw(list.map((type) => VALUE_TYPE_CODES[type]));
    });
    vector(SectionId.import, imported, (i) => {
      const [module, name, type] = this.#imports[i];
      w.name(module).name(name).u8(ExternKind.function).u32(this.#type(type));
    });
    vector(SectionId.function, count, (i) => void w.u32(types[i]));
    vector(SectionId.table, 1, () => void w.u8(VALUE_TYPE_CODES.funcref).u8(0).u32(this.#table.length));
    vector(SectionId.memory, 1, () => void w.u8(1).u32(1).u32(1));
    if (this.#exceptions !== "none")
      vector(SectionId.tag, this.#tags.length, (i) => void w.u8(0).u32(types[count + i]));
    vector(SectionId.global, this.#globals.length, (i) => {
      w.u8(VALUE_TYPE_CODES[this.#globals[i]]).u8(1);
      if (i === 0) w.u8(Op.i32Const).s32(FUEL);
      else w.raw(ZERO[this.#globals[i]]);
      w.u8(Op.end);
    });
    vector(SectionId.export, 2 + this.#globals.length, (i) => {
      if (i === 0) w.name("_start").u8(ExternKind.function).u32(imported);
      else if (i === 1) w.name("memory").u8(ExternKind.memory).u32(0);
      else
        w.name(`g:${i - 2}`)
          .u8(ExternKind.global)
          .u32(i - 2);
    });
    vector(SectionId.element, elements.length === 0 ? 0 : 1, () => {
      w.u32(0).u8(Op.i32Const).s32(0).u8(Op.end).u32(this.#table.length);
      for (const index of this.#table) w.u32(index);
    });
    vector(SectionId.code, count, (i) => void w.u32(bodies[i].length).raw(bodies[i]));
    return { bytes: w.view(), globals: this.#globals };
  }

  // ------------------------------------------------------------ one function

  #body(type: Function): Uint8Array {
    this.#function = type;
    this.#locals = [...type.params, ...Array.from({ length: 2 + this.#random(6) }, () => this.#pick(LOCALS))];
    this.#stack = [];
    this.#labels = [{ types: type.results, loop: false, caught: false }];
    this.#left = this.#size;
    const w = new Writer(256);
    this.#w = w;
    const own = this.#locals.slice(type.params.length);
    w.u32(own.length);
    for (const local of own) w.u8(1).u8(VALUE_TYPE_CODES[local]);
    // Out of fuel: any result.
    this.#ifFuel(true);
    for (const each of type.results) w.raw(ZERO[each]);
    w.u8(Op.return).u8(Op.end);
    this.#sequence(0, type.results);
    return w.u8(Op.end).view();
  }

  /** Opens an if for when there is (no) fuel left, having burnt some. */
  #ifFuel(none: boolean): void {
    const w = this.#w;
    w.u8(Op.globalGet).u8(0).u8(Op.i32Const).s32(1).u8(Op.i32Sub).u8(Op.globalSet).u8(0);
    w.u8(Op.globalGet).u8(0).u8(Op.i32Const).s32(0).u8(Op.i32LtS);
    if (!none) w.u8(Op.i32Eqz);
    w.u8(Op.if).u8(Op.emptyBlock);
  }

  /** Instructions from here to the end of a block, which leaves `results` above `base`. */
  #sequence(base: number, results: readonly ValueType[]): void {
    const steps = 1 + this.#random(8);
    for (let i = 0; i < steps && this.#left-- > 0; i++) {
      if (this.#step(base)) {
        // Control does not come here: now and then some code that cannot run.
        if (this.#chance(20)) this.#dead();
        this.#stack.length = base;
        this.#stack.push(...results);
        return;
      }
    }
    this.#settle(base, results);
  }

  #dead(): void {
    const w = this.#w;
    w.u8(Op.call).u32(this.#pick(this.#functions).index);
    if (this.#chance(50)) w.u8(Op.block).u8(Op.emptyBlock).u8(Op.br).u32(0).u8(Op.drop).u8(Op.end);
    w.u8(Op.unreachable);
  }

  /** Brings the stack above `base` to `types`: drops what does not fit, pushes what is missing. */
  #settle(base: number, types: readonly ValueType[]): void {
    let fitting = 0;
    while (fitting < types.length && this.#stack[base + fitting] === types[fitting]) fitting++;
    while (this.#stack.length > base + fitting) this.#consume();
    for (const type of types.slice(fitting)) this.#value(type);
  }

  #consume(): void {
    const type = this.#stack.pop()!;
    const local = this.#local(type);
    if (local >= 0 && this.#chance(60)) this.#w.u8(Op.localSet).u32(local);
    else this.#w.u8(Op.drop);
  }

  /** Some local of a type, -1 where there is none. */
  #local(type: ValueType): number {
    const found = this.#locals.flatMap((each, local) => (each === type ? [local] : []));
    return found.length === 0 ? -1 : this.#pick(found);
  }

  /** Pushes a value of a type. */
  #value(type: ValueType): void {
    const w = this.#w;
    const local = this.#local(type);
    if (local >= 0 && this.#chance(70)) w.u8(Op.localGet).u32(local);
    else if (type === "i32" && this.#chance(20)) {
      w.u8(Op.i32Const).s32(this.#random(4096)).u8(Op.i32Load).u8(2).u32(this.#random(9));
    } else if (type === "i32") w.u8(Op.i32Const).s32(this.#random(1000) - 500);
    else if (type === "i64") w.u8(Op.i64Const).s32(this.#random(100_000) - 50_000);
    else if (type === "v128") w.raw([Op.vector, 0x0c]).raw(Array.from({ length: 16 }, () => this.#random(256)));
    else {
      w.u8(Op.i32Const)
        .s32(this.#random(1000))
        .u8(type === "f32" ? 0xb2 : 0xb7);
    }
    this.#stack.push(type);
  }

  #values(types: readonly ValueType[]): void {
    for (const type of types) this.#value(type);
  }

  /** One instruction or block. Gives whether control does not go on behind it. */
  #step(base: number): boolean {
    switch (this.#random(15)) {
      case 0:
      case 1:
        this.#value(this.#pick(NUMBERS));
        return false;
      case 2:
      case 3:
        this.#operation(base);
        return false;
      case 4:
        if (this.#stack.length > base) this.#consume();
        return false;
      case 5:
        this.#store();
        return false;
      case 6:
        this.#log();
        return false;
      case 7:
      case 8:
        this.#callImport();
        return false;
      case 9:
        return this.#call();
      case 10:
        return this.#branch(base);
      case 11:
        return this.#exception();
      default:
        this.#block(base);
        return false;
    }
  }

  #operation(base: number): void {
    const stack = this.#stack;
    const { code, operands, result } = this.#pick(OPERATIONS);
    // Operands that are there are taken; else they are pushed.
    const there =
      stack.length - operands.length >= base &&
      operands.every((type, i) => stack[stack.length - operands.length + i] === type);
    if (!there) this.#values(operands);
    this.#w.raw(code);
    stack.length -= operands.length;
    if (result) stack.push(result);
    if (result && this.#chance(30)) {
      const local = this.#local(result);
      if (local >= 0) this.#w.u8(Op.localTee).u32(local);
    }
  }

  #store(): void {
    const w = this.#w;
    if (this.#chance(50)) {
      const global = 1 + this.#random(this.#globals.length - 1);
      this.#value(this.#globals[global]);
      w.u8(Op.globalSet).u32(global);
      this.#stack.pop();
      return;
    }
    w.u8(Op.i32Const).s32(this.#random(4096));
    this.#value("i32");
    this.#stack.pop();
    w.u8(Op.i32Store).u8(2).u32(this.#random(9));
  }

  #log(): void {
    this.#values(LOG.params);
    this.#w.u8(Op.call).u32(this.#imports.length - 1);
    this.#stack.length -= LOG.params.length;
  }

  #callImport(): void {
    const index = this.#random(this.#imports.length - 1);
    const [, , { params, results }] = this.#imports[index];
    this.#values(params);
    this.#w.u8(Op.call).u32(index);
    this.#stack.length -= params.length;
    this.#stack.push(...results);
  }

  #call(): boolean {
    const w = this.#w;
    const tail = this.#chance(15);
    if (this.#chance(50)) {
      const { params, results, index } = this.#pick(this.#functions);
      this.#values(params);
      if (tail && results.join() === this.#function.results.join()) {
        w.u8(Op.returnCall).u32(index);
        return true;
      }
      w.u8(Op.call).u32(index);
      this.#stack.length -= params.length;
      this.#stack.push(...results);
      return false;
    }
    const slot = this.#random(this.#table.length);
    const target = this.#table[slot];
    const imported = this.#imports[target]?.[2];
    const { params, results } = imported ?? this.#functions[target - this.#imports.length];
    this.#values(params);
    w.u8(Op.i32Const).s32(slot);
    const returns = tail && results.join() === this.#function.results.join();
    w.u8(returns ? Op.returnCallIndirect : Op.callIndirect)
      .u32(this.#type({ params, results }))
      .u8(0);
    this.#stack.length -= params.length;
    if (!returns) this.#stack.push(...results);
    return returns;
  }

  #branch(base: number): boolean {
    const w = this.#w;
    const depth = this.#random(this.#labels.length);
    const { types, loop } = this.#labels[this.#labels.length - 1 - depth];
    if (types.includes("exnref")) return false;
    if (loop) {
      this.#ifFuel(false);
      this.#values(types);
      w.u8(Op.br)
        .u32(depth + 1)
        .u8(Op.end);
      this.#stack.length -= types.length;
      return false;
    }
    const alike = this.#labels.flatMap((label, i) =>
      !label.loop && label.types.join() === types.join() ? [this.#labels.length - 1 - i] : [],
    );
    if (this.#chance(30)) {
      this.#values(types);
      this.#value("i32");
      const labels = Array.from({ length: 1 + this.#random(4) }, () => this.#pick(alike));
      w.u8(Op.brTable).u32(labels.length - 1);
      for (const label of labels) w.u32(label);
      return true;
    }
    if (this.#chance(30)) {
      this.#values(types);
      w.u8(Op.br).u32(depth);
      return true;
    }
    this.#values(types);
    this.#value("i32");
    w.u8(Op.brIf).u32(depth);
    this.#stack.pop();
    if (this.#stack.length - types.length < base) throw new Error("a branch below its block");
    return false;
  }

  #exception(): boolean {
    if (this.#exceptions === "none") return false;
    const w = this.#w;
    if (this.#exceptions === "legacy" && this.#chance(30)) {
      const caught = this.#labels.flatMap(({ caught }, i) => (caught ? [this.#labels.length - 1 - i] : []));
      if (caught.length === 0) return false;
      w.u8(Op.rethrow).u32(this.#pick(caught));
      return true;
    }
    if (!this.#chance(40)) return false;
    this.#throw();
    return true;
  }

  #throw(): void {
    const tag = this.#random(this.#tags.length);
    const { params } = this.#tags[tag];
    this.#values(params);
    this.#stack.length -= params.length;
    this.#w.u8(Op.throw).u32(tag);
  }

  // ------------------------------------------------------------ blocks

  #blockType(params: readonly ValueType[], results: readonly ValueType[]): void {
    const w = this.#w;
    if (params.length === 0 && results.length === 0) w.u8(Op.emptyBlock);
    else if (params.length === 0 && results.length === 1) w.u8(VALUE_TYPE_CODES[results[0]]);
    else w.s32(this.#type({ params, results }));
  }

  #block(base: number): void {
    const w = this.#w;
    const stack = this.#stack;
    const count = this.#chance(25) ? this.#random(Math.min(3, stack.length - base) + 1) : 0;
    const results = this.#someTypes(this.#chance(60) ? 1 : 3);
    const kind = this.#random(this.#exceptions === "none" ? 3 : 5);
    if (kind === 2) this.#value("i32");
    if (kind === 2) stack.pop();
    const params = stack.slice(stack.length - count);
    const bottom = stack.length - count;
    const inside = (types: readonly ValueType[], label: Label, values: readonly ValueType[] = params) => {
      this.#labels.push(label);
      stack.length = bottom;
      stack.push(...values);
      this.#sequence(bottom, types);
      this.#labels.pop();
    };
    const plain: Label = { types: results, loop: false, caught: false };
    if (kind === 0 || kind === 1) {
      w.u8(kind === 0 ? Op.block : Op.loop);
      this.#blockType(params, results);
      inside(results, kind === 0 ? plain : { types: params, loop: true, caught: false });
    } else if (kind === 2) {
      w.u8(Op.if);
      this.#blockType(params, results);
      inside(results, plain);
      if (params.join() !== results.join() || this.#chance(50)) {
        w.u8(Op.else);
        inside(results, plain);
      }
    } else if (this.#exceptions === "legacy") {
      this.#legacyTry(params, results, inside);
      if (this.#delegated) {
        this.#delegated = false;
        return;
      }
    } else {
      this.#tryTable(bottom, params, results, inside);
      return;
    }
    w.u8(Op.end);
    stack.length = bottom;
    stack.push(...results);
  }

  #delegated = false;

  #legacyTry(
    params: readonly ValueType[],
    results: readonly ValueType[],
    inside: (types: readonly ValueType[], label: Label, values?: readonly ValueType[]) => void,
  ): void {
    const w = this.#w;
    w.u8(Op.try);
    this.#blockType(params, results);
    const label: Label = { types: results, loop: false, caught: false };
    inside(results, label);
    if (this.#chance(40)) this.#throw();
    if (this.#chance(15)) {
      w.u8(Op.delegate).u32(this.#random(this.#labels.length));
      this.#delegated = true;
      return;
    }
    const handler = (values: readonly ValueType[]) => {
      const caught = this.#chance(40);
      inside(results, { ...label, caught }, values);
      if (!caught || this.#chance(50)) return;
      this.#value("i32");
      this.#stack.pop();
      w.u8(Op.if).u8(Op.emptyBlock).u8(Op.rethrow).u32(1).u8(Op.end);
    };
    for (let tag = 0; tag < this.#tags.length; tag++) {
      if (this.#chance(50)) continue;
      w.u8(Op.catch).u32(tag);
      handler(this.#tags[tag].params);
    }
    if (this.#chance(40)) {
      w.u8(Op.catchAll);
      handler([]);
    }
  }

  /**
   * block $out (results)
   *   block $caught (what the clause brings)
   *     try_table (results) (catch... $caught) ... end
   *     br $out
   *   end
   *   <handler>
   * end
   */
  #tryTable(
    bottom: number,
    params: readonly ValueType[],
    results: readonly ValueType[],
    inside: (types: readonly ValueType[], label: Label, values?: readonly ValueType[]) => void,
  ): void {
    const w = this.#w;
    const kind = this.#random(4);
    const tag = this.#random(this.#tags.length);
    const brings: ValueType[] = kind < 2 ? [...this.#tags[tag].params] : [];
    const reference = kind === 1 || kind === 3;
    // The parameters are in the way of the blocks: into locals, or away.
    for (const _ of params) this.#consume();
    const out: Label = { types: results, loop: false, caught: false };
    w.u8(Op.block);
    this.#blockType([], results);
    this.#labels.push(out);
    w.u8(Op.block);
    this.#blockType([], reference ? [...brings, "exnref"] : brings);
    this.#labels.push({ types: ["exnref"], loop: false, caught: false });
    w.u8(Op.tryTable);
    this.#blockType([], results);
    w.u32(1).u8(kind);
    if (kind < 2) w.u32(tag);
    w.u32(0);
    inside(results, { types: results, loop: false, caught: false }, []);
    w.u8(Op.end).u8(Op.br).u32(1).u8(Op.end);
    this.#labels.pop();
    this.#stack.length = bottom;
    this.#stack.push(...brings);
    if (reference) {
      // It is thrown on after a while, or forgotten; it lies on the stack meanwhile.
      this.#stack.push("exnref");
      if (this.#chance(50)) this.#callImport();
      while (this.#stack[this.#stack.length - 1] !== "exnref") this.#consume();
      this.#stack.pop();
      if (this.#chance(30)) {
        w.u8(Op.throwRef);
        this.#stack.length = bottom;
        this.#stack.push(...results);
        w.u8(Op.end);
        this.#labels.pop();
        return;
      }
      w.u8(Op.drop);
    }
    this.#sequence(bottom, results);
    this.#labels.pop();
    w.u8(Op.end);
    this.#stack.length = bottom;
    this.#stack.push(...results);
  }
}
