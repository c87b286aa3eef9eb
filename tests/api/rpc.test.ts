import { describe, expect, test } from "vitest";
import { Ring3Error } from "../../runtime/api/errors.ts";
import { type Message, type Port, portPair, Rpc } from "../../runtime/worker/rpc.ts";

interface Calculator {
  add(a: number, b: number): number;
  later(value: string): Promise<string>;
  fail(code: string): never;
  crash(): never;
  note(text: string): void;
}

function connected(local: Partial<Calculator> = {}) {
  const [a, b] = portPair();
  const notes: string[] = [];
  const there = new Rpc<Record<never, never>>(b, {
    add: (x: number, y: number) => x + y,
    later: async (value: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return value;
    },
    fail: (code: string) => {
      throw new Ring3Error(code, `no ${code}`, { path: "/a", syscall: "open" });
    },
    crash: () => {
      throw new TypeError("oops");
    },
    note: (text: string) => notes.push(text),
    ...local,
  });
  return { here: new Rpc<Calculator>(a, {}), there, notes };
}

describe("rpc", () => {
  test("a call gives the other end's result", async () => {
    const { here } = connected();
    expect(await here.call("add", [1, 2])).toBe(3);
  });

  test("answers may come in any order", async () => {
    const { here } = connected();
    const order: string[] = [];
    const slow = here.call("later", ["slow"]).then((value) => order.push(value));
    const quick = here.call("add", [1, 1]).then(() => order.push("quick"));
    await Promise.all([slow, quick]);
    expect(order).toEqual(["quick", "slow"]);
  });

  test("notifications keep their order", async () => {
    const { here, notes } = connected();
    for (const text of ["a", "b", "c"]) here.notify("note", [text]);
    await here.call("add", [0, 0]);
    expect(notes).toEqual(["a", "b", "c"]);
  });

  test("a Ring3Error arrives as one", async () => {
    const { here } = connected();
    const error = await here.call("fail", ["ENOENT"]).catch((error) => error);
    expect(error).toBeInstanceOf(Ring3Error);
    expect(error).toMatchObject({ code: "ENOENT", message: "no ENOENT", path: "/a", syscall: "open" });
  });

  test("any other error arrives as a crash with the stack of the other end", async () => {
    const { here } = connected();
    const error = await here.call("crash", []).catch((error) => error);
    expect(error).toMatchObject({ code: "ERR_CRASHED", message: "oops" });
    expect(error.stack).toContain("rpc.test.ts");
  });

  test("calls that wait are rejected when the line closes, and so are later ones", async () => {
    const { here } = connected();
    const waiting = here.call("later", ["x"]);
    here.close(new Ring3Error("ERR_CLOSED", "over"));
    await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await expect(here.call("add", [1, 1])).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });

  test("the other end closing is ERR_CLOSED; its crash is ERR_CRASHED", async () => {
    const { here, there } = connected();
    const waiting = here.call("later", ["x"]);
    there.close(new Ring3Error("ERR_CLOSED", "over"));
    await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED" });

    const port: Port = { post: (_: Message) => {}, onMessage: () => {}, onClose: () => {}, close: () => {} };
    const rpc = new Rpc<Calculator>(port, {});
    const call = rpc.call("add", [1, 1]);
    port.onClose(new Error("out of memory"));
    await expect(call).rejects.toMatchObject({ code: "ERR_CRASHED", message: /out of memory/ });
  });
});
