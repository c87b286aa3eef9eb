/** The handlers of all system calls about files, by name. */
import type { Handlers } from "../kernel.ts";
import { attrCalls } from "./attr.ts";
import { fcntlCalls } from "./fcntl.ts";
import { fsContextCalls } from "./fs-context.ts";
import { lockCalls } from "./locks.ts";
import { mountCalls } from "./mounts.ts";
import { nameCalls } from "./names.ts";
import { openCalls } from "./open.ts";
import { pipeCalls } from "./pipe.ts";
import { readWriteCalls } from "./read-write.ts";
import { readdirCalls } from "./readdir.ts";
import { spliceCalls } from "./splice.ts";
import { statCalls } from "./stat.ts";
import { syncCalls } from "./sync.ts";

export const fsCalls: Handlers = {
  ...openCalls,
  ...readWriteCalls,
  ...statCalls,
  ...readdirCalls,
  ...nameCalls,
  ...attrCalls,
  ...fsContextCalls,
  ...fcntlCalls,
  ...lockCalls,
  ...pipeCalls,
  ...spliceCalls,
  ...syncCalls,
  ...mountCalls,
};
