/** How figures come about: warm-up, a count of iterations for a round, and rounds of both sides in turn. */
import type { Samples } from "./row.ts";

/** Nanoseconds that `count` iterations take. */
export type Timed = (count: number) => Promise<number>;

/** How long a round should take, in ms. Long beside the clock's steps and the 2 ms ticks of preemption. */
const ROUND = 50;
/** How long a side runs, at least and at most, before what it does counts, in ms: caches are filled, V8's optimising compiler is done. */
const WARM_UP = 300;
const LONGEST_WARM_UP = 1200;
/** Warm is what differs by less than this share from the round before. */
const SETTLED = 0.1;
/** As many rounds as fit in this time (ms), within the bounds. */
const BUDGET = 1000;
const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 11;

/**
 * Warms up and finds how many iterations make a round.
 * @returns the count, and how long so many took (ms).
 */
async function calibrate(timed: Timed): Promise<{ count: number; ms: number }> {
  let total = 0;
  let before = 0;
  for (let count = 1; ; ) {
    const ms = (await timed(count)) / 1e6;
    total += ms;
    const each = ms / count;
    const settled = Math.abs(each / before - 1) < SETTLED;
    before = each;
    if (ms >= ROUND / 2 && total >= WARM_UP && (settled || total >= LONGEST_WARM_UP)) {
      const fitting = Math.max(1, Math.round(ROUND / each));
      return { count: fitting, ms: each * fitting };
    }
    // At most ten times as many: the first, slow iterations tell little about the next.
    count = Math.max(1, Math.ceil(count * Math.min(10, ROUND / Math.max(ms, 1e-3))));
  }
}

/** Rounds of the two in turn (native first), or of ring3 alone; nanoseconds an iteration. */
export async function alternate(native: Timed | null, ring3: Timed): Promise<Samples> {
  const plan = async (timed: Timed) => ({
    timed,
    ...(await calibrate(timed)),
    figures: [] as number[],
  });
  const host = native && (await plan(native));
  const guest = await plan(ring3);
  const plans = host ? [host, guest] : [guest];
  const fitting = Math.floor(BUDGET / plans.reduce((sum, { ms }) => sum + ms, 0));
  const rounds = Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, fitting));
  for (let round = 0; round < rounds; round++) {
    for (const { timed, count, figures } of plans) figures.push((await timed(count)) / count);
  }
  return { native: host?.figures ?? null, ring3: guest.figures };
}
