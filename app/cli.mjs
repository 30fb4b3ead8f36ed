#!/usr/bin/env node
// `npx hugmedo`: app/cli.ts on the pinned Node runtime, whatever Node called this file. Plain JavaScript, as run.mjs is.
import { fileURLToPath } from "node:url";

process.argv.splice(1, 1, process.argv[1] ?? "", fileURLToPath(new URL("cli.ts", import.meta.url)));
await import("./run.mjs");
