import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type Context, createContext } from "../../app/context.ts";
import { createRecords, previewOf, type Records } from "../../app/records.ts";
import { runRetention } from "../../app/retention-cli.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { deriveKeys } from "../../core/platform/crypto/data-keys.ts";
import { open } from "../../core/platform/crypto/envelope.ts";
import type { Eraser } from "../../core/platform/records/eraser.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";
import { type Clinic, newId, openClinic } from "./clinic.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const secret = "左足首を捻挫しました-plaintext-of-the-erased";
const kept = "plaintext-of-somebody-else";
const folder = temporaryFolder("erasure");
let postgres: Postgres;
let clinic: Clinic;
/** Another process of the cluster, as far as records go. */
let other: Context;
let tokens: Record<string, string>;
let later = 0;

const sql = (text: string, values: readonly unknown[] = []) => query(postgres.url, text, values);
const rest = (who: string, method: string, path: string, body?: unknown) =>
  clinic.rest(method, path, tokens[who] ?? "", body);

/** Each sweep is by a process that takes whoever was at it before for dead. */
function sweeper(broken: Partial<Context> = {}, erasers: readonly Eraser[] = []): Records {
  later += 61_000;
  const shift = later;
  const clock = { ...other.clock, now: () => other.clock.now() + shift };
  const records = createRecords(
    { ...other, clock, ...broken },
    { erasers, letGo: async () => {}, ask: async () => {} },
  );
  onTestFinished(() => records.stop());
  return records;
}

const settings = () => ({
  DATABASE_URL: postgres.url,
  DATA_DIR: `${folder.path}/data`,
  DEMO: "1",
  ERASURE_DAYS: "0",
  AUDIT_SEAL_SECONDS: "0.2",
});

beforeAll(async () => {
  postgres = await startPostgres();
  mkdirSync(`${folder.path}/data`);
  clinic = await openClinic(settings());
  other = await createContext(loadConfig({ ...settings(), ROLES: "rooms,api", LOG_LEVEL: "silent" }));
  const names = ["admin", "clinician", "patient", "patient2", "auditor", "desk"];
  tokens = Object.fromEntries(
    await Promise.all(names.map(async (who) => [who, await clinic.token(who)] as const)),
  );
});
afterAll(async () => {
  await clinic.close();
  await other.close();
  await postgres.dispose();
  folder.remove();
});

