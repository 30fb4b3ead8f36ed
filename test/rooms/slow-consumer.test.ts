import { Socket } from "node:net";
import { matchMaker } from "@colyseus/core";
import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { type Clinic, newId, openClinic } from "./clinic.ts";

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic({ COMMANDS_PER_SECOND: "1000" });
});
afterAll(() => clinic.close());

/** A seat that nobody has taken yet. */
async function seatOf(person: string, room: string) {
  const token = await clinic.token(person);
  const { body } = await clinic.rest("POST", "/matchmake/joinOrCreate/chat", token, { room });
  const [processId, roomId, sessionId] = [body.processId, body.roomId, body.sessionId].map(String);
  if (!processId || !roomId || !sessionId) throw new Error("there is no seat");
  return { name: "chat", processId, roomId, sessionId };
}

/** A connection in a room that reads nothing from the moment it has joined, until it is told to. */
async function deafMember(room: string): Promise<{ readonly socket: WebSocket; readonly tcp: Socket }> {
  const { processId, roomId, sessionId } = await seatOf("patient", room);
  const address = clinic.url.replace("http", "ws");
  const socket = new WebSocket(`${address}/${processId}/${roomId}?sessionId=${sessionId}`);
  const joinRoom = 10;
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("message", () => {
      socket.send(Uint8Array.of(joinRoom));
      socket.once("message", () => resolve());
    });
  });
  const tcp: unknown = Reflect.get(socket, "_socket");
  if (!(tcp instanceof Socket)) throw new Error("the connection cannot be paused");
  tcp.pause();
  return { socket, tcp };
}

it("a connection that does not read is dropped, and its neighbours never wait for it", async () => {
  const room = await clinic.chat({ patient: "member", desk: "member" });
  const doctor = await clinic.join("clinician", room);
  const desk = await clinic.join("desk", room);
  const deaf = await deafMember(room);

  // Far more than the two kernels and the server hold for it together.
  const body = "x".repeat(60_000);
  const rounds = 35;
  for (let round = 0; round < rounds; round += 1) {
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => doctor.ask("chat.send", { id: newId(), body })),
    );
    const last = Math.max(...replies.map(({ seq }) => seq ?? Number.NaN));
    await desk.event(({ seq }) => seq === last);
  }
  expect(desk.events).toHaveLength(rounds * 20);

  let heard = 0;
  deaf.socket.on("message", (frame: Buffer) => {
    heard += frame.length;
  });
  const closed = new Promise((resolve) => deaf.socket.once("close", resolve));
  deaf.tcp.resume();
  await closed;
  expect(heard).toBeLessThan((rounds * 20 * body.length) / 2);
}, 120_000);

it("a room that has ended here lets nobody in, while it waits for a connection that does not read to close", async () => {
  const room = await clinic.chat({ patient: "member", desk: "member" });
  const deaf = await deafMember(room);
  onTestFinished(() => deaf.socket.terminate());
  const seat = await seatOf("desk", room);
  const life = Reflect.get(matchMaker.getLocalRoomById(seat.roomId), "life");
  Reflect.apply(Reflect.get(life, "leave"), life, []);
  const client = new Client(clinic.url);
  client.auth.token = await clinic.token("desk");
  await expect(client.consumeSeatReservation(seat)).rejects.toThrow("room_closed");
});
