/** getrandom(2) for the few bytes that keys and seeds take: from a pool in kernel memory, which the host fills. */

import { EFAULT, EINVAL } from "../abi/errno";
import { GRND_INSECURE, GRND_NONBLOCK, GRND_RANDOM } from "../abi/random";
import { host_random } from "./imports";
import { RESULT_COLD } from "./layout";
import { copy_out_unchecked, user_ok } from "./user";

const POOL_BYTES: u32 = 4096;
/** What takes more is not worth a pool. */
const MOST: u32 = 256;

const pool: u32 = <u32>memory.data(4096, 8);
/** Bytes at the pool's end that nobody has had. */
let left: u32 = 0;

export function sys_getrandom(task: u32, dst: u32, bytes: u32, flags: u32): i64 {
  if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  if ((flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  if (bytes > MOST) return RESULT_COLD;
  if (!user_ok(task, dst, bytes)) return -EFAULT;
  if (left < bytes) {
    host_random(pool, POOL_BYTES);
    left = POOL_BYTES;
  }
  const at = pool + (POOL_BYTES - left);
  left -= bytes;
  copy_out_unchecked(task, dst, at, bytes);
  // Nobody who sees kernel memory later learns what was given out.
  memory.fill(at, 0, bytes);
  return bytes;
}
