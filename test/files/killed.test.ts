import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../core/platform/database/database.ts";
import { incomingName } from "../../core/platform/files/file-service.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import { createFileQueue } from "../../core/platform/repositories/file-queue.ts";
import { createFiles, newFileId } from "../../core/platform/repositories/files.ts";
import { createPaper } from "../persistence/written-room.ts";
import { startPostgres } from "../support/postgres.ts";
import { compileCache, launch, temporaryFolder } from "../support/processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const room = { org: "north", ref: { kind: "chat", id: "c1" } } as const;
const content = Buffer.from("検査の結果は良好です。\n");

/** Speaks clamd's protocol. While it is `stuck` it takes what comes and gives no verdict. */
async function startScanner() {
  const scanner = { stuck: true, scans: 0, address: "" };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      scanner.scans += 1;
    });
    socket.on("data", (data) => {
      if (!scanner.stuck && data.subarray(-4).equals(Buffer.alloc(4))) socket.end("stream: OK\0");
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  scanner.address = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return scanner;
}

it("a file whose worker is killed in the middle is taken up by another when the lease is over, and ends once", async () => {
  const postgres = await startPostgres();
  const folder = temporaryFolder("killed");
  const database = await openPostgres(postgres.url, 4);
  onTestFinished(async () => {
    await database.close();
    await postgres.dispose();
    folder.remove();
  });
  const [keyFile, objectsFolder] = [join(folder.path, "keys.json"), join(folder.path, "objects")];
  const paper = createPaper(database, await openKeyFile(keyFile));
  await paper.room(room.ref, room.org);
  const files = createFiles(database, paper.keys);
  const objects = createDirectoryStore(objectsFolder);
  const scanner = await startScanner();
  const startWorker = () =>
    launch({
      command: process.execPath,
      args: [
        ...["app/run.mjs", "test/files/worker-process.ts"],
        ...[postgres.url, keyFile, objectsFolder, scanner.address],
      ],
      cwd: root,
      env: { PATH: process.env.PATH, ...compileCache },
      ready: /checking/,
      readyWithin: 120_000,
      abort: "SIGTERM",
    });
  const standing = async () => {
    const row = await database.db
      .selectFrom("file_version")
      .select(["state", "tries", "lost"])
      .executeTakeFirst();
    return row;
  };

  const id = newFileId();
  const sha256 = createHash("sha256").update(content).digest();
  const version = { name: "検査.txt", type: "text/plain", bytes: content.length, sha256 } as const;
  await files.add(room, "anna", { ...version, id, version: 1, incoming: true, seconds: 600 });
  await objects.put(incomingName(id, 1), content);
  expect(await files.arrived(room.org, id, 1)).toBe(true);

  const victim = await startWorker();
  await expect.poll(() => scanner.scans, { timeout: 60_000 }).toBe(1);
  expect(await standing()).toEqual({ state: "scanning", tries: 1, lost: 0 });
  victim.signal("SIGKILL", { family: true });
  await victim.exited;
  scanner.stuck = false;
  const heir = await startWorker();
  await expect.poll(async () => (await standing())?.state, { timeout: 60_000 }).toBe("clean");
  expect(await standing()).toEqual({ state: "clean", tries: 2, lost: 1 });
  expect(scanner.scans).toBe(2);
  expect(await createFileQueue(database.db).take(9, 1)).toEqual([]);
  expect(await objects.get(incomingName(id, 1))).toBeNull();
  expect(await files.find(room.org, id)).toMatchObject({ state: "clean", name: "検査.txt" });
  heir.signal("SIGKILL", { family: true });
  await heir.exited;
}, 400_000);
