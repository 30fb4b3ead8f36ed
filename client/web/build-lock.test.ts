import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { exclusively } from "./build-lock.ts";

let folder: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hugmedo-lock-"));
  lock = join(folder, "some/lock");
});
afterEach(() => rm(folder, { recursive: true }));

it("lets one work at a time, also after a failure, and leaves nothing behind", async () => {
  let working = 0;
  let most = 0;
  const work = (fails: boolean) => async () => {
    working += 1;
    most = Math.max(most, working);
    await readdir(folder);
    working -= 1;
    if (fails) throw new Error("failed");
  };
  const results = await Promise.allSettled([0, 1, 2, 3].map((i) => exclusively(lock, work(i === 1))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(most).toBe(1);
  expect(await readdir(join(folder, "some"))).toEqual([]);
});

it("takes over from a process that has died", async () => {
  const child = spawn(process.execPath, ["--eval", ""]);
  await once(child, "exit");
  await mkdir(join(folder, "some"));
  await writeFile(lock, String(child.pid));
  expect(await exclusively(lock, async () => "done")).toBe("done");
});
