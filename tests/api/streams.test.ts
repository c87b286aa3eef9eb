import { describe, expect, test } from "vitest";
import { Ring3Error } from "../../runtime/api/errors.ts";
import { GuestInput, GuestOutput } from "../../runtime/api/streams.ts";
import { OUTPUT_WINDOW } from "../../runtime/worker/protocol.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function output() {
  const log = { credit: 0, cancelled: false };
  const stream = new GuestOutput(1, {
    credit: (bytes) => {
      log.credit += bytes;
    },
    cancel: () => {
      log.cancelled = true;
    },
  });
  return { stream, log };
}

describe("GuestOutput", () => {
  test("text() gathers everything up to the end", async () => {
    const { stream } = output();
    const text = stream.text();
    stream.push(bytes("grü"));
    stream.push(bytes("ße"));
    stream.finish();
    expect(await text).toBe("grüße");
  });

  test("a character split between chunks is whole in text()", async () => {
    const { stream } = output();
    const [first, second] = [bytes("ü").slice(0, 1), bytes("ü").slice(1)];
    stream.push(first);
    stream.push(second);
    stream.finish();
    expect(await stream.text()).toBe("ü");
  });

  test("credit is given for what was read, not for what has come", async () => {
    const { stream, log } = output();
    const chunk = new Uint8Array(OUTPUT_WINDOW / 2);
    stream.push(chunk);
    stream.push(chunk);
    expect(log.credit).toBe(0);
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    expect(log.credit).toBe(OUTPUT_WINDOW / 2);
  });

  test("a reader that has taken everything always leaves credit for more", async () => {
    const { stream, log } = output();
    const reader = stream[Symbol.asyncIterator]();
    let sent = 0;
    for (let i = 0; i < 1000; i++) {
      expect(OUTPUT_WINDOW + log.credit - sent).toBeGreaterThanOrEqual(1000);
      stream.push(new Uint8Array(1000));
      sent += 1000;
      await reader.next();
    }
  });

  test("leaving the loop closes the pipe", async () => {
    const { stream, log } = output();
    stream.push(bytes("a"));
    for await (const _ of stream) break;
    expect(log.cancelled).toBe(true);
  });

  test("only one reader", async () => {
    const { stream } = output();
    stream.finish();
    await stream.text();
    await expect(stream.text()).rejects.toMatchObject({ code: "ERR_STREAM" });
  });

  test("gather() gives up at its limit", async () => {
    const { stream, log } = output();
    stream.push(new Uint8Array(100));
    expect(await stream.gather(99)).toBe(null);
    expect(log.cancelled).toBe(true);
  });
});

/** An input whose other end takes what `take` resolves. */
function input(take: (chunk: Uint8Array) => Promise<void> = async () => {}) {
  const log = { chunks: [] as string[], ended: false };
  const stream = new GuestInput(1, {
    write: (chunk) => {
      log.chunks.push(new TextDecoder().decode(chunk));
      return take(chunk);
    },
    end: () => {
      log.ended = true;
    },
  });
  return { stream, log };
}

describe("GuestInput", () => {
  test("bytes are copied: the caller may use its buffer again at once", async () => {
    let seen = new Uint8Array();
    const { stream } = input(async (chunk) => {
      seen = new Uint8Array(chunk);
    });
    const buffer = Buffer.from("abc");
    const written = stream.write(buffer.subarray(0, 2));
    buffer.fill(0);
    await written;
    expect([...seen]).toEqual([97, 98]);
  });

  test("a write nobody awaits may fail without harm", async () => {
    const { stream } = input(() => Promise.reject(new Ring3Error("EPIPE", "write: broken pipe")));
    void stream.write("lost");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(stream.write("lost")).rejects.toMatchObject({ code: "EPIPE" });
  });

  test("a write after end() is refused", async () => {
    const { stream, log } = input();
    await stream.end("last");
    await expect(stream.write("more")).rejects.toMatchObject({ code: "ERR_STREAM" });
    expect(log).toEqual({ chunks: ["last"], ended: true });
  });

  test("nothing is taken from a source before the guest reads", async () => {
    const { stream, log } = input();
    let asked = 0;
    const source = (async function* () {
      for (const text of ["a", "b"]) {
        asked++;
        yield text;
      }
    })();
    const piping = stream.pipeFrom(source);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toBe(0);
    stream.wanted();
    await piping;
    expect(log).toEqual({ chunks: ["a", "b"], ended: true });
  });

  test("a source is read no faster than the guest takes it", async () => {
    const takers: (() => void)[] = [];
    const { stream } = input(() => new Promise((resolve) => takers.push(resolve)));
    let asked = 0;
    const source = (async function* () {
      for (;;) {
        asked++;
        yield "x";
      }
    })();
    stream.wanted();
    const piping = stream.pipeFrom(source);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toBe(1);
    stream.closed();
    takers[0]();
    await piping;
  });

  test("a reader that goes ends a source that is waiting", async () => {
    const { stream, log } = input();
    let returned = false;
    const source: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    stream.wanted();
    const piping = stream.pipeFrom(source);
    await new Promise((resolve) => setTimeout(resolve, 5));
    stream.closed();
    await piping;
    expect([returned, log.ended]).toEqual([true, true]);
  });

  test("EPIPE ends a source quietly; its own error does not pass", async () => {
    const broken = input(() => Promise.reject(new Ring3Error("EPIPE", "write: broken pipe")));
    broken.stream.wanted();
    await broken.stream.pipeFrom(
      (async function* () {
        yield "x";
      })(),
    );
    const failing = input();
    failing.stream.wanted();
    const piping = failing.stream.pipeFrom(
      // biome-ignore lint/correctness/useYield: a source that fails before its first chunk
      (async function* () {
        throw new RangeError("disk full");
      })(),
    );
    await expect(piping).rejects.toThrow("disk full");
  });
});
