/**
 * The dispatch path: what each step of a call costs, beside the ways that ring3 does not go. The figure to compare with is a bare call
 * from one WebAssembly instance to another.
 */
import { boot, type SpawnOptions } from "../../runtime/index.ts";
import { bareCall, bigintImport, entryCall, jsImport, suspendingImport, threadCall } from "../engine/engine.ts";
import { alternate, type Timed } from "../measure.ts";
import type { Row, Samples, Target } from "../row.ts";
import { GuestSide } from "../side.ts";

/** Measures a call against the bare one. */
async function againstBare(timed: Timed): Promise<Samples> {
  return alternate(await bareCall(), timed);
}

function row(id: string, title: string, measure: () => Promise<Samples>, target?: Target): Row {
  return { id: `dispatch-${id}`, group: "dispatch", title, unit: "ns", target, measure };
}

interface GuestOptions {
  args?: readonly string[];
  spawn?: SpawnOptions;
  /** Calls of the kind in question in an iteration. */
  calls?: number;
}

/** A row that is a program in a machine, on this thread: there the bare calls run too, and no other core's speed comes in. */
function guest(id: string, title: string, source: string, options: GuestOptions = {}, target?: Target): Row {
  const { args = [], spawn, calls = 1 } = options;
  const measure = async () => {
    await using machine = await boot({ thread: "same" });
    await using subject = await new GuestSide(machine).start(source, args, spawn);
    return await againstBare(async (count) => (await subject.run(count)) / calls);
  };
  return row(id, title, measure, target);
}

/** A row that is a loop of the engine. */
function engine(id: string, title: string, timed: () => Promise<Timed>): Row {
  return row(id, title, async () => againstBare(await timed()));
}

/** A row that is a call to another thread. */
function thread(id: string, title: string, spin: boolean): Row {
  return row(id, title, async () => {
    const { timed, end } = threadCall(spin);
    try {
      return await againstBare(timed);
    } finally {
      await end();
    }
  });
}

const tracing = (filter?: string): SpawnOptions => ({ trace: { write: () => {}, filter } });

export const DISPATCH: readonly Row[] = [
  row("bare", "a bare call between Wasm instances", async () => alternate(null, await bareCall())),
  engine("entry", "the entry of a hot call with nothing behind it", entryCall),
  guest("getpid", "getpid by its import", "import", { args: ["getpid"] }, { ratio: 2 }),
  guest("libc", "getpid by the C library", "getpid"),
  guest("traced", "slow entry: getpid, traced, not shown", "import", { args: ["getpid"], spawn: tracing("!getpid") }),
  guest("strace", "slow entry: getpid, traced and printed", "import", { args: ["getpid"], spawn: tracing() }),
  guest("signal", "slow entry: kill of oneself, the handler runs", "signal-self"),
  guest("cold", "a call of the cold half, by its import", "import", { args: ["cold"] }),
  guest("block", "a read that blocks and the write that wakes it", "pingpong-process", { calls: 2 }),
  engine("js-import", "instead: a JavaScript import, i32", jsImport),
  engine("bigint-import", "instead: a JavaScript import, i64 as BigInt", bigintImport),
  engine("suspending-import", "instead: a Suspending import that does not suspend", suspendingImport),
  thread("thread", "instead: a call to another thread, Atomics.wait", false),
  thread("thread-spin", "instead: the same, both sides spinning first", true),
];
