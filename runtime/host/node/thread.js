// Entry of a machine's worker thread. Plain JavaScript, so that the compile cache is on before the first TypeScript is loaded.
import { enableCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";

enableCompileCache();
const { serveOwner } = await import("./serve.ts");
serveOwner(parentPort);
