import { afterAll, beforeAll, expect, it } from "vitest";
import { readiness } from "../../core/protocol/rest.ts";
import { live, until } from "../sdk/clinic.ts";
import type { Server } from "../support/server.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { startTalk } from "./talk.ts";

const soon = { timeout: 60_000, interval: 200 };
const goneMs = 60_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster(2);
}, 400_000);
afterAll(() => cluster?.close());

async function statusOf({ url }: Server): Promise<string> {
  return readiness.parse(await (await fetch(`${url}/readyz`)).json()).status;
}

it("without Redis for a minute, those in rooms of one process go on, and others come to it", async () => {
  const [home, other] = cluster.servers;
  if (!home || !other) throw new Error("There are no two processes.");
  const id = await cluster.openChat();
  const people = ["clinician", "patient", "desk"];
  const [clinician, patient, desk] = await Promise.all(people.map((person) => cluster.session(home, person)));
  if (!clinician || !patient || !desk) throw new Error("Nobody has signed in.");
  const chats = [clinician.joinChat(id), patient.joinChat(id)];
  await Promise.all(chats.map(live));
  if ((await cluster.serverOf("chat", id)) !== home) await cluster.move("chat", id, { to: home });
  const talk = startTalk(chats, "gone");
  await talk.further(10);

  await cluster.redis.stop();
  const since = performance.now();
  await expect.poll(() => statusOf(home), soon).toBe("degraded");
  const late = desk.joinChat(id);
  await live(late);
  // A new room wakes where it was asked for.
  const made = await cluster.openChat();
  const there = desk.joinChat(made);
  await live(there);
  await there.send("a room of its own");
  while (performance.now() - since < goneMs) await talk.further(10);
  expect(talk.statuses()).toEqual(["live"]);

  await cluster.redis.start();
  for (const server of [home, other]) await expect.poll(() => statusOf(server), soon).toBe("ready");
  await live((await cluster.session(other, "clinician")).joinChat(id));
  expect(await cluster.move("chat", id, { to: other })).toMatchObject({ seats: 4 });
  await talk.further(10);
  const acknowledged = await talk.end();
  expect(talk.statuses()).toEqual(["live"]);
  await until(late, ({ messages }) => messages.at(-1)?.seq === acknowledged.at(-1)?.seq);
  expect((await cluster.ownerOf("chat", id)).process).toBe(await cluster.idOf(other));
}, 300_000);
