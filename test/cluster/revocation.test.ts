import { Client, type Room } from "@colyseus/sdk";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeCodes } from "../../core/protocol/codes.ts";
import { accessToken } from "../durability/store.ts";
import type { Server } from "../support/server.ts";
import { type Cluster, openCluster } from "./cluster.ts";

/** What a revocation may take until no process serves the session any more. */
const deadlineMs = 1_000;

let cluster: Cluster;
let chats: readonly [string, string];
beforeAll(async () => {
  cluster = await openCluster(2);
  chats = [await cluster.openChat(), await cluster.openChat()];
  for (const [i, id] of chats.entries()) {
    const server = cluster.servers[i];
    if (!server) throw new Error("There are no two processes.");
    const joined = await join(server, await cluster.token(server, "desk"), id);
    if ((await cluster.serverOf("chat", id)) !== server) await cluster.move("chat", id, { to: server });
    await joined.leave();
    expect(await cluster.serverOf("chat", id)).toBe(server);
  }
}, 400_000);
afterAll(() => cluster?.close());

const statusOf = async ({ url }: Server, token: string): Promise<number> =>
  (await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;

async function join({ url }: Server, token: string, room: string): Promise<Room> {
  const client = new Client(url);
  client.auth.token = token;
  const joined = await client.joinOrCreate("chat", { room });
  joined.reconnection.enabled = false;
  joined.onMessage("*", () => {});
  return joined;
}

/** One sign-in with a socket on each process, and when they close, and with which code. */
async function enterBoth(person: string) {
  const [first] = cluster.servers;
  if (!first) throw new Error("There is no process.");
  const token = await accessToken(first.url, person);
  const rooms = await Promise.all(chats.map((id) => join(first, token, id)));
  const closed = rooms.map(
    (room) =>
      new Promise<{ readonly code: number; readonly at: number }>((resolve) =>
        room.onLeave((code) => resolve({ code, at: performance.now() })),
      ),
  );
  return { token, session: String(decodeJwt(token).sid), rooms, closed };
}

async function revokes(by: string, path: string): Promise<number> {
  const last = cluster.servers[1];
  if (!last) throw new Error("There are no two processes.");
  const at = performance.now();
  const headers = { authorization: `Bearer ${by}` };
  const { status } = await fetch(`${last.url}/v1/${path}`, { method: "DELETE", headers });
  expect(status).toBe(204);
  return at;
}

async function isOutEverywhere(
  { token, closed }: Awaited<ReturnType<typeof enterBoth>>,
  since: number,
): Promise<void> {
  const ends = await Promise.all(closed);
  expect(ends.map(({ code }) => code)).toEqual([closeCodes.sessionEnded, closeCodes.sessionEnded]);
  for (const { at } of ends) expect(at - since).toBeLessThan(deadlineMs);
  expect(await Promise.all(cluster.servers.map((server) => statusOf(server, token)))).toEqual([401, 401]);
}

it("a revoked sign-in's sockets are closed on two processes within a second, and nobody else's", async () => {
  const revoked = await enterBoth("patient");
  const same = await enterBoth("patient");
  const other = await enterBoth("clinician");
  const gone: number[] = [];
  for (const { rooms } of [same, other]) for (const room of rooms) room.onLeave((code) => gone.push(code));

  await isOutEverywhere(revoked, await revokes(same.token, `me/sessions/${revoked.session}`));
  expect(gone).toEqual([]);
  for (const { token, rooms } of [same, other]) {
    expect(await Promise.all(cluster.servers.map((server) => statusOf(server, token)))).toEqual([200, 200]);
    for (const room of rooms) {
      expect(await room.request("chat.send", { id: crypto.randomUUID(), body: "still here" })).toHaveProperty(
        "seq",
      );
    }
  }
}, 60_000);

it("guesses of a password on two processes count together", async () => {
  const guess = async (place: number, password: string) => {
    const server = cluster.servers[place % 2];
    const body = JSON.stringify({ username: "auditor", password });
    const headers = { "content-type": "application/json" };
    return (await fetch(`${server?.url}/v1/auth/token`, { method: "POST", headers, body })).status;
  };
  const statuses = [];
  for (let i = 0; i < 8; i += 1) statuses.push(await guess(i, "guess"));
  expect(statuses).toEqual(Array(8).fill(401));
  expect([await guess(0, "demo-auditor"), await guess(1, "demo-auditor")]).toEqual([429, 429]);
}, 60_000);

it("so it is without Redis, when an administrator signs somebody out", async () => {
  const [first] = cluster.servers;
  if (!first) throw new Error("There is no process.");
  const revoked = await enterBoth("patient");
  const administrator = await accessToken(first.url, "admin");
  await cluster.redis.stop();
  await isOutEverywhere(revoked, await revokes(administrator, `people/patient/sessions/${revoked.session}`));
}, 60_000);
