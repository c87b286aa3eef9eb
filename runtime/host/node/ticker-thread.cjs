// The ticker's thread (ticker.ts). Plain JavaScript, and CommonJS: it starts at once.
const { workerData } = require("node:worker_threads");

const { buffer, at, tickMs } = workerData;
const words = new Int32Array(buffer);
const longs = new BigInt64Array(buffer);
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Ticks of an idle CPU before the thread sleeps until it is busy: tasks that sleep often and briefly should not pay for a wake-up each. */
const IDLE_TICKS = 10;

for (let idle = 0; ; ) {
  Atomics.wait(pause, 0, 0, tickMs);
  if (Atomics.load(words, at.CPU_IDLE >> 2) === 1) {
    if (++idle >= IDLE_TICKS) Atomics.wait(words, at.CPU_IDLE >> 2, 1);
    continue;
  }
  idle = 0;
  Atomics.store(longs, at.COARSE_REALTIME >> 3, BigInt(Date.now()) * 1_000_000n);
  Atomics.add(words, at.TICKS >> 2, 1);
  if (Atomics.load(words, at.CPU_COLD >> 2) === 1) Atomics.add(words, at.SYSTEM_TICKS >> 2, 1);
  Atomics.store(words, at.BREATHE_FLAG >> 2, 1);
  Atomics.store(words, at.POLL_FLAG >> 2, 1);
}
