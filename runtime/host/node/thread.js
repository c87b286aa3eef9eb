// Entry of a machine's worker thread. Plain JavaScript, so that the compile cache is on before the first TypeScript is loaded.
import { enableCompileCache } from "node:module";

enableCompileCache();
import("./thread.ts");
