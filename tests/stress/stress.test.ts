// A short stress test; `npm run stress -- MINUTES` is the long one.
import { expect, test, vi } from "vitest";
import { type Rest, Stress } from "./stress.ts";

vi.setConfig({ testTimeout: 300_000 });

const SEEDS = [1, 2, 3, 4];

test("random mixes in many processes agree with Linux, and leave nothing", async () => {
  const stress = await Stress.start();
  let before: Rest | undefined;
  for (const seed of SEEDS) {
    await stress.round(seed, 6, 25);
    before ??= await stress.rest();
  }
  const after = await stress.rest();
  await stress.stop();
  expect(after.tasks).toBe(before!.tasks);
  expect(after.mapped).toBe(before!.mapped);
  // Slabs keep the pages of the busiest moment. These rounds make 3,000 processes: any leak of theirs is more than this.
  expect(after.kernel - before!.kernel).toBeLessThan(256);
});
