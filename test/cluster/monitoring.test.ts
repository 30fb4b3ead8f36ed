import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import type { Session } from "../../client/sdk/index.ts";
import { readiness } from "../../core/protocol/rest.ts";
import { live } from "../sdk/clinic.ts";
import { samplesOf } from "../support/exposition.ts";
import type { Server } from "../support/server.ts";
import { type Cluster, openCluster } from "./cluster.ts";

const secret = "what-the-monitoring-of-this-test-shows";
/** What must come true may take long on a machine that has much else to do. */
const soon = { timeout: 60_000, interval: 200 };
const patience = 180_000;

let cluster: Cluster;
const sessions: Session[] = [];
const server = (at: number): Server => cluster.servers[at] ?? expect.fail("There is no such process.");

beforeAll(async () => {
  cluster = await openCluster(2, { METRICS_TOKEN: secret });
  // One after another: each sign-in is made to cost something.
  for (const person of ["clinician", "patient", "desk"])
    sessions.push(await cluster.session(server(0), person));
}, 400_000);
afterAll(() => cluster?.close());

/** What a process measures: by series, without the prefix. */
async function measured(one: Server): Promise<(series: string) => number | undefined> {
  const response = await fetch(`${one.url}/metrics`, { headers: { authorization: `Bearer ${secret}` } });
  expect(response.status).toBe(200);
  const samples = samplesOf(await response.text());
  return (series) => samples.get(`hugmedo_${series}`);
}

async function ready(one: Server) {
  const response = await fetch(`${one.url}/readyz`);
  const { status, checks } = readiness.parse(await response.json());
  const amiss = checks.filter(({ reason }) => reason !== undefined).map(({ name }) => name);
  return { code: response.status, status, amiss };
}

const good = { code: 200, status: "ready", amiss: [] };
const line = z.looseObject({ msg: z.string() });

/** The lines of a process's log. */
function logged(one: Server) {
  return one
    .output()
    .split("\n")
    .filter((text) => text.startsWith("{"))
    .map((text) => line.parse(JSON.parse(text)));
}

/** A chat of three people who are there, and the process that it is on. */
async function openTalk() {
  const id = await cluster.openChat();
  const chats = sessions.map((one) => one.joinChat(id));
  onTestFinished(() => {
    for (const chat of chats) chat.leave();
  });
  await Promise.all(chats.map(live));
  const owner = await cluster.serverOf("chat", id);
  const other = cluster.servers.find((one) => one !== owner) ?? expect.fail();
  return { id, chats, owner, other };
}

