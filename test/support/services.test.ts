import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { assertDurable, query, startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";

test("PostgreSQL keeps its rows over a kill, and answers nothing while it is frozen", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.dispose());
  const url = await postgres.createDatabase("mine");
  await assertDurable(url);
  await query(url, "CREATE TABLE kept (n int)");
  await query(url, "INSERT INTO kept VALUES (1)");

  await postgres.kill();
  await expect(query(url, "SELECT 1")).rejects.toThrow();
  await postgres.start();
  expect(await query(url, "SELECT n FROM kept")).toEqual([{ n: 1 }]);

  await postgres.stop("immediate");
  await postgres.start();
  postgres.pause();
  let answered = false;
  const answer = query(url, "SELECT n FROM kept").then((rows) => {
    answered = true;
    return rows;
  });
  await connected(postgres.port);
  expect(answered).toBe(false);
  postgres.resume();
  expect(await answer).toEqual([{ n: 1 }]);

  await postgres.dispose();
  expect(existsSync(postgres.dataDir)).toBe(false);
});

test("assertDurable finds each weakened setting", async () => {
  const postgres = await startPostgres({ settings: { synchronous_commit: "off", fsync: "off" } });
  onTestFinished(() => postgres.dispose());
  await expect(assertDurable(postgres.url)).rejects.toThrow("fsync is off, synchronous_commit is off");
});

test("Redis starts again on its port", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.dispose());
  await connected(redis.port);
  await redis.kill();
  await expect(connected(redis.port)).rejects.toThrow("ECONNREFUSED");
  await redis.start();
  await connected(redis.port);
});

test("a service ends with the process that started it, also when that is killed", async () => {
  const script = `
    import { startRedis } from "${new URL("redis.ts", import.meta.url)}";
    const { port } = await startRedis();
    console.log(port);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script]);
  const [port] = await once(owner.stdout, "data");
  const socket = await connected(Number(port));
  const closed = once(socket, "close");
  owner.kill("SIGKILL");
  await closed;
});

/** A TCP connection: the kernel completes it for a frozen process too. */
function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    socket.once("error", reject);
    onTestFinished(() => {
      socket.destroy();
    });
    socket.connect(port, "127.0.0.1", () => resolve(socket));
  });
}
