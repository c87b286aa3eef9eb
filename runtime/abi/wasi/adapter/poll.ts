/** poll_oneoff, on ppoll(2). */
import { FIONREAD } from "../../../../kernel/abi/ioctl";
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from "../../../../kernel/abi/poll";
import { PAGE_ARRAY, PAGE_ARRAY_BYTES, PAGE_BOUNCE, PAGE_TIMES, POLL_FD_READWRITE } from "../layout";
import { check } from "./descriptors";
import { error_of, FAULT, INVAL } from "./errno";
import { copy_in, current, SYS_clock_gettime, SYS_ioctl, SYS_ppoll, user_ok } from "./hot";
import { page, page_address, put, put32 } from "./user";

/** witx: event: userdata u64, error u16, type u8, then bytes u64 at 16 and flags u16 at 24. */
const EVENT: u32 = 32;
const HANGUP: u32 = 1;
// witx: eventtype
const CLOCK: u32 = 0;
const FD_READ: u32 = 1;
const FD_WRITE: u32 = 2;
/** witx: subclockflags: the time is one of the clock, not one from now. */
const ABSTIME: u32 = 1;

const SECOND: u64 = 1000000000;
const NEVER: u64 = u64.MAX_VALUE;

/** What is kept of a subscription: a struct pollfd, and behind all of these the time that is left. */
const POLLFD: u32 = 8;
const KEPT: u32 = POLLFD + 8;
const MOST: u32 = PAGE_ARRAY_BYTES / KEPT;

/**
 * Where a subscription's fields are: userdata is at 0, the type at 8, a descriptor or clock from 16 on. The old form of a clock has 8 bytes
 * more before its fields.
 */
function clock_fields(old: bool): u32 {
  return page(PAGE_BOUNCE) + (old ? 24 : 16);
}

/** How long a clock's subscription has left, in ns: id u32, timeout u64 at 8, precision, flags u16 at 24. */
function time_left(clock: u32): u64 {
  const timeout = load<u64>(clock, 8);
  if (!(load<u16>(clock, 24) & ABSTIME)) return timeout;
  SYS_clock_gettime(load<u32>(clock), page_address(PAGE_TIMES));
  const now = load<u64>(page(PAGE_TIMES)) * SECOND + load<u64>(page(PAGE_TIMES), 8);
  return timeout > now ? timeout - now : 0;
}

/** Whether a subscription that has been fetched can be waited for: 0, or the error that its event has. */
function refusal(old: bool): u32 {
  const type = load<u8>(page(PAGE_BOUNCE), 8);
  if (type == CLOCK) return load<u32>(clock_fields(old)) > 1 ? INVAL : 0;
  return type > FD_WRITE ? INVAL : check(load<u32>(page(PAGE_BOUNCE), 16), POLL_FD_READWRITE);
}

/** Bytes that can be read at once; 1 where the file does not say. */
function readable(fd: u32): u64 {
  store<u32>(page(PAGE_TIMES), 1);
  return SYS_ioctl(fd, FIONREAD, page_address(PAGE_TIMES)) < 0 ? 1 : load<u32>(page(PAGE_TIMES));
}

/** Turns the subscription in the bounce buffer into its event, and gives that to the guest. 0 or FAULT. */
function give_event(out: u32, error: u32, revents: u32): u32 {
  const to = page(PAGE_BOUNCE);
  const type = load<u8>(to, 8);
  const bytes: u64 = type == FD_READ && !error ? readable(load<u32>(to, 16)) : type == FD_WRITE && !error ? 1 : 0;
  store<u64>(to, error | ((<u32>type) << 16), 8);
  store<u64>(to, bytes, 16);
  store<u64>(to, revents & (POLLHUP | POLLERR) ? HANGUP : 0, 24);
  return put(out, EVENT);
}

export function poll(subscriptions: u32, events: u32, count: u32, out: u32, size: u32, old: bool): u32 {
  if (!count || count > MOST) return INVAL;
  if (!user_ok(current, subscriptions, count * size) || !user_ok(current, events, count * EVENT)) return FAULT;
  const fds = page(PAGE_ARRAY);
  const times = fds + POLLFD * count;
  const bounce = page(PAGE_BOUNCE);
  let least = NEVER;
  for (let i: u32 = 0; i < count; i++) {
    copy_in(current, bounce, subscriptions + size * i, size);
    const type = load<u8>(bounce, 8);
    let left = NEVER;
    if (refusal(old)) left = 0;
    else if (type == CLOCK) left = time_left(clock_fields(old));
    least = min(least, left);
    const waits = left != 0 && type != CLOCK;
    store<i32>(fds + POLLFD * i, waits ? load<i32>(bounce, 16) : -1);
    store<u32>(fds + POLLFD * i, type == FD_READ ? POLLIN : POLLOUT, 4);
    store<u64>(times + 8 * i, left);
  }
  store<u64>(page(PAGE_TIMES), least / SECOND);
  store<u64>(page(PAGE_TIMES), least % SECOND, 8);
  const ready = SYS_ppoll(page_address(PAGE_ARRAY), count, least == NEVER ? 0 : page_address(PAGE_TIMES), 0, 0);
  if (ready < 0) return error_of(ready);
  // Where nothing else came the time did that was nearest; else those that had come before.
  const over = ready ? 0 : least;
  let given: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const revents: u32 = load<u16>(fds + POLLFD * i, 6);
    if (!revents && load<u64>(times + 8 * i) > over) continue;
    if (!copy_in(current, bounce, subscriptions + size * i, size)) return FAULT;
    if (give_event(events + EVENT * given, refusal(old), revents)) return FAULT;
    given++;
  }
  return put32(out, given);
}

/** witx: subscription has 48 bytes. */
export function poll_oneoff(subscriptions: u32, events: u32, count: u32, out: u32): u32 {
  return poll(subscriptions, events, count, out, 48, false);
}
