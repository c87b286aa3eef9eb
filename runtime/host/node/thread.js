// Entry of a machine's worker thread. Plain JavaScript, so that the compile cache is on before the first TypeScript is loaded.
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

enableCompileCache();
// Kilobytes of each guest stack (JSPI's; this thread's own was made before and stays as it is): Linux's usual 8 MB instead of V8's
// 984 KB, because functions that asyncify made over have frames of several KB. Only what is used is ever touched.
setFlagsFromString("--stack-size=7800");
await import("./thread.ts");
