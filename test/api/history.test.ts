import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DomainEvent, Recorded } from "../../core/domain/feature.ts";
import type { RoomKindName } from "../../core/domain/room.ts";
import { type Clinic, openClinic } from "../rooms/clinic.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const event = (type: string, payload: object): DomainEvent => ({ ...payload, type });
const hash = "hash-of-a-code";
const spoken = "what was said";

/** A visit of four events, a second apart: seqs 1 to 4, times 1,000 to 4,000. */
const story: readonly Omit<Recorded, "seq">[] = [
  event("visit.created", {
    patient: { person: "patient", name: "Hana" },
    clinician: { person: "clinician", name: "Emma" },
    reason: "follow-up",
    schedule: null,
  }),
  event("visit.invited", {
    invitation: "0123456789abcdef",
    role: "family",
    label: "Mother",
    hash,
    expiresAt: 9_000,
  }),
  event("chat.message", { id: "message-1", body: spoken }),
  event("visit.started", {}),
].map((one, i) => ({
  at: 1_000 * (i + 1),
  by: ["desk", "clinician", "gone", "system"][i] ?? "",
  event: one,
}));

describe("a room as it was", () => {
  let api: ApiFixture;
  const tokens: Record<string, string> = {};
  const ref = { kind: "consultation", id: "v1" } as const;

  const get = (query = "", who = "auditor", path = "consultation/v1") =>
    api.call("GET", `/v1/rooms/${path}/history${query}`, { token: tokens[who] ?? "" });
  const entries = (org = "demo-clinic") => api.audit.list({ org, limit: 100 });

  beforeAll(async () => {
    api = await startApi();
    for (const who of ["auditor", "admin", "operator", "desk", "clinician", "patient"]) {
      tokens[who] = await api.token(who);
    }
    const { people } = api.identity;
    const gone = { id: "gone", org: "demo-clinic", username: "gone", name: "Left Since" };
    await people.add({ ...gone, roles: ["clinician"], demo: false, password: null });
    await people.setDisabled("gone", 1);
    const write = async (kind: RoomKindName, id: string, org: string) => {
      const room = await api.paper.room({ kind, id }, org);
      const listing = { at: 1_000, owner: "clinician", subject: "patient", status: "in_progress" };
      await api.paper.journal.append([room.part(story, { listing })]);
    };
    await write("consultation", "v1", "demo-clinic");
    await write("consultation", "elsewhere", "other-clinic");
    await api.paper.room({ kind: "chat", id: "empty" }, "demo-clinic");
  });
  beforeEach(() => {
    api.faults.audit = null;
  });
  afterAll(() => api.close());

  test("now: all that happened, who did it, and where it led", async () => {
    const { status, body } = await get();
    expect(status).toBe(200);
    expect(body).toMatchObject({ seq: 4, at: 4_000, next: null });
    expect(body.state.visit).toMatchObject({ phase: "in_progress", startedAt: 4_000, reason: "follow-up" });
    expect(
      body.items.map(({ seq, by, byName, type }: Record<string, unknown>) => [seq, by, byName, type]),
    ).toEqual([
      [1, "desk", "高橋 由美 (Yumi Takahashi)", "visit.created"],
      [2, "clinician", "Dr. Emma Lindqvist", "visit.invited"],
      [3, "gone", "Left Since", "chat.message"],
      [4, "system", "HugMeDo", "visit.started"],
    ]);
  });

  test("names of patients and of who is invited are masked for auditors, and not for administrators", async () => {
    const seen = async (who: string) => {
      const { body } = await get("", who);
      const [created, invited] = body.items;
      const { patient, clinician } = created.payload;
      return [patient.name, clinician.name, invited.payload.label, body.state.visit.patient.name];
    };
    expect(await seen("auditor")).toEqual(["H••", "Emma", "M••", "H••"]);
    expect(await seen("admin")).toEqual(["Hana", "Emma", "Mother", "Hana"]);
  });

  test.each([
    ["?seq=3", 3, 3_000, "scheduled"],
    ["?at=3999", 3, 3_000, "scheduled"],
    ["?at=4000", 4, 4_000, "in_progress"],
    ["?seq=9007199254740991", 4, 4_000, "in_progress"],
  ])("%s is the state after event %i", async (query, seq, at, phase) => {
    const { body } = await get(query);
    expect(body).toMatchObject({ seq, at, state: { visit: { phase } } });
    expect(body.items).toHaveLength(seq);
  });

  test("before anything happened there is nothing", async () => {
    const nothing = { seq: 0, at: null, state: null, items: [], next: null };
    expect((await get("?at=999")).body).toEqual(nothing);
    expect((await get("?seq=0")).body).toEqual(nothing);
    expect((await get("", "admin", "chat/empty")).body).toEqual(nothing);
  });

  test("step by step, and page by page", async () => {
    const steps = [];
    for (const seq of [1, 2, 3, 4]) {
      const { body } = await get(`?seq=${seq}&after=${seq - 1}`);
      expect(body.items).toHaveLength(1);
      steps.push([body.seq, body.items[0].type, Object.keys(body.state.visit.invitations).length]);
    }
    expect(steps).toEqual([
      [1, "visit.created", 0],
      [2, "visit.invited", 1],
      [3, "chat.message", 1],
      [4, "visit.started", 1],
    ]);
    const first = (await get("?seq=3&limit=2")).body;
    const second = (await get(`?seq=3&limit=2&after=${first.next}`)).body;
    const seqs = [first, second].map(({ items }) => items.map(({ seq }: { seq: number }) => seq));
    expect(seqs).toEqual([[1, 2], [3]]);
    expect(second.next).toBeNull();
    expect((await get("?after=4")).body).toMatchObject({ seq: 4, items: [], next: null });
  });

  test("texts of messages and what recognises a code are not in it", async () => {
    const { text, body } = await get();
    expect(text).not.toContain(spoken);
    expect(text).not.toContain(hash);
    expect(body.items[2].payload).toEqual({ id: "message-1", body: null });
    expect(body.state.visit.invitations["0123456789abcdef"]).toMatchObject({
      label: "M••",
      status: "open",
    });
  });

  test("each read is recorded: who read what, of whom, and why", async () => {
    const before = (await entries()).length;
    await get("?at=2000&after=1&limit=7", "admin");
    const [entry, ...others] = await entries();
    expect(others).toHaveLength(before);
    expect(entry).toMatchObject({
      at: api.clock.time,
      actor: "admin",
      action: "room.history",
      room: ref,
      subject: "patient",
      detail: { at: 2_000, after: 1, limit: 7, purpose: "administration", operation: "getRoomHistory" },
    });
  });

  test("what cannot be recorded is not shown", async () => {
    api.faults.audit = new Error("disk full");
    const { status, body, text } = await get();
    expect([status, body.code]).toEqual([503, "unavailable"]);
    expect(text).not.toContain("follow-up");
  });

  test.each(["patient", "clinician", "desk", "operator"])(
    "%s may not, whether it is there or not",
    async (who) => {
      const before = await entries();
      for (const path of ["consultation/v1", "consultation/nowhere", "consultation/elsewhere"]) {
        expect((await get("", who, path)).body.code).toBe("forbidden");
      }
      expect(await entries()).toEqual(before);
    },
  );

  test("another organisation's room is as if it were not there", async () => {
    const [foreign, missing] = await Promise.all(
      ["consultation/elsewhere", "consultation/nowhere"].map((path) => get("", "auditor", path)),
    );
    expect(foreign?.body.code).toBe("room_not_found");
    expect({ ...foreign?.body, instance: "" }).toEqual({ ...missing?.body, instance: "" });
    expect(await entries("other-clinic")).toEqual([]);
  });

  test.each(["at=1&seq=1", "at=-1", "seq=x", "after=-1", "limit=0", "at=", "at=1&at=2", "seq=1e3"])(
    "?%s is not of the form",
    async (query) => {
      const before = await entries();
      expect((await get(`?${query}`)).body.code).toBe("invalid_payload");
      expect(await entries()).toEqual(before);
    },
  );
});