test("erasing a person destroys what was written about them, wherever it is, and nothing else", async () => {
  const members = [
    { person: "patient2", role: "member" },
    { person: "desk", role: "observer" },
  ];
  const about = String(
    (await rest("clinician", "POST", "/v1/chats", { title: secret, members, subject: "patient2" })).body.id,
  );
  const elsewhere = await clinic.chat({ patient: "member", patient2: "member" });
  const soon = Date.now() + 3_600_000;
  const visit = await rest("clinician", "POST", "/v1/visits", {
    patient: "patient2",
    clinician: "clinician",
    reason: secret,
    at: soon,
    minutes: 15,
  });
  expect(visit.status).toBe(201);
  const inChat = await clinic.join("clinician", about);
  const seq = await inChat.say(secret);
  await inChat.say(`${secret} 2`);
  await rest("desk", "GET", `/v1/rooms/chat/${about}/messages`);
  expect(
    (await rest("auditor", "GET", "/v1/audit?action=messages.read&subject=patient2&actor=desk")).body.items,
  ).toMatchObject([{ room: { kind: "chat", id: about }, detail: { purpose: "reception" } }]);
  const inOther = await clinic.join("clinician", elsewhere);
  await inOther.say(kept);
  const glass = { kind: "chat", id: about, reason: secret, minutes: 5 };
  expect((await rest("admin", "POST", "/v1/break-glass", glass)).status).toBe(201);
  expect((await rest("auditor", "GET", "/v1/break-glass")).body.items).toMatchObject([{ reason: secret }]);
  await other.objects.put(`recordings/demo-clinic/${visit.body.id}/1/files/a/000000`, Buffer.from("sealed"));
  const [key] = await sql("select id, wrapped from data_key where scope = 'person' and subject = 'patient2'");
  const wrapped = key?.wrapped;
  if (!Buffer.isBuffer(wrapped)) throw new Error("there is no key of the patient");
  const before = await sql("select kind, id, seq, payload from journal where id = any($1)", [
    [about, visit.body.id],
  ]);
  // With the key it can be read: what is looked for below is there.
  const opened = async (raw: Uint8Array, id: string) => deriveKeys(id, await other.ring.unwrap(raw, id));
  const readable = (cipher: Parameters<typeof open>[0]) =>
    before.filter(({ kind, id, seq: at, payload }) => {
      try {
        return Buffer.isBuffer(payload) && open(cipher, payload, `${kind}:${id}/${at}`).length > 0;
      } catch {
        return false;
      }
    }).length;
  expect(readable((await opened(wrapped, String(key?.id))).cipher)).toBe(before.length);

  const path = "/v1/people/patient2/erasure";
  const asked = { reason: "asked by letter", confirm: "patient2" };
  expect((await rest("clinician", "POST", path, asked)).status).toBe(403);
  expect((await rest("admin", "POST", path, { ...asked, confirm: "patient" })).body.code).toBe(
    "invalid_payload",
  );
  expect(
    (await rest("admin", "POST", "/v1/people/nobody/erasure", { ...asked, confirm: "nobody" })).body.code,
  ).toBe("person_not_found");
  // A hold on a room under the person's key is one on the person.
  const nothing = { person: "patinet2", reason: "a slip of the pen" };
  expect((await rest("admin", "POST", "/v1/holds", nothing)).body.code).toBe("person_not_found");
  const nowhere = { room: { kind: "chat", id: "nowhere" }, reason: "another" };
  expect((await rest("admin", "POST", "/v1/holds", nowhere)).body.code).toBe("room_not_found");
  const hold = await rest("admin", "POST", "/v1/holds", {
    room: { kind: "chat", id: about },
    reason: "a lawsuit",
  });
  expect((await rest("admin", "POST", path, asked)).body.code).toBe("held");
  expect((await rest("admin", "DELETE", `/v1/holds/${hold.body.id}`)).status).toBe(204);
  const cancelled = await rest("admin", "POST", path, asked);
  expect((await rest("admin", "POST", path, asked)).body.code).toBe("already_exists");
  expect((await rest("admin", "DELETE", `/v1/erasures/${cancelled.body.id}`)).body.cancelledAt).toEqual(
    expect.any(Number),
  );
  await sweeper().sweep();
  expect((await rest("clinician", "GET", `/v1/rooms/chat/${about}/messages`)).body.items).toMatchObject([
    {},
    { body: secret },
  ]);
  const request = await rest("admin", "POST", path, asked);
  expect(request.status).toBe(202);

  // Whoever is at it dies, at every step of the way.
  const killed = () => Promise.reject(new Error("killed"));
  const refused: Eraser = { name: "broken", erase: killed };
  const called: string[] = [];
  const eraser: Eraser = { name: "search", erase: async ({ person }) => void called.push(person) };
  const { owners, journal, objects, audit, identity } = other;
  const faults: readonly Partial<Context>[] = [
    { identity: { ...identity, sessions: { ...identity.sessions, endByPerson: killed } } },
    { owners: { ...owners, claim: killed } },
    { owners: { ...owners, claim: (ref, claim) => owners.claim(ref, claim).then(killed) } },
    { journal: { ...journal, append: killed } },
    { journal: { ...journal, append: (parts) => journal.append(parts).then(killed) } },
    { owners: { ...owners, release: killed } },
    { objects: { ...objects, remove: killed } },
    { audit: { ...audit, record: killed } },
  ];
  for (const fault of faults) await expect(sweeper(fault).sweep()).rejects.toThrow("killed");
  await expect(sweeper({}, [refused]).sweep()).rejects.toThrow("killed");
  expect((await rest("admin", "GET", "/v1/erasures")).body.items).toMatchObject([
    { doneAt: null, begunAt: expect.any(Number) },
    {},
  ]);
  expect((await rest("admin", "DELETE", `/v1/erasures/${request.body.id}`)).body.code).toBe("not_found");
  await sweeper({}, [eraser]).sweep();
  expect(called).toEqual(["patient2"]);

  // The process that had the rooms awake lets go of them and of the key.
  await inChat.left;
  await vi.waitFor(
    async () => expect((await rest("clinician", "GET", `/v1/rooms/chat/${about}/messages`)).status).toBe(200),
    20_000,
  );
  const { body: history } = await rest("clinician", "GET", `/v1/rooms/chat/${about}/messages`);
  expect(history.items).toMatchObject([
    { body: null, from: "clinician" },
    { seq, body: null },
  ]);

  // The room goes on, with whoever is left.
  const again = await clinic.join("clinician", about);
  const state = await again.state(({ members }) => Object.keys(members ?? {}).length > 0);
  expect(Object.keys(state.members).sort()).toEqual(["clinician", "desk"]);
  expect(JSON.stringify(state)).not.toContain("plaintext");
  await again.say("it goes on");
  expect((await rest("clinician", "GET", `/v1/rooms/chat/${about}/messages`)).body.items).toMatchObject([
    { body: "it goes on" },
    {},
    {},
  ]);
  expect((await again.ask("chat.resume", { after: 0 })).events).toHaveLength(3);
  const replayed = await rest("auditor", "GET", `/v1/rooms/chat/${about}/history`);
  expect(replayed.body).toMatchObject({ state: { title: "(erased)", members: { clinician: {}, desk: {} } } });
  expect((await rest("auditor", "GET", `/v1/rooms/consultation/${visit.body.id}/history`)).status).toBe(200);
  expect((await rest("clinician", "GET", `/v1/visits/${visit.body.id}`)).body.code).toBe("room_not_found");

  expect((await rest("auditor", "GET", "/v1/break-glass")).body.items).toMatchObject([
    { room: about, person: { id: "admin" }, reason: null },
  ]);

  // Nowhere is there anything that opens, or a key that would.
  const tables = await sql("select table_name from information_schema.tables where table_schema = 'public'");
  const needles = [secret, "Daniel Okafor", wrapped.toString("hex")];
  for (const { table_name } of tables) {
    const [all] = await sql(`select coalesce(string_agg(t::text, ' '), '') as text from "${table_name}" t`);
    for (const needle of needles)
      expect(`${table_name}: ${String(all?.text).includes(needle)}`).toBe(`${table_name}: false`);
  }
  const left = await sql("select id, wrapped from data_key");
  for (const { id, wrapped: raw } of left) {
    if (!Buffer.isBuffer(raw)) throw new Error("not a key");
    expect(readable((await opened(raw, String(id))).cipher)).toBe(0);
  }
  expect((await objects.list("")).filter((name) => name.startsWith("recordings/"))).toEqual([]);

  // Nobody else lost anything, and the person has gone.
  expect((await rest("patient", "GET", `/v1/rooms/chat/${elsewhere}/messages`)).body.items).toMatchObject([
    { body: kept },
  ]);
  await expect(inOther.say("still there")).resolves.toEqual(expect.any(Number));
  expect((await rest("patient2", "GET", "/v1/me")).status).toBe(401);
  const [person] = await sql("select name, username, password from person where id = 'patient2'");
  expect(person).toEqual({ name: "(erased)", username: null, password: null });
  const sessions = await sql("select agent, network from session where person = 'patient2'");
  expect(sessions.length).toBeGreaterThan(0);
  for (const session of sessions) expect(session).toEqual({ agent: null, network: null });
  const done = await rest("auditor", "GET", "/v1/audit?action=erasure.done");
  expect(done.body.items).toMatchObject([
    { actor: "admin", subject: "patient2", detail: { erasure: request.body.id } },
  ]);
  const { body: verdict } = await rest("auditor", "GET", "/v1/audit/verify");
  expect(verdict.findings).toEqual([]);
});

