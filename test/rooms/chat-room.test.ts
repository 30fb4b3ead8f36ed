import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

/** A chat of its own with the clinician (admin), a patient and an observer in it. */
async function meeting(): Promise<{ id: string; doctor: Member; patient: Member; observer: Member }> {
  const id = await clinic.chat({ patient: "member", desk: "observer" });
  const [doctor, patient, observer] = await Promise.all(
    ["clinician", "patient", "desk"].map((name) => clinic.join(name, id)),
  );
  if (!doctor || !patient || !observer) throw new Error("not everyone came");
  return { id, doctor, patient, observer };
}

describe("a chat room, with stock clients", () => {
  it("delivers a message to everyone, in one order, each knowing the one before", async () => {
    const { doctor, patient, observer } = await meeting();
    const seqs = await Promise.all([doctor.say("one"), patient.say("two"), doctor.say("三")]);
    const last = Math.max(...seqs);
    for (const member of [doctor, patient, observer]) await member.event(({ seq }) => seq === last);
    expect(patient.events).toEqual(doctor.events);
    expect(observer.events).toEqual(doctor.events);
    let prev = 0;
    for (const event of doctor.events) {
      expect(event.prev).toBe(prev);
      prev = event.seq;
    }
    expect(doctor.events.map(({ body }) => body).sort()).toEqual(["one", "two", "三"]);
  });

  it("gives a repeated request its first result and one effect", async () => {
    const { doctor } = await meeting();
    const payload = { id: newId(), body: "once" };
    const first = await doctor.ask("chat.send", payload);
    expect(await doctor.ask("chat.send", payload)).toEqual(first);
    expect(await doctor.ask("chat.send", { ...payload, body: "twice" })).toMatchObject({
      code: "command_conflict",
    });
    await doctor.say("after");
    expect(doctor.events.filter(({ body }) => body === "once")).toHaveLength(1);
  });

  it("edits, keeps the versions, deletes, reacts and replies", async () => {
    const { id, doctor, patient } = await meeting();
    const of = await patient.say("teh text");
    expect(await doctor.ask("chat.edit", { id: newId(), of, body: "x" })).toMatchObject({
      code: "forbidden",
    });
    expect(await patient.ask("chat.edit", { id: newId(), of, body: "the text" })).toMatchObject({
      seq: of + 1,
    });
    await doctor.ask("chat.react", { id: newId(), of, emoji: "👍", on: true });
    await doctor.ask("chat.send", { id: newId(), body: "yes", replyTo: of });
    const gone = await patient.say("to be deleted");
    await doctor.ask("chat.delete", { id: newId(), of: gone });
    expect(await patient.ask("chat.react", { id: newId(), of: gone, emoji: "👍", on: true })).toMatchObject({
      code: "message_deleted",
    });

    const page = await clinic.rest("GET", `/v1/rooms/chat/${id}/messages`, await clinic.token("patient"));
    expect(page.body.items).toMatchObject([
      { seq: gone, body: null },
      { body: "yes", replyTo: of },
      { seq: of, body: "the text", reactions: { "👍": ["clinician"] } },
    ]);
    const path = `/v1/rooms/chat/${id}/messages/${of}/versions`;
    const versions = await clinic.rest("GET", path, await clinic.token("patient"));
    expect(versions.body.items).toMatchObject([{ body: "teh text" }, { body: "the text" }]);
  });

  it("resumes in answers that fit in a frame, however long the texts are", async () => {
    const { doctor, patient } = await meeting();
    const said: number[] = [];
    for (let n = 0; n < 30; n += 1) said.push(await doctor.say(`${n} ${"長".repeat(20_000)}`));
    const seen: unknown[] = [];
    let answers = 0;
    for (let more = true; more; answers += 1) {
      const reply = await patient.ask("chat.resume", { after: seen.at(-1) ?? 0 });
      expect(JSON.stringify(reply).length).toBeLessThan(1024 * 1024);
      seen.push(...(Array.isArray(reply.events) ? reply.events.map(({ seq }) => seq) : []));
      more = reply.more === true;
    }
    expect(seen).toEqual(said);
    expect(answers).toBeGreaterThan(1);
  });

  it("resumes after a seq, without the texts that were replaced or deleted", async () => {
    const { doctor, patient } = await meeting();
    const edited = await doctor.say("first");
    await doctor.ask("chat.edit", { id: newId(), of: edited, body: "second" });
    const deleted = await doctor.say("secret");
    await doctor.ask("chat.delete", { id: newId(), of: deleted });
    const kept = await doctor.say("kept");
    const { events, lastSeq, more } = await patient.ask("chat.resume", { after: 0 });
    expect({ lastSeq, more }).toEqual({ lastSeq: kept, more: false });
    expect(events).toMatchObject([
      { type: "chat.message", seq: edited, prev: 0, body: null },
      { type: "chat.edited", of: edited, body: "second", prev: edited },
      { type: "chat.message", seq: deleted, body: null },
      { type: "chat.deleted", of: deleted },
      { type: "chat.message", seq: kept, body: "kept" },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/first|secret/);
    expect(await patient.ask("chat.resume", { after: kept })).toMatchObject({ events: [], lastSeq: kept });
  });

  it("moves read cursors forward only, and shows them as state", async () => {
    const { doctor, patient } = await meeting();
    const seen = await doctor.say("read me");
    await patient.ask("chat.read", { seq: seen });
    await expect.poll(() => doctor.room.state.cursors.get("patient")).toBe(seen);
    await patient.ask("chat.read", { seq: seen - 1 });
    expect(await patient.ask("chat.read", { seq: seen + 100 })).toMatchObject({ code: "seq_out_of_range" });
    await doctor.say("another");
    expect(doctor.room.state.cursors.get("patient")).toBe(seen);
  });

  it("shows who is typing, until they send or fall silent", async () => {
    const { doctor, patient, observer } = await meeting();
    expect(await observer.ask("chat.typing", { on: true })).toMatchObject({ code: "forbidden" });
    await patient.ask("chat.typing", { on: true });
    await expect.poll(() => doctor.room.state.typing.get("patient")).toBe(true);
    await patient.say("there");
    await expect.poll(() => doctor.room.state.typing.get("patient")).toBeUndefined();
  });

  it("lets only members in, and puts a removed one out at once", async () => {
    const { id, doctor, patient } = await meeting();
    await expect(clinic.join("patient3", id)).rejects.toMatchObject({
      message: expect.stringMatching(/^room_not_found/),
    });
    await doctor.ask("chat.member", { id: newId(), person: "patient3", role: "observer" });
    const guest = await clinic.join("patient3", id);
    expect(await guest.ask("chat.send", { id: newId(), body: "hi" })).toMatchObject({ code: "forbidden" });
    expect(await patient.ask("chat.member", { id: newId(), person: "patient3", role: null })).toMatchObject({
      code: "forbidden",
    });
    await doctor.ask("chat.member", { id: newId(), person: "patient3", role: null });
    expect(await guest.left).toBe(4102);
    await expect(clinic.join("patient3", id)).rejects.toMatchObject({ code: 404 });
    const history = await clinic.rest("GET", `/v1/rooms/chat/${id}/messages`, await clinic.token("patient3"));
    expect(history).toMatchObject({ status: 404, body: { code: "room_not_found" } });
  });

  it("keeps one administrator, whatever is asked", async () => {
    const { doctor } = await meeting();
    expect(
      await doctor.ask("chat.member", { id: newId(), person: "clinician", role: "member" }),
    ).toMatchObject({
      code: "last_admin",
    });
  });

  it("shows who is there", async () => {
    const { doctor, patient } = await meeting();
    await expect.poll(() => doctor.room.state.members.get("patient")?.online).toBe(true);
    await patient.room.leave();
    await expect.poll(() => doctor.room.state.members.get("patient")?.online).toBe(false);
  });

  it("answers the same over REST and the socket, one order for both", async () => {
    const { id, doctor } = await meeting();
    const command = { name: "chat.send", payload: { id: newId(), body: "by REST" } };
    const path = `/v1/rooms/chat/${id}/commands`;
    const reply = await clinic.rest("POST", path, await clinic.token("patient"), command);
    expect(await doctor.event(({ body }) => body === "by REST")).toMatchObject({
      from: "patient",
      seq: reply.body.seq,
    });
    expect(await clinic.rest("POST", path, await clinic.token("patient"), command)).toEqual(reply);
  });

  it("ends the connections of whoever signs out", async () => {
    const id = await clinic.chat({ admin: "member" });
    const { body } = await clinic.rest("POST", "/v1/auth/token", null, {
      username: "admin",
      password: "demo-admin",
    });
    const member = await clinic.join("admin", id);
    const own = await clinic.rest("POST", "/v1/auth/logout", null, { refresh_token: body.refresh_token });
    expect(own.status).toBeLessThan(300);
    await member.say("another session of the same person goes on");
    await clinic.rest("POST", "/v1/auth/logout", await clinic.token("admin"), {});
    expect(await member.left).toBe(4101);
  });
});
