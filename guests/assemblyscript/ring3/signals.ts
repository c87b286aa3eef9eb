// Signals. The numbers are in ./abi/constants: SIGINT, SIGTERM...

import { SA_RESTART } from "./abi/constants";
import { SIGACTION_BYTES, SIGACTION_SA_FLAGS, SIGACTION_SA_HANDLER } from "./abi/structs";
import { SYS_rt_sigaction } from "./abi/syscalls";
import { checked } from "./errors";
import "./language";

/** The bytes of the kernel's signal mask. */
const MASK_BYTES = 8;

function set(signal: i32, handler: usize): bool {
  const action = new ArrayBuffer(i32(SIGACTION_BYTES));
  store<u32>(changetype<usize>(action) + SIGACTION_SA_HANDLER, u32(handler));
  store<u64>(changetype<usize>(action) + SIGACTION_SA_FLAGS, SA_RESTART);
  return checked(SYS_rt_sigaction(signal, changetype<usize>(action), 0, MASK_BYTES)) == 0;
}

/**
 * Calls a function when the signal arrives, between any two instructions: it may set global numbers and make system calls, but must
 * make no objects, because the program may be in the middle of making one.
 */
export function onSignal(signal: i32, handler: (signal: i32) => void): bool {
  return set(signal, load<u32>(changetype<usize>(handler)));
}

/** SIG_IGN. */
export function ignoreSignal(signal: i32): bool {
  return set(signal, 1);
}

/** SIG_DFL. */
export function defaultSignal(signal: i32): bool {
  return set(signal, 0);
}