/** Keys that open a row of a queue's past. */
async function readers(queue: string): Promise<number> {
  const rows = await sql("select seq, payload from journal where kind = 'waiting' and id = $1", [queue]);
  const keys = await Promise.all(
    (await sql("select id, wrapped from data_key")).map(async ({ id, wrapped }) => {
      if (!Buffer.isBuffer(wrapped)) throw new Error("not a key");
      return deriveKeys(String(id), await other.ring.unwrap(wrapped, String(id)));
    }),
  );
  return rows.filter(({ seq, payload }) =>
    keys.some(({ cipher }) => {
      try {
        return Buffer.isBuffer(payload) && open(cipher, payload, `waiting:${queue}/${seq}`).length > 0;
      } catch {
        return false;
      }
    }),
  ).length;
}

test("a queue goes on without whoever was erased, under a new key, and its past opens no more", async () => {
  const made = await rest("admin", "POST", "/v1/queues", {
    settings: { title: "内科" },
    staff: ["clinician"],
  });
  const queue = String(made.body.id);
  for (const who of ["patient3", "patient"]) {
    const patient = await clinic.join(who, queue, "waiting");
    await patient.ask("queue.join", { id: newId(), reason: secret });
    await patient.message("queue.place", ({ place }) => place !== null);
  }
  const staff = await clinic.join("clinician", queue, "waiting");
  await staff.state(({ entries }) => Object.keys(entries).length === 2);
  const before = await readers(queue);
  expect(before).toBeGreaterThan(3);

  // A hold on one who has waited there keeps the past of all.
  const hold = await rest("admin", "POST", "/v1/holds", { person: "patient", reason: "a lawsuit" });
  await rest("admin", "POST", "/v1/people/patient3/erasure", { reason: "asked", confirm: "patient3" });
  await expect(sweeper().sweep()).rejects.toMatchObject({ code: "held" });
  expect(await readers(queue)).toBeGreaterThanOrEqual(before);
  await rest("admin", "DELETE", `/v1/holds/${hold.body.id}`);
  const { owners } = other;
  const killed = () => Promise.reject(new Error("killed"));
  for (const fault of [
    { owners: { ...owners, claim: killed } },
    { owners: { ...owners, release: killed } },
  ] satisfies Partial<Context>[])
    await expect(sweeper(fault).sweep()).rejects.toThrow("killed");
  await sweeper().sweep();
  expect(await readers(queue)).toBe(1);

  await staff.left;
  const again = await clinic.join("clinician", queue, "waiting");
  const { entries } = await again.state((state) => Object.keys(state.entries ?? {}).length > 0);
  expect(Object.values(entries)).toMatchObject([{ name: expect.stringContaining("Sato"), reason: secret }]);
  const [entry = ""] = Object.keys(entries);
  expect(await again.ask("queue.call", { id: newId(), entry })).toHaveProperty("seq");
  const { body } = await rest("auditor", "GET", `/v1/rooms/waiting/${queue}/history`);
  expect(body.state).toMatchObject({ created: true, entries: [{ id: entry, patient: "patient" }] });

  // Retention takes the past, and nobody's place.
  await rest("admin", "PUT", "/v1/retention", { rules: [{ kind: "queues", days: 1 }] });
  await sweeper().sweep();
  expect(await readers(queue)).toBeGreaterThan(1);
  later = 2 * 86_400_000;
  await sweeper().sweep();
  expect(await readers(queue)).toBe(1);
  const last = await clinic.join("clinician", queue, "waiting");
  expect(
    Object.keys((await last.state((state) => Object.keys(state.entries ?? {}).length > 0)).entries),
  ).toEqual([entry]);
  await rest("admin", "PUT", "/v1/retention", { rules: [{ kind: "queues", days: null }] });
});

