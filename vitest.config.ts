import { defineConfig } from "vitest/config";

// No test looks at how long something takes, and a machine may be busy with other things: these limits only end what hangs.
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } });
