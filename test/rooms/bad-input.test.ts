import { Client } from "@colyseus/sdk";
import { pack } from "msgpackr";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

let clinic: Clinic;
let room: string;
let doctor: Member;

beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

beforeEach(async () => {
  room = await clinic.chat({ patient: "member" });
  doctor = await clinic.join("clinician", room);
});

const send = (body: unknown) => ["chat.send", { id: newId(), body }] as const;
const of = (seq: unknown) => ({ id: newId(), of: seq });

/** Each with the code it must get. */
const refused: readonly (readonly [string, () => readonly [string, unknown], string])[] = [
  ["an empty body", () => send(""), "body_empty"],
  ["a blank body", () => send(" \n\u3000"), "body_empty"],
  ["a body of 64 KiB and one byte", () => send("a".repeat(65_537)), "body_too_long"],
  ["100,000 combining marks", () => send(`e${"\u0301".repeat(100_000)}`), "body_too_long"],
  ["control characters", () => send("bell \u0007"), "body_malformed"],
  ["a body that is a number", () => send(7), "invalid_payload"],
  ["no id", () => ["chat.send", { body: "x" }], "invalid_payload"],
  ["an id that is too short", () => ["chat.send", { id: "x", body: "x" }], "invalid_payload"],
  ["unknown fields", () => ["chat.send", { id: newId(), body: "x", from: "patient" }], "invalid_payload"],
  [
    "a file that nobody has sent",
    () => ["chat.send", { id: newId(), body: "x", attachments: ["0".repeat(24)] }],
    "file_not_found",
  ],
  [
    "a file by its path",
    () => ["chat.send", { id: newId(), body: "x", attachments: ["../etc/passwd"] }],
    "invalid_payload",
  ],
  ["a reply to nothing", () => ["chat.send", { id: newId(), body: "x", replyTo: 99 }], "message_not_found"],
  ["a negative seq", () => ["chat.read", { seq: -1 }], "invalid_payload"],
  ["a seq that is not a number", () => ["chat.read", { seq: Number.NaN }], "invalid_payload"],
  ["an infinite seq", () => ["chat.read", { seq: Number.POSITIVE_INFINITY }], "invalid_payload"],
  ["half a seq", () => ["chat.read", { seq: 0.5 }], "invalid_payload"],
  ["a seq beyond the end", () => ["chat.read", { seq: 1_000 }], "seq_out_of_range"],
  ["resuming from before the beginning", () => ["chat.resume", { after: -1 }], "invalid_payload"],
  ["resuming from beyond the end", () => ["chat.resume", { after: 1_000 }], "seq_out_of_range"],
  ["deleting what is not there", () => ["chat.delete", of(77)], "message_not_found"],
  ["editing what is no message", () => ["chat.edit", { ...of(1), body: "x" }], "message_not_found"],
  ["an emoji that is none", () => ["chat.react", { ...of(1), emoji: "<b>", on: true }], "invalid_payload"],
  [
    "a role that is none",
    () => ["chat.member", { id: newId(), person: "patient", role: "king" }],
    "invalid_payload",
  ],
  [
    "a person who is none",
    () => ["chat.member", { id: newId(), person: "nobody", role: "member" }],
    "person_not_found",
  ],
  [
    "making a chat that is there",
    () => ["chat.create", { id: newId(), title: "t", members: [{ person: "clinician", role: "admin" }] }],
    "already_exists",
  ],
  ["an unknown request", () => ["chat.explode", {}], "unknown_request"],
  ["a request that objects have", () => ["constructor", {}], "unknown_request"],
  ["a request named __proto__", () => ["__proto__", {}], "unknown_request"],
  ["no payload", () => ["chat.send", undefined], "invalid_payload"],
  ["null", () => ["chat.send", null], "invalid_payload"],
  ["an array", () => ["chat.send", []], "invalid_payload"],
];

