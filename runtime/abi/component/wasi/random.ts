/** wasi:random 0.2 and 0.3: getrandom(2). */
import { BUFFER, BUFFER_BYTES, type Calls } from "../calls.ts";
import type { World } from "./world.ts";

function randomBytes(calls: Calls, length: bigint): Uint8Array {
  // They are to fit into a memory of the component's.
  const { kernel } = calls.task;
  if (length > kernel.options.memoryLimit) throw new WebAssembly.RuntimeError(`${length} random bytes`);
  const bytes = new Uint8Array(Number(length));
  for (let at = 0; at < bytes.length; ) {
    const count = calls.now("getrandom", BUFFER, Math.min(bytes.length - at, BUFFER_BYTES), 0);
    bytes.set(calls.u8.subarray(BUFFER, BUFFER + count), at);
    at += count;
  }
  return bytes;
}

function randomU64(calls: Calls): bigint {
  calls.now("getrandom", BUFFER, 8, 0);
  return calls.view.getBigUint64(BUFFER, true);
}

export const random = ({ calls }: World) => {
  const bytes = (length: bigint) => randomBytes(calls, length);
  const u64 = () => randomU64(calls);
  // The same for all of a component's life.
  let known: [bigint, bigint] | undefined;
  const seed = () => {
    known ??= [u64(), u64()];
    return known;
  };
  return {
    random: { getRandomBytes: bytes, getRandomU64: u64 },
    insecure: { getInsecureRandomBytes: bytes, getInsecureRandomU64: u64 },
    "insecure-seed": { insecureSeed: seed, getInsecureSeed: seed },
  };
};
