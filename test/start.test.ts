import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "./support/ports.ts";
import { launch, temporaryFolder } from "./support/processes.ts";
import { startServer } from "./support/server.ts";

it.each([
  [{ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, /The database of DATABASE_URL cannot be reached/],
  [{ NODE_ENV: "production", DEMO: "1" }, /DEMO: demo accounts are refused/],
  [{ DATABASE_POOL: "many" }, /DATABASE_POOL: /],
])("a start that cannot succeed ends at once and says what to do: %o", async (env, words) => {
  await expect(startServer({ env })).rejects.toThrow(words);
});

it("so does a start on a port that is taken", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, () => {
      const address = other.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  await expect(startServer({ port })).rejects.toThrow(/Another program uses this port/);
  other.close();
});

it("ends with `npm start`, though npm's shell keeps the signal to itself", async () => {
  const port = await freePort();
  const folder = temporaryFolder("npm-start");
  const npm = await launch({
    command: "npm",
    args: ["start"],
    cwd: process.cwd(),
    env: { PATH: process.env.PATH, PORT: String(port), DATA_DIR: folder.path },
    ready: new RegExp(`http://localhost:${port}\\b`),
    readyWithin: 60_000,
  });
  const alive = () =>
    fetch(`http://localhost:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  expect(await alive()).toBe(true);
  npm.signal("SIGTERM");
  await npm.exited;
  await expect.poll(alive, { timeout: 10_000 }).toBe(false);
  folder.remove();
});
