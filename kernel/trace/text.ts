/** How strace writes numbers, names, strings and times. */
import type { ConstantSet } from "../abi/constants.ts";

/** 0x1f; 0 is plain "0", as printf's %#x has it. */
export function hex(value: number): string {
  if (value === 0) return "0";
  return `0x${Number.isSafeInteger(value) && value > 0 ? value.toString(16) : unsigned64(value).toString(16)}`;
}

/** 64 bits as an unsigned integer, exact where the number is. */
export function unsigned64(value: number): bigint {
  return BigInt.asUintN(64, BigInt(Math.trunc(value)));
}

/** Permissions: at least three octal digits, the first of them 0. */
export function octal(value: number): string {
  return value === 0 ? "000" : `0${value.toString(8)}`.padStart(3, "0");
}

export function address(value: number): string {
  return value === 0 ? "NULL" : hex(value >>> 0);
}

/** The name of `value`, or its number with the comment that it has none. */
export function enumName(set: ConstantSet, value: number): string {
  return nameOf(set, value) ?? `${hex(value >>> 0)} /* ${set.unknown} */`;
}

/** The name of `value` in the set, if any. */
export function nameOf(set: ConstantSet, value: number): string | undefined {
  const wanted = value >>> 0;
  for (const [name, number] of set.list) if (number === wanted) return name;
  return undefined;
}

/**
 * The names of the bits of `value`, joined by "|", then the bits that have no name. `separator` comes between this and names that stand
 * before it: with one, 0 is "", and unnamed bits need no comment.
 */
export function flagNames(set: ConstantSet, value: number, separator = ""): string {
  let rest = value >>> 0;
  if (rest === 0) return separator === "" ? (set.zero ?? "0") : "";
  const names: string[] = [];
  for (const [name, bits] of set.list) {
    if (bits !== 0 && (rest & bits) >>> 0 === bits) {
      names.push(name);
      rest = (rest & ~bits) >>> 0;
    }
  }
  if (names.length === 0 && separator === "") return `${hex(rest)} /* ${set.unknown} */`;
  if (rest !== 0) names.push(hex(rest));
  return separator + names.join("|");
}

// biome-ignore format: a table
const ESCAPES: Readonly<Record<number, string>> = {
  9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\",
};

/** Bytes as a C string in quotes; what does not print is octal, with as few digits as stay unambiguous. */
export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (ESCAPES[byte] !== undefined) text += ESCAPES[byte];
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else {
      const next = bytes[i + 1];
      const digitFollows = next >= 0x30 && next <= 0x37;
      text += `\\${digitFollows ? byte.toString(8).padStart(3, "0") : byte.toString(8)}`;
    }
  }
  return `${text}"`;
}

/** Bytes in quotes, each in hexadecimal: what strace does with random bytes. */
export function quoteHex(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) text += `\\x${byte.toString(16).padStart(2, "0")}`;
  return `${text}"`;
}

/** "2026-11-22T02:36:38+0000", with the fraction where there is one of `digits` digits; "" for time 0, as strace has it. */
export function isoTime(seconds: number, fraction = 0, digits = 0): string {
  if (seconds === 0 && fraction === 0) return "";
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const head = date.toISOString().slice(0, -5);
  return `${head}${fraction === 0 ? "" : `.${String(fraction).padStart(digits, "0")}`}+0000`;
}
