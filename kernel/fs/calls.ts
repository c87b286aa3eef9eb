/** The handlers of all system calls about files, by name. */
import type { Handlers } from "../kernel.ts";
import { lockCalls } from "./locks.ts";
import { openCalls } from "./open.ts";
import { readWriteCalls } from "./read-write.ts";
import { statCalls } from "./stat.ts";

export const fsCalls: Handlers = {
  ...openCalls,
  ...readWriteCalls,
  ...statCalls,
  ...lockCalls,
};
