import { createHash } from "node:crypto";
import { Client, type Room } from "@colyseus/sdk";
import { expect, it, onTestFinished } from "vitest";
import { recordings } from "../../core/protocol/rest-recordings.ts";
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

/** A stock client in the demo's visit, with what it has been told of the recording. */
async function enter(server: Server, username: string) {
  const client = new Client(server.url);
  client.auth.token = await token(server, username);
  const room = await client.joinOrCreate("consultation", { room: "demo" });
  room.reconnection.enabled = false;
  const seen: Told[] = [];
  let heard = () => {};
  room.onMessage("recording.state", (told: Told) => {
    seen.push(told);
    heard();
  });
  const told = async (wanted: Partial<Told>): Promise<Told> => {
    for (;;) {
      const found = seen.findLast((one) =>
        Object.entries(wanted).every(([key, value]) => Reflect.get(one, key) === value),
      );
      if (found) return found;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { room, told, token: String(client.auth.token) };
}

interface Told {
  readonly recording: string;
  readonly status: string;
  readonly segment: number;
  readonly reason: string | null;
}

async function ask(room: Room, name: string, payload: object = {}) {
  const id = newId();
  for (;;) {
    try {
      return await room.request(name, { id, ...payload });
    } catch (error) {
      const again =
        error instanceof Error && "reason" in error && JSON.stringify(error.reason).includes('"busy"');
      if (!again) throw error;
    }
  }
}

async function send(server: Server, as: string, { recording, segment }: Told, piece: string) {
  const digest = createHash("sha256").update(piece).digest("base64");
  const path = `/v1/visits/demo/recordings/${recording}/segments/${segment}/chunks/0`;
  const response = await fetch(server.url + path, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${as}`,
      "content-type": "application/octet-stream",
      "content-digest": `sha-256=:${digest}:`,
    },
    body: piece,
  });
  expect(response.status).toBe(204);
}

it("a recording outlives the process that its room was on: what was kept is kept, the gap is, and it goes on", async () => {
  const server = await startServer();
  onTestFinished(() => server.dispose());
  const capabilities = { backends: ["peer"], audio: true, video: true };
  const before = { doctor: await enter(server, "clinician"), patient: await enter(server, "patient") };
  for (const { room } of [before.doctor, before.patient]) {
    await ask(room, "media.join", { capabilities });
    await ask(room, "consent.give", { what: "recording" });
  }
  await ask(before.doctor.room, "recording.start");
  const first = await before.doctor.told({ status: "starting" });
  const { recording } = first;
  await ask(before.doctor.room, "recording.report", { recording, segment: 1, status: "running" });
  await send(server, before.doctor.token, first, "of the first");
  await server.kill();
  await server.start();

  const patient = await enter(server, "patient");
  const doctor = await enter(server, "clinician");
  // As soon as the browser that records is back, it is asked for the next segment.
  const second = await doctor.told({ status: "starting", segment: 2, recording });
  await ask(doctor.room, "recording.report", { recording, segment: 2, status: "running" });
  await patient.told({ status: "running", segment: 2 });
  await send(server, doctor.token, second, "of the second");
  await ask(doctor.room, "recording.stop");
  await ask(doctor.room, "recording.report", { recording, segment: 2, status: "stopped" });
  await ask(doctor.room, "recording.report", { recording, segment: 2, status: "uploaded" });

  const manifest = async () => {
    const headers = { authorization: `Bearer ${doctor.token}` };
    const response = await fetch(`${server.url}/v1/visits/demo/recordings`, { headers });
    return recordings.parse(await response.json()).items[0];
  };
  await expect.poll(async () => (await manifest())?.status, { timeout: 60_000 }).toBe("kept");
  expect(await manifest()).toMatchObject({
    recording,
    intervals: [{ segment: 1 }, { segment: 2 }],
    gaps: [{ reason: "recorder_gone", from: expect.any(Number), to: expect.any(Number) }],
  });
}, 240_000);
