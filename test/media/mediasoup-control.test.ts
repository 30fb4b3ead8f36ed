import { createSecretKey, randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { DomainError } from "../../core/domain/errors.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { MediaNodeRow } from "../../core/platform/repositories/media-nodes.ts";
import type { LostSession, MediaSession } from "../../media/backend.ts";
import { serveControl } from "../../media/mediasoup/control-server.ts";
import { createControlTokens } from "../../media/mediasoup/control-tokens.ts";
import { createMediasoupBackend } from "../../media/mediasoup/mediasoup-backend.ts";
import { createNodeHandlers } from "../../media/mediasoup/node-requests.ts";
import { createNodes, type Nodes } from "../../media/mediasoup/nodes.ts";
import { RemoteNode } from "../../media/mediasoup/remote-node.ts";
import { eventually, Made, newSession, quiet, rtpOf, startNode, withWorker } from "./mediasoup-node.ts";

const ring = () => createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
const ours = ring();
const now = () => Date.now();
const host = "127.0.0.1";
const turn = { stunUrls: ["stun:stun.example:3478"], turnUrls: [], turnSecret: "", turnTtlSeconds: 60 };

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const rowOf = (id: string, port: number): MediaNodeRow => ({
  id,
  address: `${host}:${port}`,
  version: "1",
  workers: 1,
  sessions: 0,
  consumers: 0,
  draining: false,
  silentMs: 0,
});

describe("the control channel", () => {
  const load = { workers: 1, sessions: 0, producers: 0, consumers: 0, capacity: 500, draining: false };

  /** A node that has nothing, and says what it was asked. */
  const serve = async (answer: (name: string, asked: unknown) => Promise<unknown> = async () => ({})) => {
    const asked: string[] = [];
    const node = { id: "node-1", load: () => load, sessions: () => [], watch: () => () => {} };
    const take = (name: string, data: unknown) => {
      asked.push(name);
      return answer(name, data);
    };
    const control = await serveControl(
      { node, handlers: { take }, tokens: createControlTokens(ours, now), log: quiet },
      0,
      host,
    );
    endings.push(() => control.close());
    return { port: control.port, asked };
  };

  const knock = async (port: number, authorization?: string, path = "/control"): Promise<number | "open"> => {
    const socket = new WebSocket(
      `ws://${host}:${port}${path}`,
      authorization ? { headers: { authorization } } : {},
    );
    endings.push(() => socket.terminate());
    socket.on("error", () => {});
    const refused = new Promise<number>((resolve) =>
      socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0)),
    );
    return Promise.race([once(socket, "open").then(() => "open" as const), refused]);
  };

  it("opens to this installation alone, and to each token once", async () => {
    const { port, asked } = await serve();
    const tokens = createControlTokens(ours, now);
    const bearer = async (from = tokens, node = "node-1") =>
      `Bearer ${(await from.ask("rooms-1", node)).token}`;
    expect(await knock(port)).toBe(401);
    expect(await knock(port, "Bearer e30.e30.e30")).toBe(401);
    expect(await knock(port, await bearer(createControlTokens(ring(), now)))).toBe(401);
    expect(await knock(port, await bearer(createControlTokens(ours, () => now() - 60_000)))).toBe(401);
    expect(await knock(port, await bearer(tokens, "node-2"))).toBe(401);
    const good = await bearer();
    expect(await knock(port, good, "/other")).toBe(401);
    expect(await knock(port, good)).toBe("open");
    expect(await knock(port, good)).toBe(401);
    expect((await fetch(`http://${host}:${port}/control`)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it("parts with whoever says what is malformed, and serves the others", async () => {
    const { port, asked } = await serve();
    const tokens = createControlTokens(ours, now);
    const say = async (text: string | Buffer): Promise<number> => {
      const { token } = await tokens.ask("rooms-1", "node-1");
      const socket = new WebSocket(`ws://${host}:${port}/control`, {
        headers: { authorization: `Bearer ${token}` },
      });
      endings.push(() => socket.terminate());
      await once(socket, "open");
      socket.send(text);
      return new Promise((resolve) => socket.once("close", resolve));
    };
    for (const wrong of [
      "",
      "{",
      "[]",
      '{"id":0,"ask":"open","data":1}',
      '{"id":1,"ask":1}',
      Buffer.from("{}"),
    ]) {
      expect(await say(wrong)).toBe(1008);
    }
    expect(await say("x".repeat(1024 * 1024 + 1))).toBe(1009);
    expect(asked).toEqual([]);
    const node = new RemoteNode({
      id: "node-1",
      address: `${host}:${port}`,
      self: "rooms-1",
      tokens,
      log: quiet,
      lost: () => {},
    });
    endings.push(() => node.stop());
    expect(await node.ask("open", { session: newSession() })).toEqual({});
  });

  it("brings refusals as they are, and failures as such", async () => {
    const { port } = await serve(async (name) => {
      if (name === "leave") throw new Error("the worker has died");
      throw new DomainError("busy", undefined, { retryAfterMs: 70 });
    });
    const tokens = createControlTokens(ours, now);
    const node = new RemoteNode({
      id: "node-1",
      address: `${host}:${port}`,
      self: "rooms-1",
      tokens,
      log: quiet,
      lost: () => {},
    });
    endings.push(() => node.stop());
    const session = newSession();
    await expect(node.ask("open", { session })).rejects.toMatchObject({ code: "busy", retryAfterMs: 70 });
    const failed = await node.ask("leave", { session, person: "anna" }).catch((error: unknown) => error);
    expect(failed).not.toBeInstanceOf(DomainError);
  });

  it("says nothing to what cannot show that it is the node", async () => {
    const tokens = createControlTokens(ours, now);
    const others = createControlTokens(ring(), now);
    const impostor = new WebSocketServer({ port: 0, host });
    endings.push(() => impostor.close());
    await once(impostor, "listening");
    const heard: string[] = [];
    const asked = { from: "rooms-1", nonce: "any" };
    const hellos = [await others.answer("node-1", asked), await tokens.answer("node-2", asked), "none"];
    const knocked = new Promise<void>((resolve) => {
      impostor.on("connection", (socket) => {
        socket.on("message", (text) => heard.push(String(text)));
        socket.send(JSON.stringify({ hello: hellos.pop() ?? "none", load, sessions: [] }));
        if (hellos.length === 0) socket.once("close", () => resolve());
      });
    });
    const address = impostor.address();
    const port = typeof address === "object" ? address?.port : 0;
    const node = new RemoteNode({
      id: "node-1",
      address: `${host}:${port}`,
      self: "rooms-1",
      tokens,
      log: quiet,
      lost: () => {},
    });
    endings.push(() => node.stop());
    const answer = node.ask("open", { session: newSession() }).catch(() => "no answer");
    await knocked;
    expect(node.heard()).toBe(false);
    expect(heard).toEqual([]);
    node.stop();
    expect(await answer).toBe("no answer");
  });
});

withWorker("media nodes in other processes", () => {
  const open = async () => {
    const made = new Made();
    const nodes = await Promise.all(["node-1", "node-2"].map((id) => startNode({}, { id })));
    const controls = await Promise.all(
      nodes.map((node) =>
        serveControl(
          { node, handlers: createNodeHandlers(node), tokens: createControlTokens(ours, now), log: quiet },
          0,
          host,
        ),
      ),
    );
    const rows = nodes.map(({ id }, i) => rowOf(id, controls[i]?.port ?? 0));
    const tokens = createControlTokens(ours, now);
    const remote = { self: "rooms-1", rows: { list: async () => rows }, tokens, expected: true };
    const known: Nodes = createNodes({ local: null, off: null, remote, log: quiet });
    const backend = createMediasoupBackend({ nodes: known, turn, now });
    const lost: LostSession[] = [];
    backend.watch?.((one) => lost.push(one));
    endings.push(async () => {
      known.close();
      await Promise.all(controls.map((control) => control.close()));
      for (const node of nodes) node.close();
    });
    await eventually(() => known.all().filter((node) => node.heard())).toHaveLength(2);
    const begin = async (): Promise<MediaSession> => {
      const session = { ...newSession(), place: null };
      return { ...session, place: await backend.open(session) };
    };
    const nodeOf = ({ place }: MediaSession) => {
      const index = nodes.findIndex(({ id }) => id === place);
      const [node, control] = [nodes[index], controls[index]];
      if (!node || !control) throw new Error("no such node");
      return { node, control };
    };
    return { made, nodes, known, backend, lost, begin, nodeOf };
  };

  it("carry calls as one in the process does, spread by load", async () => {
    const { backend, begin, nodeOf, known } = await open();
    const session = await begin();
    const anna = await backend.join(session, { person: "anna", polite: false });
    if (anna.backend !== "mediasoup") throw new Error("another backend");
    expect(anna.iceServers).toEqual([{ urls: turn.stunUrls }]);
    const { presence, routerRtpCapabilities: rtpCapabilities } = anna;
    const ask = (person: string, data: object) => backend.signal(session, person, data);
    const given = await ask("anna", {
      ask: "produce",
      presence,
      slot: "audio",
      rtpParameters: rtpOf("audio", 5),
    });
    expect(given).toEqual({ producer: expect.any(String) });
    const ito = await backend.join(session, { person: "ito", polite: false, listens: true });
    if (ito.backend !== "mediasoup") throw new Error("another backend");
    expect(ito.send).toBeNull();
    const { producer } = given as { producer: string };
    const taken = await ask("ito", { ask: "consume", presence: ito.presence, producer, rtpCapabilities });
    expect(taken).toMatchObject({ producer, kind: "audio" });
    await expect(ask("ito", { ask: "fly" })).rejects.toMatchObject({ code: "invalid_payload" });
    const carried = nodeOf(session).node.id;
    await eventually(
      () =>
        known
          .all()
          .find(({ id }) => id === carried)
          ?.load().consumers,
    ).toBe(1);
    expect((await begin()).place).not.toBe(carried);
    await backend.leave(session, "anna");
    await backend.close(session);
    await expect(ask("ito", { ask: "withhold", presence: ito.presence, from: [] })).rejects.toMatchObject({
      code: "call_gone",
    });
    await expect(
      backend.join({ ...session, place: "node-9" }, { person: "anna", polite: false }),
    ).rejects.toMatchObject({ code: "call_gone" });
  });

  it("say at once that a worker has died, and go on elsewhere", async () => {
    const { backend, begin, lost, made } = await open();
    const session = await begin();
    const { org, ref, n } = session;
    for (const { pid } of made.workers) process.kill(pid, "SIGKILL");
    await eventually(() => lost).toEqual([{ session: { org, ref, n }, reason: "worker_died" }]);
    await expect(backend.join(session, { person: "anna", polite: false })).rejects.toMatchObject({
      code: "call_gone",
    });
    await eventually(() =>
      begin().then(
        () => "open",
        () => "not yet",
      ),
    ).toBe("open");
  });

  it("are lost when nothing is heard of them", async () => {
    const { backend, begin, lost, nodeOf } = await open();
    const session = await begin();
    const { org, ref, n } = session;
    await nodeOf(session).control.close();
    await eventually(() => lost).toEqual([{ session: { org, ref, n }, reason: "node_lost" }]);
    await expect(backend.join(session, { person: "anna", polite: false })).rejects.toMatchObject({
      code: "call_gone",
    });
    expect((await begin()).place).not.toBe(session.place);
    expect(backend.ready?.()).toBe(true);
    expect(await backend.health()).toBeNull();
  });

  it("have their calls go on elsewhere before they end", async () => {
    const { backend, begin, lost, nodeOf } = await open();
    const session = await begin();
    const { org, ref, n } = session;
    const drained = nodeOf(session).node.drain(30_000);
    await eventually(() => lost[0]).toEqual({ session: { org, ref, n }, reason: "drain" });
    await eventually(() => begin().then(({ place }) => place)).not.toBe(session.place);
    await backend.close(session);
    await drained;
  });
});
