import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { DirectoryInUse, lockDirectory } from "../core/platform/database/directory-lock.ts";
import { startServer } from "./support/server.ts";

const folder = mkdtempSync(join(tmpdir(), "hugmedo-lock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("the embedded database is one process's alone, for as long as that lives and no longer", async () => {
  const first = await startServer({ dataDir: folder });
  expect(() => lockDirectory(folder)).toThrow(DirectoryInUse);
  await expect(startServer({ dataDir: folder })).rejects.toThrow(/Another process is using .*DATABASE_URL/s);
  await first.kill();
  lockDirectory(folder)();
  await first.start();
  const ready = await fetch(`${first.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await first.stop()).toBe(0);
  lockDirectory(folder)();
}, 120_000);