describe("what operators watch", { timeout: patience }, () => {
  it("the work of a room, and its move to another process", async () => {
    const { id, chats, owner, other } = await openTalk();
    const was = await measured(owner);
    expect(was('rooms_awake{kind="chat"}')).toBeGreaterThanOrEqual(1);
    expect(was("connections")).toBeGreaterThanOrEqual(3);
    expect(was("people_connected")).toBeGreaterThanOrEqual(3);
    expect(was('activation_seconds_count{kind="chat"}')).toBeGreaterThanOrEqual(1);
    expect(was('database_connections_limit{pool="appends"}')).toBe(2);
    expect(was("lease_age_seconds")).toBeGreaterThanOrEqual(0);
    expect(was("draining")).toBe(0);
    for (const check of ["database", "redis", "intake"])
      expect([check, was(`check_ok{check="${check}"}`)]).toEqual([check, 1]);
    for (const check of ["lease", "event_loop"]) expect(was(`check_ok{check="${check}"}`)).toBeDefined();

    const acknowledged = 'acknowledgement_seconds_count{kind="chat"}';
    const appended = 'appends_total{kind="chat",outcome="appended"}';
    await Promise.all(chats.map((chat, i) => chat.send(`message ${i}`)));
    const now = await measured(owner);
    const rise = (series: string) => (now(series) ?? 0) - (was(series) ?? 0);
    expect(rise(acknowledged)).toBeGreaterThanOrEqual(3);
    expect(rise('events_total{kind="chat"}')).toBeGreaterThanOrEqual(3);
    expect(rise(appended)).toBeGreaterThanOrEqual(1);
    expect(rise('append_seconds_count{outcome="answered"}')).toBe(rise("append_batch_rooms_count"));

    const target = await measured(other);
    expect(await cluster.move("chat", id)).toMatchObject({ seats: 3 });
    const left = await measured(owner);
    expect(left('handoffs_total{outcome="moved"}')).toBe((now('handoffs_total{outcome="moved"}') ?? 0) + 1);
    expect(left("handoff_pause_seconds_count")).toBe((now("handoff_pause_seconds_count") ?? 0) + 1);
    const gaps = 'client_gap_seconds_count{cause="moved"}';
    await expect
      .poll(async () => (await measured(other))(gaps), soon)
      .toBeGreaterThanOrEqual((target(gaps) ?? 0) + 3);
  });

  it("which process and which epoch a room's lines are of", async () => {
    const { id, owner, other } = await openTalk();
    const { epoch } = await cluster.ownerOf("chat", id);
    await cluster.move("chat", id);
    const room = { kind: "chat", id };
    const about = (one: Server, msg: string) =>
      logged(one).find((each) => each.id === id && each.msg === msg);
    await expect
      .poll(() => about(owner, "room closed here"), soon)
      .toMatchObject({ ...room, epoch, process: await cluster.idOf(owner), reason: "moved" });
    await expect
      .poll(() => about(other, "room awake here"), soon)
      .toMatchObject({ ...room, epoch: epoch + 1, process: await cluster.idOf(other) });
    for (const one of cluster.servers) {
      const process = await cluster.idOf(one);
      expect(logged(one).filter((each) => each.process !== process)).toEqual([]);
    }
  });

  it("that Redis is away, and that the process works on", async () => {
    await expect.poll(() => ready(server(0)), soon).toEqual(good);
    await cluster.redis.stop();
    await expect
      .poll(() => ready(server(0)), soon)
      .toEqual({ code: 200, status: "degraded", amiss: ["redis"] });
    expect((await measured(server(0)))('check_ok{check="redis"}')).toBe(0);
    await cluster.redis.start();
    await expect.poll(() => ready(server(0)), soon).toEqual(good);
  });

  it("that a process drains, and is to get no new people", async () => {
    const one = server(1);
    const id = await cluster.idOf(one);
    await cluster.post("operator", `cluster/processes/${id}/drain`, {});
    await expect.poll(() => ready(one), soon).toEqual({ code: 503, status: "not_ready", amiss: ["intake"] });
    expect((await measured(one))("draining")).toBe(1);
    await cluster.post("operator", `cluster/processes/${id}/undrain`, {});
    await expect.poll(() => ready(one), soon).toEqual(good);
    expect((await measured(one))("draining")).toBe(0);
  });

  it("that the database stood still, and that nobody's rooms were served meanwhile", async () => {
    const one = server(0);
    const before = (await measured(one))("suspensions_total") ?? 0;
    cluster.postgres.pause();
    await expect
      .poll(() => ready(one), soon)
      .toEqual({ code: 503, status: "not_ready", amiss: ["database", "lease"] });
    const meanwhile = await measured(one);
    expect([meanwhile("suspended"), meanwhile('check_ok{check="lease"}')]).toEqual([1, 0]);
    expect(meanwhile("lease_age_seconds")).toBeGreaterThan(4);
    cluster.postgres.resume();
    await expect.poll(() => ready(one), soon).toEqual(good);
    await expect
      .poll(async () => (await measured(one))("suspensions_total"), soon)
      .toBeGreaterThanOrEqual(before + 1);
  });

  it("that rooms were taken over from a process that has died", async () => {
    const { id, owner, other } = await openTalk();
    const before = (await measured(other))("failovers_total") ?? 0;
    await owner.kill();
    await expect
      .poll(async () => (await measured(other))("failovers_total"), soon)
      .toBeGreaterThanOrEqual(before + 1);
    expect((await cluster.ownerOf("chat", id)).process).toBe(await cluster.idOf(other));
    await owner.start();
  });

  it("without a word about anybody", async () => {
    const secrets = ["demo", "patient", "clinician", "desk", "message 1", "localhost", "127.0.0.1", secret];
    for (const one of cluster.servers) {
      const response = await fetch(`${one.url}/metrics`, { headers: { authorization: `Bearer ${secret}` } });
      const samples = (await response.text()).split("\n").filter((text) => !text.startsWith("#"));
      for (const word of secrets) expect(samples.join("\n")).not.toContain(word);
      expect(one.output()).not.toContain(secret);
    }
  });
});
