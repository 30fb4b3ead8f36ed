import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join, matchesGlob } from "node:path/posix";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { read, root } from "./compose-file.ts";

/** A Dockerfile's instructions: lines that go on are joined, comments left out. */
const dockerfile = read("deploy/Dockerfile")
  .replaceAll(/^\s*#.*\n/gm, "")
  .replaceAll(/\\\n/g, " ")
  .split("\n")
  .flatMap((line) => {
    const [, name, rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    return name === undefined ? [] : [{ name, rest }];
  });
const stages = dockerfile.filter(({ name }) => name === "FROM").map(({ rest }) => rest);
/** What the image itself is made by: the stage that comes last. */
const last = dockerfile.slice(dockerfile.findLastIndex(({ name }) => name === "FROM"));
const said = (name: string): string => last.findLast((one) => one.name === name)?.rest ?? "";
const execForm = (text: string): readonly string[] => z.array(z.string()).parse(JSON.parse(text));

/** What .dockerignore lets through: the last pattern that fits a path, or a folder above it, decides. */
const patterns = read(".dockerignore")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

function isSent(path: string): boolean {
  const parts = path.split("/");
  const above = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
  const deciding = patterns.findLast((pattern) =>
    above.some((part) => fits(part, pattern.replace(/^!/, ""))),
  );
  return deciding === undefined || deciding.startsWith("!");
}

/** As Docker has it, `*` fits names that begin with a dot too. */
const fits = (path: string, pattern: string) => pattern === "*" || matchesGlob(path, pattern);

/** Every file of ours that a script leads to. */
function closure(entry: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  for (const [, target = ""] of read(entry).matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)"/gm))
    closure(join(dirname(entry), target), found);
  return found;
}

describe("the image", () => {
  it("is built in stages, from an exact base", () => {
    expect(stages.length).toBeGreaterThan(2);
    const names = stages.map((stage) => / AS (\w+)$/.exec(stage)?.[1]);
    for (const stage of stages) {
      const [base = ""] = stage.split(" ");
      if (!names.includes(base)) expect(base).toMatch(/^node:24-\w+-slim$/);
    }
  });

  it("runs as somebody without rights, on Node itself, and is told to end by SIGTERM", () => {
    expect(said("USER")).toBe("node");
    expect(said("STOPSIGNAL")).toBe("SIGTERM");
    expect(execForm(said("CMD"))).toEqual(["node", "app/start.ts"]);
    expect(said("ENTRYPOINT")).toBe("");
    expect(said("ENV")).toContain("NODE_ENV=production");
  });

  it("has no development packages in it", () => {
    const installs = dockerfile.filter(({ rest }) => /\bnpm (ci|install|i)\b/.test(rest));
    expect(installs.length).toBeGreaterThan(0);
    for (const { rest } of installs) expect(rest).toContain("npm ci --omit=dev");
  });

  it("says whether it is well", async () => {
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(status).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const PORT = String(typeof address === "object" ? address?.port : "");
    const [, command = ""] = /\bCMD (\[.*\])$/.exec(said("HEALTHCHECK")) ?? [];
    const check = async (): Promise<unknown> => {
      const [name, ...args] = execForm(command);
      expect(name).toBe("node");
      const [code] = await once(spawn(process.execPath, args, { env: { PORT } }), "exit");
      return code;
    };
    expect(await check()).toBe(0);
    expect(asked).toEqual(["/healthz"]);
    status = 503;
    expect(await check()).toBe(1);
    server.close();
    server.closeAllConnections();
    expect(await check()).toBe(1);
  }, 60_000);

  it("has everything that a process starts with, and that the page is made of", () => {
    const needed = [
      ...closure("app/start.ts"),
      // What its own settings build upon is asked for by the bundler too.
      ...["package.json", "package-lock.json", ".npmrc", "tsconfig.json"],
      ...["client/web/vite.config.ts", "client/web/tsconfig.json", "client/web/src/app.html"],
    ];
    expect(needed.length).toBeGreaterThan(150);
    expect(needed.filter((path) => !isSent(path))).toEqual([]);
  });

  it("gets nothing else: no secrets, no data, no tests", () => {
    const kept = readdirSync(root).filter(isSent);
    expect(kept.sort()).toEqual(
      [
        ".npmrc",
        "api",
        "app",
        "client",
        "core",
        "media",
        "package-lock.json",
        "package.json",
        "rooms",
        "tsconfig.json",
      ].sort(),
    );
    const unwanted = [".env", ".git/config", ".data/master-keys.json", "node_modules/ws/index.js"];
    unwanted.push(
      "client/web/node_modules/x.js",
      "client/web/build/index.html",
      "core/domain/errors.test.ts",
    );
    expect(unwanted.filter(isSent)).toEqual([]);
  });
});
