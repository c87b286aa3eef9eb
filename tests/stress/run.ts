/** `npm run stress -- [MINUTES] [SEED]`: the stress test with one seed after the other; ends with 1 at the first that fails. */
import { Stress } from "./stress.ts";

const [minutes = 5, first = Date.now() % 1e9] = process.argv.slice(2).map(Number);
if (!(minutes > 0) || !Number.isInteger(first)) {
  console.error("usage: npm run stress -- [MINUTES] [SEED]");
  process.exit(2);
}
const stress = await Stress.start();
const end = Date.now() + minutes * 60_000;
await stress.round(first, 8, 40);
const before = await stress.rest();
let seed = first;
while (Date.now() < end) {
  await stress.round(++seed, 8, 40);
  const { mapped, kernel, heap, tasks } = await stress.rest();
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `seed ${seed}: ok; mapped ${mapped} KiB, kernel ${kernel} KiB, heap ${heap} KiB, tasks ${tasks}, RSS ${rss} MiB`,
  );
}
const after = await stress.rest();
await stress.stop();
const grown = (what: keyof typeof after, limit: number): boolean => after[what] - before[what] > limit;
if (grown("tasks", 0) || grown("mapped", 0) || grown("kernel", 512) || grown("heap", 2048)) {
  console.error("the machine holds more than before:", before, after);
  process.exitCode = 1;
}
