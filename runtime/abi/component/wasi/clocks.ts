/** wasi:clocks 0.2 and 0.3: Linux's clocks. */
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "../../../../kernel/abi/time.ts";
import { type Calls, STRUCTS } from "../calls.ts";
import { monotonicNow, Pollable } from "./io.ts";
import type { World } from "./world.ts";

export interface Datetime {
  seconds: bigint;
  nanoseconds: number;
}

function clock(calls: Calls, call: "clock_gettime" | "clock_getres", id: number): Datetime {
  calls.now(call, id, STRUCTS);
  const { view } = calls;
  return { seconds: view.getBigInt64(STRUCTS, true), nanoseconds: view.getInt32(STRUCTS + 8, true) };
}

const nanoseconds = ({ seconds, nanoseconds }: Datetime) => seconds * 1_000_000_000n + BigInt(nanoseconds);

/** The largest instant. */
const FOREVER = 2n ** 64n - 1n;

export const clocks = ({ calls }: World) => ({
  "monotonic-clock": {
    now: () => monotonicNow(calls),
    resolution: () => nanoseconds(clock(calls, "clock_getres", CLOCK_MONOTONIC)),
    subscribeInstant: (deadline: bigint) => new Pollable(calls, { deadline }),
    subscribeDuration: (duration: bigint) => {
      const deadline = monotonicNow(calls) + duration;
      return new Pollable(calls, { deadline: deadline < FOREVER ? deadline : FOREVER });
    },
  },
  "wall-clock": {
    now: () => clock(calls, "clock_gettime", CLOCK_REALTIME),
    resolution: () => clock(calls, "clock_getres", CLOCK_REALTIME),
  },
});
