import { spawnSync } from "node:child_process";
import { buildPageIfStale } from "../client/web/build-page.ts";
import { compileCache } from "./support/processes.ts";

/**
 * `npm test`: types, style, the page, then every test; stops at the first step that fails. Arguments go to the test
 * runner: `npm test -- core/domain` runs the tests of a folder alone. `--static` (`npm run check`) stops before the tests.
 */
const selection = process.argv.slice(2);
const checks: readonly (readonly [string, ...string[]])[] = [
  ["tsc", "node_modules/typescript-7/bin/tsc", "--noEmit"],
  ["biome", "node_modules/@biomejs/biome/bin/biome", "check", "."],
  ["svelte-check", "node_modules/svelte-check/bin/svelte-check", "--tsconfig", "client/web/tsconfig.json"],
];

function run(name: string, args: readonly string[]): void {
  const env = { ...process.env, ...compileCache };
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit", env });
  if (status !== 0) {
    console.error(`${name} failed.`);
    process.exit(status ?? 1);
  }
}

const checksOnly = selection.includes("--static");
if (selection.length === 0 || checksOnly) for (const [name, ...args] of checks) run(name, args);
// Once, and not under the first tests that start a server: on a slow machine it takes longer than they wait.
if (selection.length === 0) await buildPageIfStale();
if (!checksOnly) run("vitest", ["node_modules/vitest/vitest.mjs", "run", ...selection]);
