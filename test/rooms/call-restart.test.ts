import { Client, type Room } from "@colyseus/sdk";
import { expect, it, onTestFinished } from "vitest";
import { joinReply, peerJoin } from "../../core/protocol/call.ts";
import { type Server, startServer } from "../support/server.ts";
import { newId } from "./clinic.ts";

async function token({ url }: Server, username: string): Promise<string> {
  const response = await fetch(`${url}/v1/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password: `demo-${username}` }),
  });
  const { access_token } = await response.json();
  return String(access_token);
}

/** A stock client in the demo's visit. */
async function enter(server: Server, username: string): Promise<Room> {
  const client = new Client(server.url);
  client.auth.token = await token(server, username);
  const room = await client.joinOrCreate("consultation", { room: "demo" });
  room.reconnection.enabled = false;
  return room;
}

async function joinCall(room: Room) {
  const id = newId();
  const capabilities = { backends: ["peer"], audio: true, video: true };
  for (;;) {
    try {
      return joinReply.parse(await room.request("media.join", { id, capabilities }));
    } catch (error) {
      const again =
        error instanceof Error && "reason" in error && JSON.stringify(error.reason).includes('"busy"');
      if (!again) throw error;
    }
  }
}

function signalTo(room: Room): Promise<unknown> {
  return new Promise((resolve) => room.onMessage("media.signal", resolve));
}

it("a call outlives the process that its room was on: the session goes on, and nobody has to join it again", async () => {
  const relay = { TURN_URLS: "turn:127.0.0.1:3478", TURN_SECRET: "turn-secret-of-the-test-0123456789" };
  const server = await startServer({ env: { ...relay, LOG_LEVEL: "trace" } });
  onTestFinished(() => server.dispose());
  const secrets: string[] = [relay.TURN_SECRET];
  for (const room of [await enter(server, "clinician"), await enter(server, "patient")]) {
    const { session, join } = await joinCall(room);
    expect(session).toEqual({ n: 1, backend: "peer" });
    const [turn] = peerJoin.parse(join).iceServers;
    secrets.push(room.reconnectionToken, turn?.username ?? "?", turn?.credential ?? "?");
  }
  await server.kill();
  await server.start();
  const doctor = await enter(server, "clinician");
  const patient = await enter(server, "patient");
  const heard = signalTo(patient);
  // Their browsers never lost each other; the room passes their signals as before.
  expect(
    await doctor.request("media.signal", { session: 1, to: "patient", data: { restart: "a=ice-pwd:mark" } }),
  ).toEqual({});
  expect(await heard).toEqual({ session: 1, from: "clinician", data: { restart: "a=ice-pwd:mark" } });
  expect((await joinCall(patient)).session).toEqual({ n: 1, backend: "peer" });
  const written = server.output();
  expect(written.split("room awake here").length).toBeGreaterThan(2);
  for (const secret of [...secrets, "ice-pwd", "eyJ"]) expect(written).not.toContain(secret);
}, 240_000);
