import { decodeJwt } from "jose";
import { pack } from "msgpackr";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Clinic, newId, openClinic } from "./clinic.ts";

/** Colyseus's first frame to whoever has joined. */
const joinFrame = 10;
const dataFrame = 13;
let clinic: Clinic;
let room = "";
beforeAll(async () => {
  clinic = await openClinic();
  room = await clinic.chat({ patient: "member" });
});
afterAll(() => clinic.close());

const auth = (token: string, more: object = {}) => ({ authorization: `Bearer ${token}`, ...more });

/** A sign-in of its own, which an administrator can end. */
async function signIn(): Promise<{ readonly token: string; end(): Promise<number> }> {
  const { body } = await clinic.rest("POST", "/v1/auth/token", null, {
    username: "patient",
    password: "demo-patient",
  });
  const token = String(body.access_token);
  const path = `/v1/people/patient/sessions/${decodeJwt(token).sid}`;
  const admin = await clinic.token("admin");
  return { token, end: async () => (await clinic.rest("DELETE", path, admin)).status };
}

interface Seat {
  readonly roomId: string;
  readonly processId: string;
  readonly sessionId: string;
}

async function seatFor(token: string): Promise<Seat> {
  const response = await fetch(`${clinic.url}/matchmake/joinOrCreate/chat`, {
    method: "POST",
    headers: auth(token, { "content-type": "application/json" }),
    body: JSON.stringify({ room }),
  });
  const seat: Seat = await response.json();
  return seat;
}

const addressOf = ({ processId, roomId, sessionId }: Seat) =>
  `${clinic.url.replace("http", "ws")}/${processId}/${roomId}?sessionId=${sessionId}`;

it("a seat that was given before the sign-in ended is no way in afterwards", async () => {
  const { token, end } = await signIn();
  const seat = await seatFor(token);
  expect(await end()).toBe(204);
  const socket = new WebSocket(addressOf(seat));
  socket.on("error", () => {});
  const outcome = await new Promise((resolve) => {
    socket.once("close", () => resolve("sent away"));
    socket.on("message", (frame: Buffer) => frame[0] === joinFrame && resolve("let in"));
  });
  socket.terminate();
  expect(outcome).toBe("sent away");
});

it("a client that is told to go, and does not, is heard no more and cut off", async () => {
  const { token, end } = await signIn();
  const socket = new WebSocket(addressOf(await seatFor(token)));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise<void>((resolve) => {
    socket.on("message", (frame: Buffer) => frame[0] === joinFrame && resolve());
  });
  socket.send(new Uint8Array([joinFrame]));
  const say = (body: string) => socket.send(frameOf("chat.send", { id: newId(), body }));
  say("before the end");
  await expect.poll(count, { timeout: 20_000 }).toBe(1);
  // It does not answer the server's good-bye.
  const receiver: unknown = Reflect.get(socket, "_receiver");
  if (typeof receiver !== "object" || receiver === null) throw new Error("the socket has no receiver");
  Reflect.get(receiver, "removeAllListeners").call(receiver, "conclude");

  expect(await end()).toBe(204);
  for (let n = 0; n < 5; n += 1) say("after the end");
  await closed;
  expect(await count()).toBe(1);
});

/** A message as the stock client sends it: code, name, payload. */
function frameOf(name: string, payload: object): Buffer {
  return Buffer.concat([Buffer.from([dataFrame]), pack(name), pack(payload)]);
}

async function count(): Promise<number> {
  const { body } = await clinic.rest(
    "GET",
    `/v1/rooms/chat/${room}/messages`,
    await clinic.token("clinician"),
  );
  return Array.isArray(body.items) ? body.items.length : -1;
}
