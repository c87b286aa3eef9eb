// The cache of prepared images: hits, damage, read-only and missing folders, writers at the same time, its limit.

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileCache, userCacheFolder } from "../../runtime/host/node/cache.ts";
import { cacheKey } from "../../runtime/loader/cache.ts";
import { type ImageCache, LoadError, type Prepared, prepare } from "../../runtime/loader/index.ts";
import { CACHED_FROM } from "../../runtime/loader/prepare.ts";
import { assemble, instantiate } from "./support.ts";

const SMALL =
  assemble(`(module (import "host" "i32" (func $i32 (param i32))) (memory 1) (global (mut i32) (i32.const 1024))
  (func (export "_start") (loop (br_if 0 (i32.const 0))) (call $i32 (memory.grow (i32.const 1)))))`);
/** The same with so much in a custom section, whose name is empty, that it is cached. */
const PROGRAM = new Uint8Array([...SMALL, 0, ...leb(CACHED_FROM), ...new Array(CACHED_FROM).fill(0)]);

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

let folder: string;
let counter = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ring3-cache-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A folder that does not exist yet. */
const fresh = () => join(folder, `cache-${counter++}`, "images");

async function works(prepared: Prepared): Promise<void> {
  const guest = await instantiate(prepared);
  guest.call("ring3:init");
  guest.call("_start");
  expect(guest.log).toEqual([1]);
}

test("the second time a program comes from the cache, and is the same", async () => {
  const cache = fileCache(fresh());
  const first = await prepare(PROGRAM, { cache });
  const second = await prepare(PROGRAM, { cache });
  expect([first.cached, second.cached]).toEqual([false, true]);
  expect(second.bytes).toEqual(first.bytes);
  const { timings, ...info } = first.info;
  expect(second.info).toMatchObject(JSON.parse(JSON.stringify(info)));
  expect(second.info.timings).toHaveProperty("cache");
  expect(second.info.timings.rewrite).toBe(timings.rewrite);
  await works(second);
});

test("a small program is not worth an entry", async () => {
  const place = fresh();
  const image = await prepare(SMALL, { cache: fileCache(place) });
  expect([image.cached, image.info.hash]).toEqual([false, undefined]);
  await works(image);
  await expect(readdir(place)).rejects.toThrow(/ENOENT/);
});

test("another way of polling is another entry", async () => {
  const cache = fileCache(fresh());
  await prepare(PROGRAM, { cache });
  expect((await prepare(PROGRAM, { cache, polls: "count" })).cached).toBe(false);
  expect((await prepare(PROGRAM, { cache, polls: "count" })).cached).toBe(true);
});

test("a damaged entry is noticed and replaced", async () => {
  const place = fresh();
  const cache = fileCache(place);
  const { info } = await prepare(PROGRAM, { cache });
  const path = join(place, cacheKey(info.hash!, "flag"));
  const good = await readFile(path);
  const damages = [
    () => good.subarray(0, good.length - 1),
    () => new Uint8Array(),
    () => good.subarray(0, 20),
    () => new TextEncoder().encode("not an entry at all, but long enough to be one if nobody looked closely"),
    ...[0, 10, 50, 200, good.length - 1].map((at) => () => good.map((byte, i) => (i === at ? byte ^ 1 : byte))),
  ];
  for (const damage of damages) {
    await writeFile(path, damage());
    const again = await prepare(PROGRAM, { cache });
    expect(again.cached).toBe(false);
    await works(again);
    expect((await prepare(PROGRAM, { cache })).cached).toBe(true);
  }
});

test("images that came prepared are looked at first, and not written", async () => {
  const preparedFolder = fresh();
  await prepare(PROGRAM, { cache: fileCache(preparedFolder) });
  const place = fresh();
  const image = await prepare(PROGRAM, { prepared: fileCache(preparedFolder), cache: fileCache(place) });
  expect(image.cached).toBe(true);
  await expect(readdir(place)).rejects.toThrow(/ENOENT/);
  for (const name of await readdir(preparedFolder)) await writeFile(join(preparedFolder, name), "damaged");
  const again = await prepare(PROGRAM, { prepared: fileCache(preparedFolder), cache: fileCache(place) });
  expect(again.cached).toBe(false);
  expect((await prepare(PROGRAM, { prepared: fileCache(preparedFolder), cache: fileCache(place) })).cached).toBe(true);
});