describe("bad input to a room", () => {
  it.each(refused)(
    "%s gets a typed refusal, changes nothing, and the connection stays",
    async (_, make, code) => {
      const [name, payload] = make();
      const refusal = await doctor.ask(name, payload);
      expect(refusal).toMatchObject({ code, message: expect.any(String) });
      doctor.room.send(name, payload);
      await expect.poll(() => doctor.errors).toMatchObject([{ re: name, code }]);
      expect(await doctor.say("still here")).toBe(2);
    },
  );

  it("stores HTML as the text it is", async () => {
    const body = "<img src=x onerror=alert(1)> & <b>bold</b>";
    await doctor.say(body);
    expect(await doctor.event(() => true)).toMatchObject({ body });
  });

  it("refuses __proto__ in a payload, over REST and the socket, and pollutes nothing", async () => {
    const path = `/v1/rooms/chat/${room}/commands`;
    const text = `{"name":"chat.send","payload":{"id":"${newId()}","body":"x","__proto__":{"polluted":true}}}`;
    const answer = await clinic.rest("POST", path, await clinic.token("clinician"), text);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_payload" } });
    const payload = JSON.parse(`{"id":"${newId()}","body":"x","__proto__":{"polluted":true}}`);
    expect(await doctor.ask("chat.send", payload)).toMatchObject({ code: "invalid_payload" });
    expect("polluted" in {}).toBe(false);
    expect(await doctor.say("still here")).toBe(2);
  });

  it("refuses lone surrogates, which only REST can carry", async () => {
    const path = `/v1/rooms/chat/${room}/commands`;
    const text = `{"name":"chat.send","payload":{"id":"${newId()}","body":"a\\ud800b"}}`;
    const answer = await clinic.rest("POST", path, await clinic.token("clinician"), text);
    expect(answer).toMatchObject({ status: 422, body: { code: "body_malformed" } });
    expect(await doctor.say("still here")).toBe(2);
  });

  it("refuses a known id with another body, and keeps the first", async () => {
    const id = newId();
    await doctor.ask("chat.send", { id, body: "first" });
    expect(await doctor.ask("chat.send", { id, body: "second" })).toMatchObject({ code: "command_conflict" });
    const { events } = await doctor.ask("chat.resume", { after: 0 });
    expect(events).toMatchObject([{ body: "first" }]);
  });

  it("answers frames that are not of the protocol, and keeps the connection", async () => {
    const { transport } = doctor.room.connection;
    const request = 21;
    const message = 13;
    transport.send(new Uint8Array([message, 0xa4, ...Buffer.from("oops"), 0xc1]));
    transport.send(new Uint8Array([message, 7]));
    transport.send(new Uint8Array([message]));
    transport.send(new Uint8Array([request, 5, 0xa9, ...Buffer.from("chat.send"), ...pack({ id: 1 })]));
    await expect.poll(() => doctor.errors.length).toBeGreaterThanOrEqual(3);
    expect(await doctor.say("still here")).toBe(2);
  });

  it("slows down a flood, and takes more when it has waited", async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, (_, i) => doctor.ask(...send(`m${i}`))));
    const refusals = answers.filter(({ code }) => code === "rate_limited");
    expect(refusals.length).toBeGreaterThan(50);
    expect(refusals.length).toBeLessThan(100);
    const retryAfterMs = Number(refusals.at(-1)?.retryAfterMs);
    expect(retryAfterMs).toBeGreaterThan(0);
    await expect.poll(() => doctor.say("later")).toBeGreaterThan(0);
  });
});

describe("a join that is refused", () => {
  const join = (
    token: string | undefined,
    id: string,
    kind = "chat",
    method: "joinOrCreate" | "create" | "joinById" = "joinOrCreate",
  ) => {
    const client = new Client(clinic.url);
    if (token !== undefined) client.auth.token = token;
    return client[method](kind, { room: id }).then(
      () => "joined",
      (error: { code: number; message: string }) => `${error.code} ${error.message.split(":")[0]}`,
    );
  };

  it("says the same of an unknown room and of one that is not for this person", async () => {
    const token = await clinic.token("patient3");
    expect(await join(token, room)).toBe("404 room_not_found");
    expect(await join(token, "no-such-room")).toBe("404 room_not_found");
    expect(await join(token, "../etc/passwd")).toBe("404 room_not_found");
    expect(await join(token, "x", "no-such-kind")).toBe("404 room_not_found");
  });

  it("takes only good tokens", async () => {
    const good = await clinic.token("clinician");
    const [head = "", claims = "", signature = ""] = good.split(".");
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url");
    const forged = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims, "base64url").toString()), sub: "admin" }),
    );
    for (const bad of [
      undefined,
      "",
      "nonsense",
      `${none}.${claims}.`,
      `${head}.${forged.toString("base64url")}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
    ]) {
      expect(await join(bad, room)).toBe("401 unauthenticated");
    }
    expect(await join(good, room)).toBe("joined");
  });

  it("is the same over REST, and wakes nothing", async () => {
    const token = await clinic.token("patient3");
    const command = { name: "chat.send", payload: { id: newId(), body: "x" } };
    for (const path of [`chat/${room}`, "chat/no-such-room", "waiting/no-such-room", "consultation/demo"]) {
      const answer = await clinic.rest("POST", `/v1/rooms/${path}/commands`, token, command);
      expect(answer, path).toMatchObject({ status: 404, body: { code: "room_not_found" } });
    }
  });

  it("leaves no other way in", async () => {
    const token = await clinic.token("clinician");
    expect(await join(token, room, "chat", "create")).toBe("405 method_not_allowed");
    expect(await join(token, room, "chat", "joinById")).toMatch(/^(404|405) /);
  });
});