test("retention takes what nothing has happened in for long enough, and no less, and nothing that is held", async () => {
  const old = await clinic.chat({ patient: "member" });
  const held = await clinic.chat({ patient: "member" });
  for (const room of [old, held]) {
    const member = await clinic.join("clinician", room);
    await member.say(kept);
    await member.room.leave();
  }
  const bodies = async (room: string) => {
    const { body } = await rest("clinician", "GET", `/v1/rooms/chat/${room}/messages`);
    return JSON.stringify(body.items).includes(kept);
  };
  await rest("admin", "POST", "/v1/holds", { room: { kind: "chat", id: held }, reason: "a lawsuit" });
  const settle = (days: number | null, kind = "chat") =>
    rest("admin", "PUT", "/v1/retention", { rules: [{ kind, days }] });
  expect((await settle(3)).body.code).toBe("invalid_payload");
  expect((await settle(30, "constructor")).body.code).toBe("invalid_payload");
  expect(
    (await rest("clinician", "PUT", "/v1/retention", { rules: [{ kind: "chat", days: 30 }] })).status,
  ).toBe(403);
  expect((await settle(30)).body.items).toContainEqual(expect.objectContaining({ kind: "chat", days: 30 }));
  // They sleep, as they would by then.
  await sql("update room_owner set process = null, epoch = epoch + 1 where id = any($1)", [[old, held]]);
  const due = async (days: number) => {
    const found = await previewOf(other.database, () => Date.now() + days * 86_400_000, "demo-clinic");
    return found.map(({ kind, count }) => [kind, count]);
  };
  const dueBefore = await due(29);
  const dueLater = await due(31);
  later = 29 * 86_400_000;
  await sweeper().sweep();
  expect([await bodies(old), await bodies(held)]).toEqual([true, true]);
  await sql("update room_owner set process = null, epoch = epoch + 1 where id = any($1)", [[old, held]]);
  later = 30 * 86_400_000;
  await sweeper().sweep();
  // The one that is held was not counted, and looking removed nothing.
  expect([dueBefore, dueLater, await due(31)]).toEqual([[["chat", 0]], [["chat", 1]], [["chat", 0]]]);
  const lines: string[] = [];
  const world = {
    env: settings(),
    print: (line: string) => lines.push(line),
    complain: (line: string) => lines.push(line),
  };
  expect(await runRetention(["preview", "--org", "demo-clinic"], world)).toBe(0);
  expect(lines).toEqual([expect.stringContaining("demo-clinic: chat, kept for 30 days: 0 due")]);
  expect([await bodies(old), await bodies(held)]).toEqual([false, true]);
  const { body } = await rest("auditor", "GET", "/v1/audit?action=retention.removed&limit=1");
  expect(body.items).toMatchObject([{ actor: "system", detail: { kind: "chat" } }]);
});
