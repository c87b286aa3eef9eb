/** The syscall table tells the truth: what it says is served has a handler, and the other way round. */
import { expect, test } from "vitest";
import { INTERNAL_CALLS } from "../../kernel/abi/internal.ts";
import { SYSCALLS } from "../../kernel/abi/syscalls.ts";
import { HANDLERS } from "../../kernel/syscalls.ts";

const coldNames = SYSCALLS.filter(({ half }) => half === "cold");

test("every cold call that is not refused has a handler", () => {
  const missing = coldNames.filter(({ name, status }) => status.kind !== "no" && !HANDLERS[name]);
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test("no call with a handler is listed as refused", () => {
  const listed = coldNames.filter(({ name, status }) => status.kind === "no" && HANDLERS[name]);
  expect(listed.map(({ name }) => name)).toEqual([]);
});

test("every handler serves a call of one of the tables", () => {
  const names = new Set([...SYSCALLS.map(({ name }) => name), ...INTERNAL_CALLS.map(({ name, as }) => as ?? name)]);
  expect(Object.keys(HANDLERS).filter((name) => !names.has(name))).toEqual([]);
});
