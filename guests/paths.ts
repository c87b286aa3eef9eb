/** Where the guests' build reads and writes. Everything generated stands under `.build`, which git ignores. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder guests/ of the checkout. */
export const GUESTS = dirname(fileURLToPath(import.meta.url));
/** The checkout. */
export const ROOT = dirname(GUESTS);
/** Everything that is generated. */
export const BUILD = join(ROOT, ".build");

/** A path under `.build`. */
export const built = (...parts: string[]): string => join(BUILD, ...parts);
/** A path under `guests`. */
export const guest = (...parts: string[]): string => join(GUESTS, ...parts);