test("where the cache cannot be written, programs are prepared each time", async () => {
  const inAFile = join(folder, "a-file");
  await writeFile(inAFile, "");
  const readOnly = fresh();
  await mkdir(readOnly, { recursive: true });
  await chmod(readOnly, 0o500);
  // The superuser writes everywhere but under a file and in /proc.
  const places = [join(inAFile, "images"), "/proc/ring3/images", ...(process.getuid?.() === 0 ? [] : [readOnly])];
  for (const place of places) {
    const cache = fileCache(place);
    expect((await prepare(PROGRAM, { cache })).cached).toBe(false);
    await works(await prepare(PROGRAM, { cache }));
  }
});

test("a full disk leaves no half entry behind", async () => {
  const cache = fileCache("/dev/full/images");
  expect((await prepare(PROGRAM, { cache })).cached).toBe(false);
});

test("a file that is refused is not kept", async () => {
  const place = fresh();
  await expect(prepare(new Uint8Array([1]), { cache: fileCache(place) })).rejects.toThrow(LoadError);
  await expect(readdir(place)).rejects.toThrow(/ENOENT/);
});

test("many writers at once", async () => {
  const place = fresh();
  const images = await Promise.all(Array.from({ length: 20 }, () => prepare(PROGRAM, { cache: fileCache(place) })));
  for (const image of images) await works(image);
  expect((await readdir(place)).length).toBe(1);
  expect((await prepare(PROGRAM, { cache: fileCache(place) })).cached).toBe(true);
});

test("what killed writers left behind goes, and the oldest entries over the limit", async () => {
  const place = fresh();
  const cache = fileCache(place, 2500);
  const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
  const put = async (name: string, age: number) => {
    await cache.put(name, new Uint8Array(1000));
    const when = new Date(Date.now() - age);
    await utimes(join(place, name), when, when);
  };
  await put("a", 3000);
  await writeFile(join(place, "killed.tmp"), "");
  await utimes(join(place, "killed.tmp"), old, old);
  await writeFile(join(place, "running.tmp"), "");
  await put("b", 2000);
  expect((await readdir(place)).sort()).toEqual(["a", "b", "running.tmp"]);
  await cache.get("a"); // now b is the one that was not used for longest
  await put("c", 0);
  expect((await readdir(place)).sort()).toEqual(["a", "c", "running.tmp"]);
});

test("entries are the user's own", async () => {
  const place = fresh();
  await prepare(PROGRAM, { cache: fileCache(place) });
  expect((await stat(place)).mode & 0o077).toBe(0);
});

test("an entry that this V8 does not take is prepared anew", async () => {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  const cache: ImageCache = {
    get: async (key) => entries.get(key),
    put: async (key, bytes) => void entries.set(key, new Uint8Array(bytes)),
  };
  const { info } = await prepare(PROGRAM, { cache });
  const { encodeEntry } = await import("../../runtime/loader/cache.ts");
  await cache.put(cacheKey(info.hash!, "flag"), encodeEntry(info, new Uint8Array([0, 0x61, 0x73, 0x6d, 9, 9, 9, 9])));
  expect((await prepare(PROGRAM, { cache })).cached).toBe(false);
  expect((await prepare(PROGRAM, { cache })).cached).toBe(true);
});

test("the folder follows the XDG Base Directory Specification", () => {
  expect(userCacheFolder({ XDG_CACHE_HOME: "/x/cache" })).toBe("/x/cache/ring3/images");
  expect(userCacheFolder({ XDG_CACHE_HOME: "relative" })).toMatch(/\/\.cache\/ring3\/images$/);
  expect(userCacheFolder({})).toMatch(/\/\.cache\/ring3\/images$/);
});
