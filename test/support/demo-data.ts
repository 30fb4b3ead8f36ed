import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "../../client/web/build-lock.ts";
import { freePort } from "./ports.ts";
import { compileCache, launch, temporaryFolder } from "./processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where the test run keeps the data of a server that was started once: see `setup`. */
const variable = "HUGMEDO_TEST_DEMO_DATA";

/** For a whole test run (vitest's `globalSetup`). */
export function setup(): () => void {
  const folder = temporaryFolder("demo");
  process.env[variable] = folder.path;
  return folder.remove;
}

/** What belongs to this test run alone; undefined outside one. */
export function testFolder(): string | undefined {
  return process.env[variable];
}

/**
 * A data folder as the first start of the product leaves it: a first start is most of what many tests would wait for. Made
 * by a real one when it is first needed, and copied. Outside a test run the folder stays empty.
 */
export async function copyDemoData(to: string): Promise<void> {
  const folder = testFolder();
  if (folder === undefined) return;
  const data = join(folder, "data");
  const made = join(folder, "made");
  await exclusively(join(folder, "lock"), async () => {
    if (existsSync(made)) return;
    await startOnce(data);
    writeFileSync(made, "");
  });
  cpSync(data, to, { recursive: true });
}

async function startOnce(dataDir: string): Promise<void> {
  const port = await freePort();
  const server = await launch({
    command: process.execPath,
    args: ["test/durability/server-entry.ts"],
    cwd: root,
    env: { PATH: process.env.PATH, ...compileCache, PORT: String(port), DATA_DIR: dataDir },
    ready: /listening on/,
    readyWithin: 120_000,
  });
  server.signal("SIGTERM");
  await server.exited;
}
