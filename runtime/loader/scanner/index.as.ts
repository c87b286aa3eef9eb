/** What the loader calls of the scanner and the copier. */
export { copyBodies, copyLoop, copyPlain } from "./copier.as";
export { next, scan } from "./scanner.as";
