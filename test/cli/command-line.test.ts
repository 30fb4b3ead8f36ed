import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { ids } from "../api/fake-cluster.ts";
import { type ApiFixture, startApi } from "../api/start-api.ts";
import { compileCache, temporaryFolder } from "../support/processes.ts";

/** Each program is a runtime of its own, which takes its time on a busy machine. */
vi.setConfig({ testTimeout: 90_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const { bin, version } = z
  .object({ bin: z.object({ hugmedo: z.string() }), version: z.string() })
  .parse(JSON.parse(readFileSync(`${root}/package.json`, "utf8")));

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** Resolves when it has written that. */
  wrote(part: string): Promise<void>;
}

/** A program of ours with these variables in its environment, and no others. */
function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(command, args, { cwd: root, env: { PATH: process.env.PATH, ...compileCache, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const written = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    written.err += text;
  });
  return {
    child,
    ended: once(child, "close").then(([code]) => ({ code, ...written })),
    wrote: async (part) => {
      while (!(written.out + written.err).includes(part))
        await Promise.race([once(child.stdout, "data"), once(child.stderr, "data")]);
    },
  };
}

const hugmedo = (line: string, env?: Readonly<Record<string, string>>): Started =>
  start(process.execPath, [bin.hugmedo, ...line.split(" ")], env);

test("the command is a program, and is there after an install", async () => {
  const path = `${root}/${bin.hugmedo}`;
  expect(readFileSync(path, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(statSync(path).mode & 0o111).toBe(0o111);
  const cache = temporaryFolder("npx");
  onTestFinished(() => cache.remove());
  const offline = {
    npm_config_cache: cache.path,
    npm_config_registry: "http://127.0.0.1:1",
    npm_config_fetch_retries: "0",
  };
  const { code, out } = await start("npx", ["hugmedo", "--version"], offline).ended;
  expect([code, out]).toEqual([0, `${version}\n`]);
});

test("what it ends with is what scripts see", async () => {
  const runs = await Promise.all([
    hugmedo("cluster --help").ended,
    hugmedo("cluster drian").ended,
    hugmedo("cluster status --json", { HUGMEDO_URL: "http://127.0.0.1:1", HUGMEDO_TOKEN: "t" }).ended,
  ]);
  expect(runs.map(({ code }) => code)).toEqual([0, 2, 3]);
  expect(JSON.parse(runs[2]?.out ?? "")).toMatchObject({ ok: false, error: { code: "unreachable" } });
});

describe("with a server", () => {
  let api: ApiFixture;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    api = await startApi();
    env = { HUGMEDO_URL: api.url, HUGMEDO_USER: "operator", HUGMEDO_PASSWORD: "demo-operator" };
  });
  afterAll(() => api.close());
  beforeEach(() => {
    for (const id of Object.values(ids)) api.cluster.remove(id);
    api.cluster.add(ids.a, 30);
    api.cluster.add(ids.b, 8);
  });

  test("a command does its work, signs out and ends at once", async () => {
    const { code, out, err } = await hugmedo("cluster drain 0a1b2 --json", env).ended;
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ ok: true, moved: 30 });
    expect(api.log.at(-1)).toMatchObject({ route: "/v1/auth/logout", status: 204 });
  });

  test("nothing is coloured for another program", async () => {
    const { out } = await hugmedo("cluster status", env).ended;
    expect(out).toMatch(/^PROCESS +STATE/);
    expect(out).not.toContain("\u001b");
  });

  test("Ctrl-C ends a watch well, and a drain's waiting", async () => {
    const watch = hugmedo("cluster watch", env);
    await watch.wrote("38 rooms");
    watch.child.kill("SIGINT");
    expect((await watch.ended).code).toBe(0);
    api.cluster.pace = 0;
    const drain = hugmedo("cluster drain 0a1b2", env);
    await drain.wrote("0 of 30 rooms gone");
    drain.child.kill("SIGINT");
    expect(await drain.ended).toMatchObject({ code: 130, err: expect.stringContaining("goes on") });
  });

  test("whoever reads it may stop reading", async () => {
    const watch = hugmedo("cluster watch --json --interval 0.1", env);
    await watch.wrote("}\n");
    watch.child.stdout?.destroy();
    const { code, err } = await watch.ended;
    expect([code, err]).toEqual([0, ""]);
  });
});
