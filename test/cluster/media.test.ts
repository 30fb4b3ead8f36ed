import { Client, type Room } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type JoinReply, joinReply, type SwitchedMessage } from "../../core/protocol/call.ts";
import { withWorker } from "../media/mediasoup-node.ts";
import { newId } from "../rooms/clinic.ts";
import type { Server } from "../support/server.ts";
import { type Cluster, openCluster } from "./cluster.ts";

const metricsToken = "metrics-token-of-the-test-0123456789";
const soon = { timeout: 60_000, interval: 200 };

withWorker("calls on media processes of their own", () => {
  let cluster: Cluster;
  const media: Server[] = [];
  beforeAll(async () => {
    const { MEDIASOUP_WORKER_BIN: bin } = process.env;
    cluster = await openCluster(2, { ROLES: "rooms,api", METRICS_TOKEN: metricsToken });
    const env = {
      ROLES: "media",
      MEDIASOUP_WORKERS: "1",
      MEDIASOUP_CONTROL_ADDRESS: "127.0.0.1",
      ...(bin ? { MEDIASOUP_WORKER_BIN: bin } : {}),
    };
    media.push(await cluster.add(env), await cluster.add(env));
  }, 300_000);
  afterAll(() => cluster?.close());

  const enter = async (server: Server, username: string, visit: string): Promise<Room> => {
    const client = new Client(server.url);
    client.auth.token = await cluster.token(server, username);
    const room = await client.joinOrCreate("consultation", { room: visit });
    room.reconnection.enabled = false;
    return room;
  };

  const refusal = (error: unknown) =>
    error instanceof Error && "reason" in error ? JSON.stringify(error.reason) : String(error);

  /** Joins the call; asks again for as long as the room says so. */
  const joinCall = async (room: Room): Promise<JoinReply> => {
    const id = newId();
    const capabilities = { backends: ["mediasoup", "peer"], audio: true, video: true };
    for (;;) {
      try {
        return joinReply.parse(await room.request("media.join", { id, capabilities }));
      } catch (error) {
        if (!refusal(error).includes('"busy"')) throw error;
      }
    }
  };

  const switched = (room: Room): Promise<SwitchedMessage> =>
    new Promise((resolve) => room.onMessage("media.switched", resolve));

  /** Of its metrics. */
  const sessionsOn = async (server: Server): Promise<number> => {
    const headers = { authorization: `Bearer ${metricsToken}` };
    const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
    return Number(/^hugmedo_media_sessions (\d+)$/m.exec(text)?.[1]);
  };

  const carrier = async (): Promise<Server> => {
    const found: Server[] = [];
    for (const server of media) if ((await sessionsOn(server).catch(() => 0)) > 0) found.push(server);
    const [only, more] = found;
    if (!only || more) throw new Error(`the call is on ${found.length} media processes`);
    return only;
  };

  it("stay where they are when their room moves, go on elsewhere when their process is to end, and over the next backend when it dies", async () => {
    const [first, second] = cluster.servers;
    if (!first || !second) throw new Error("no processes");
    await expect
      .poll(async () => (await cluster.rows("select 1 from media_node where workers = 1")).length, soon)
      .toBe(2);
    for (const server of media) {
      expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({ status: "ready" });
      expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
      expect((await fetch(`${server.url}/v1/me`)).status).toBe(404);
    }
    const visit = await cluster.openVisit();
    await enter(first, "clinician", visit);
    const patient = await enter(first, "patient", visit);
    const joined = await joinCall(patient);
    expect(joined.session).toEqual({ n: 1, backend: "mediasoup" });
    if (joined.join.backend !== "mediasoup") throw new Error("another backend");
    const { presence } = joined.join;
    const ask = (room: Room, session: number) =>
      room.request("media.signal", { session, data: { ask: "withhold", presence, from: [] } });
    expect(await ask(patient, 1)).toEqual({ data: {} });

    // The room moves. What carries the call hears nothing of it.
    const home = await cluster.serverOf("consultation", visit);
    await cluster.move("consultation", visit, { to: home === first ? second : first });
    const patientAfter = await enter(second, "patient", visit);
    const doctor = await enter(second, "clinician", visit);
    expect(await ask(patientAfter, 1)).toEqual({ data: {} });
    expect((await joinCall(doctor)).session.n).toBe(1);

    // The media process is told to end.
    const told = switched(doctor);
    const draining = await carrier();
    const ended = draining.stop();
    expect(await told).toEqual({ session: { n: 2, backend: "mediasoup" }, reason: "drain" });
    expect(await ended).toBe(0);
    const types = async () => (await cluster.journalOf("consultation", visit)).map(({ type }) => type);
    expect(await types()).not.toContain("media.failed");
    for (const room of [doctor, patientAfter]) expect((await joinCall(room)).session.n).toBe(2);

    // The other one dies.
    const lost = switched(doctor);
    await (await carrier()).kill();
    expect(await lost).toEqual({ session: { n: 3, backend: "peer" }, reason: "node_lost" });
    expect((await types()).filter((type) => type === "media.failed")).toHaveLength(1);
  }, 300_000);
});
