import { Client, type Room } from "@colyseus/sdk";
import { expect, it, onTestFinished } from "vitest";
import { joinReply } from "../../core/protocol/call.ts";
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
  const server = await startServer();
  onTestFinished(() => server.dispose());
  for (const room of [await enter(server, "clinician"), await enter(server, "patient")]) {
    expect((await joinCall(room)).session).toEqual({ n: 1, backend: "peer" });
  }
  await server.kill();
  await server.start();
  const doctor = await enter(server, "clinician");
  const patient = await enter(server, "patient");
  const heard = signalTo(patient);
  // Their browsers never lost each other; the room passes their signals as before.
  expect(
    await doctor.request("media.signal", { session: 1, to: "patient", data: { restart: true } }),
  ).toEqual({});
  expect(await heard).toEqual({ session: 1, from: "clinician", data: { restart: true } });
  expect((await joinCall(patient)).session).toEqual({ n: 1, backend: "peer" });
}, 240_000);