describe("on a real server", () => {
  let clinic: Clinic;
  beforeAll(async () => {
    clinic = await openClinic();
  });
  afterAll(() => clinic.close());

  test("a queue is replayed step by step, with who did what and why", async () => {
    const path = "/v1/rooms/waiting/demo-skin";
    const send = async (who: string, name: string, payload: object) => {
      const { body } = await clinic.rest("POST", `${path}/commands`, await clinic.token(who), {
        name,
        payload,
      });
      return body;
    };
    const auditor = await clinic.token("auditor");
    const history = async (query = "") => {
      const { body } = await clinic.rest("GET", `${path}/history${query}`, auditor);
      return JSON.parse(JSON.stringify(body));
    };
    const statuses = ({ state }: Awaited<ReturnType<typeof history>>): string[] =>
      state.entries.map(({ patient, status }: Record<string, unknown>) => `${patient} ${status}`);

    const first = Number((await send("patient", "queue.join", { id: "join-patient", reason: "rash" })).seq);
    await send("patient2", "queue.join", { id: "join-patient2", reason: "itch" });
    const [, behind] = (await history()).state.entries;
    const urgent = { id: "make-urgent", entry: behind.id, priority: "urgent", reason: "swelling" };
    const triage = Number((await send("desk", "queue.prioritise", urgent)).seq);
    const called = Number(
      (await send("clinician", "queue.call", { id: "call-behind", entry: behind.id })).seq,
    );

    expect(statuses(await history(`?seq=${first}`))).toEqual(["patient waiting"]);
    expect(statuses(await history(`?seq=${triage - 1}`))).toEqual(["patient waiting", "patient2 waiting"]);
    expect(statuses(await history(`?seq=${triage}`))).toEqual(["patient2 waiting", "patient waiting"]);
    expect(statuses(await history(`?seq=${called}`))).toEqual(["patient2 called", "patient waiting"]);
    const step = await history(`?seq=${triage}&after=${triage - 1}`);
    expect(step.items).toMatchObject([
      { by: "desk", type: "queue.prioritised", payload: { priority: "urgent", reason: "swelling" } },
    ]);
    const now = await history();
    expect(await history(`?at=${now.at}`)).toEqual(now);
  });
});
