/**
 * The timer interrupt: a small thread that, while the CPU is busy, sets every TICK_MS the words in kernel memory that make the running
 * guest's next poll enter the kernel. The CPU's own thread cannot do that: no timer of its event loop fires while a guest computes.
 */
import { Worker } from "node:worker_threads";
import {
  BREATHE_FLAG,
  COARSE_REALTIME,
  CPU_COLD,
  CPU_IDLE,
  POLL_FLAG,
  SYSTEM_TICKS,
  TICK_MS,
  TICKS,
} from "../../../kernel/hot/layout.ts";

export interface Ticker {
  stop(): Promise<void>;
}

/** Starts ticking on kernel memory. The CPU keeps CPU_IDLE, and notifies it when it turns 0. */
export function startTicker(buffer: SharedArrayBuffer): Ticker {
  const at = { BREATHE_FLAG, COARSE_REALTIME, CPU_COLD, CPU_IDLE, POLL_FLAG, SYSTEM_TICKS, TICKS };
  const worker = new Worker(new URL("./ticker-thread.cjs", import.meta.url), {
    execArgv: [],
    workerData: { buffer, at, tickMs: TICK_MS },
  });
  worker.unref();
  return {
    stop: async () => {
      await worker.terminate();
    },
  };
}
