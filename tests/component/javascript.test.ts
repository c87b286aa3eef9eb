/** Programs in JavaScript, made components by jco's tools with an engine inside: real software that others built. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BootOptions, boot, type Machine } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { BUILD_TIMEOUT, componentize } from "./componentize.ts";
import { FOLDER, install } from "./support.ts";

afterAll(clean);

/** The engine has no TextEncoder. */
const TEXT = `
const encode = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const decode = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const print = (text) => getStdout().blockingWriteAndFlush(encode(text + "\\n"));
const attempt = (body) => {
  try {
    return body();
  } catch (error) {
    return error.payload ?? error;
  }
};`;

const IO = ["wasi:io/poll", "wasi:io/streams", "wasi:cli/stdout", "wasi:cli/environment"];

const booted = async (options: BootOptions): Promise<Machine> =>
  boot({ ...options, mounts: [{ host: FOLDER, guest: "/c" }] });

/** Ends a machine; its kernel must have no bug to tell of. */
async function end(machine: Machine): Promise<void> {
  const bugs = (await machine.log()).filter((line) => line.includes("BUG"));
  await machine.shutdown();
  expect(bugs).toEqual([]);
}

describe("files and standard streams", () => {
  let machine: Machine;
  beforeAll(async () => {
    const imports = [...IO, "wasi:cli/stdin", "wasi:filesystem/types", "wasi:filesystem/preopens"];
    const clocks = ["wasi:clocks/monotonic-clock", "wasi:clocks/wall-clock", "wasi:random/random"];
    install(
      "files",
      await componentize(
        "quickjs",
        [...imports, ...clocks],
        `
import { getArguments, getEnvironment, initialCwd } from "wasi:cli/environment@WASI";
import { getStdin } from "wasi:cli/stdin@WASI";
import { getStdout } from "wasi:cli/stdout@WASI";
import { getDirectories } from "wasi:filesystem/preopens@WASI";
import { now, subscribeDuration } from "wasi:clocks/monotonic-clock@WASI";
import { now as wallNow } from "wasi:clocks/wall-clock@WASI";
import { getRandomBytes } from "wasi:random/random@WASI";
import { poll } from "wasi:io/poll@WASI";
${TEXT}
const open = (dir, path, openFlags, flags) => dir.openAt({ symlinkFollow: true }, path, openFlags, flags);
const list = (dir) => {
  const entries = dir.readDirectory();
  const names = [];
  for (let entry; (entry = entries.readDirectoryEntry()); ) names.push(entry.name + ":" + entry.type);
  return names.sort().join(" ");
};
const commands = {
  world() {
    const variables = getEnvironment().filter(([name]) => name === "GREETING");
    print(JSON.stringify([getArguments().slice(1), variables, initialCwd()]));
    const names = getDirectories().map(([, name]) => name);
    print(["/c", "/tmp", "/", "."].map((name) => names.includes(name)).join(" "));
  },
  names() {
    print(getDirectories().map(([, name]) => name).join(" "));
  },
  files() {
    const tmp = getDirectories().find(([, name]) => name === "/tmp")[0];
    tmp.createDirectoryAt("js");
    const js = open(tmp, "js", { directory: true }, { read: true, mutateDirectory: true });
    const file = open(js, "a", { create: true, exclusive: true }, { read: true, write: true });
    file.writeViaStream(0).blockingWriteAndFlush(encode("0123456789"));
    file.appendViaStream().blockingWriteAndFlush(encode("abc"));
    file.writeViaStream(2).blockingWriteAndFlush(encode("**"));
    print(decode(file.readViaStream(1).blockingRead(100)));
    const [bytes, end] = file.read(4, 9);
    print([decode(bytes), end, file.read(4, 13)[1], file.stat().size, file.getType()].join(" "));
    js.symlinkAt("a", "link");
    js.linkAt({}, "a", js, "hard");
    js.renameAt("hard", js, "renamed");
    print(list(js) + " " + js.readlinkAt("link") + " " + js.statAt({}, "link").type + " " + js.statAt({ symlinkFollow: true }, "link").linkCount);
    print(js.isSameObject(js) + " " + file.isSameObject(js));
    file.setSize(3);
    js.setTimesAt({}, "a", { tag: "timestamp", val: { seconds: 1000, nanoseconds: 5 } }, { tag: "no-change" });
    print(JSON.stringify([file.stat().size, js.statAt({}, "a").dataAccessTimestamp]));
    for (const name of ["a", "link", "renamed"]) js.unlinkFileAt(name);
    tmp.removeDirectoryAt("js");
    print(JSON.stringify(attempt(() => tmp.statAt({}, "js"))));
  },
  errors() {
    const dirs = new Map(getDirectories().map(([dir, name]) => [name, dir]));
    const tmp = dirs.get("/tmp");
    const tries = {
      absent: () => open(tmp, "absent", {}, { read: true }),
      above: () => open(tmp, "../etc/passwd", {}, { read: true }),
      around: () => open(tmp, "../tmp", {}, { read: true }),
      absolute: () => open(tmp, "/etc/passwd", {}, { read: true }),
      link: () => (tmp.symlinkAt("../etc", "escape"), open(tmp, "escape/passwd", {}, { read: true })),
      absoluteLink: () => tmp.symlinkAt("/etc", "other"),
      notDirectory: () => open(dirs.get("/etc"), "passwd/x", {}, { read: true }),
      isDirectory: () => open(dirs.get("."), "bin", {}, { write: true }),
      exist: () => tmp.createDirectoryAt("."),
      removeAbove: () => tmp.removeDirectoryAt("../var"),
      long: () => tmp.createDirectoryAt("x".repeat(300)),
      nul: () => open(tmp, "a\\0b", { create: true }, { write: true }),
    };
    for (const [name, body] of Object.entries(tries)) print(name + " " + JSON.stringify(attempt(body)));
    tmp.unlinkFileAt("escape");
  },
  poll() {
    const start = now();
    const input = getStdin();
    const long = subscribeDuration(3600e9);
    const ready = poll([long, subscribeDuration(20e6)]);
    print(JSON.stringify(Array.from(ready)) + " " + (now() - start >= 20e6));
    const again = poll([long, input.subscribe()]);
    print(JSON.stringify(Array.from(again)) + " " + decode(input.read(100)));
    print(JSON.stringify(attempt(() => input.blockingRead(100))));
    print(String(getRandomBytes(16).length) + " " + (wallNow().seconds > 1.7e9));
  },
  copy() {
    const [input, output] = [getStdin(), getStdout()];
    let bytes = 0;
    const result = attempt(() => {
      for (;;) bytes += Number(output.blockingSplice(input, 100000));
    });
    if (result.tag !== "closed") print(JSON.stringify(result));
  },
};
export const run = {
  run() {
    commands[getArguments()[1]]();
  },
};`,
      ),
    );
    machine = await booted({});
  }, BUILD_TIMEOUT);
  afterAll(() => end(machine));
  // By a shell: what is started from outside sees the mounted folder alone.
  const files = async (command: string, options = {}) =>
    (await machine.spawn(`/c/files ${command}; exit $?`, { cwd: "/usr", ...options })).result();

  test("arguments, environment, working directory and preopened directories", async () => {
    const { stdout } = await files("world", { env: { GREETING: "hi=there" } });
    expect(stdout).toBe('[["world"],[["GREETING","hi=there"]],"/usr"]\ntrue true false true\n');
  });

  test("started from outside it sees the mounted folders alone", async () => {
    const { stdout } = await (await machine.spawn(["/c/files", "names"], { cwd: "/usr" })).result();
    expect(stdout).toBe("/c\n");
  });

  test("files are made, read, written, linked, listed and removed", async () => {
    expect(await files("files")).toMatchObject({
      stdout: [
        "1**456789abc",
        "9abc false true 13 regular-file",
        "a:regular-file link:symbolic-link renamed:regular-file a symbolic-link 2",
        "true false",
        '[3,{"seconds":1000,"nanoseconds":5}]',
        '"no-entry"',
        "",
      ].join("\n"),
      stderr: "",
      code: 0,
    });
  });

  test("errors have WASI's names, and no path leads out of its directory", async () => {
    const { stdout } = await files("errors");
    expect(
      Object.fromEntries(
        stdout
          .trim()
          .split("\n")
          .map((line) => line.split(" ")),
      ),
    ).toEqual({
      absent: '"no-entry"',
      above: '"not-permitted"',
      around: '"not-permitted"',
      absolute: '"not-permitted"',
      link: '"not-permitted"',
      absoluteLink: '"not-permitted"',
      notDirectory: '"not-directory"',
      isDirectory: '"is-directory"',
      exist: '"exist"',
      removeAbove: '"not-permitted"',
      long: '"name-too-long"',
      nul: '"invalid"',
    });
  });

  test("poll waits for times and descriptors, and others run meanwhile", async () => {
    const process = await machine.spawn(["/c/files", "poll"], { stdin: "pipe", cwd: "/usr" });
    expect(await (await machine.spawn(["echo", "meanwhile"])).result()).toMatchObject({ stdout: "meanwhile\n" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await process.stdin.write("typed");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await process.stdin.end();
    const { stdout } = await process.result();
    expect(stdout).toBe('[1] true\n[1] typed\n{"tag":"closed"}\n16 true\n');
  });

  test("bytes pass through unchanged", async () => {
    const { stdout } = await (
      await machine.spawn("seq 200000 > /tmp/in; cat /tmp/in | /c/files copy | cmp - /tmp/in && echo same")
    ).result();
    expect(stdout).toBe("same\n");
  });
});

describe("requests over the network", () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    install(
      "fetch",
      await componentize(
        "starlingmonkey",
        ["wasi:cli/environment", "wasi:filesystem/types", "wasi:filesystem/preopens"],
        `
import { getArguments } from "wasi:cli/environment@WASI";
import { getDirectories } from "wasi:filesystem/preopens@WASI";
export const run = {
  async run() {
    const [, base, path] = getArguments();
    const [[root]] = getDirectories();
    const file = root.openAt({ symlinkFollow: true }, path, {}, { read: true });
    const [body] = file.read(1000n, 0n);
    try {
      const hello = await fetch(base + "/hello?a=b");
      console.log(hello.status, hello.headers.get("x-test"), await hello.text());
      const echo = await fetch(base + "/echo", { method: "POST", body, headers: { "x-test": "sent" } });
      console.log(echo.status, JSON.stringify(await echo.json()));
      const big = await fetch(base + "/big");
      console.log((await big.arrayBuffer()).byteLength);
    } catch (error) {
      console.error("failed: " + error);
      throw error;
    }
  },
};`,
      ),
    );
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const { method, url, headers } = request;
        response.setHeader("x-test", "answered");
        if (url === "/big") response.end(Buffer.alloc(1_000_000));
        else if (method === "GET") response.end(`${method} ${url}`);
        else response.writeHead(201).end(JSON.stringify({ body, header: headers["x-test"] }));
      });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }, BUILD_TIMEOUT);
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("fetch gets, posts what stands in a file, and reads what comes", async () => {
    const machine = await booted({ network: true });
    const command = `echo from a file >/tmp/in; /c/fetch ${base} tmp/in | sort`;
    expect(await (await machine.spawn(command)).result()).toMatchObject({
      stdout: ["1000000", "200 answered GET /hello?a=b", '201 {"body":"from a file\\n","header":"sent"}', ""].join(
        "\n",
      ),
      stderr: "",
    });
    await end(machine);
  });

  test("a machine without a network refuses", async () => {
    const machine = await booted({});
    const { code, stdout, stderr } = await (await machine.spawn(`>/tmp/in; /c/fetch ${base} tmp/in; exit $?`)).result();
    // That it is refused is all that the engine tells.
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^failed: Error: fetch.*An error occurred while using the host API/),
    });
    await end(machine);
  });
});
