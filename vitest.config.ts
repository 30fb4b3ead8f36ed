import { defineConfig } from "vitest/config";
import { HeavyFirst } from "./test/support/heavy-first.ts";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/build/**", "**/.svelte-kit/**"],
    globalSetup: ["test/support/demo-data.ts"],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Two heavy files at once would make both late on a small machine.
    maxWorkers: 2,
    sequence: { sequencer: HeavyFirst },
    reporters: ["default"],
    silent: "passed-only",
  },
});
