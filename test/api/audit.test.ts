import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runAudit } from "../../app/records-cli.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createSealer } from "../../core/platform/records/sealer.ts";
import { sampleRoom } from "./fake-rooms.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
const tokens: Record<string, string> = {};
const org = "demo-clinic";
const folder = mkdtempSync(join(tmpdir(), "hugmedo-audit-"));

const get = (path: string, who: string, headers?: Readonly<Record<string, string>>) =>
  api.call("GET", path, { token: tokens[who] ?? "", ...(headers ? { headers } : {}) });
/** What the audit has, oldest first, since the test began. */
let since = 0;
const entries = async () =>
  (await api.audit.list({ org, limit: 200 })).filter(({ id }) => id > since).toReversed();
const accesses = async () =>
  (await entries()).map(({ actor, action, subject, detail }) => [actor, action, subject, detail.purpose]);

beforeAll(async () => {
  api = await startApi();
  for (const who of ["auditor", "admin", "desk", "clinician", "patient", "patient2"])
    tokens[who] = await api.token(who);
  api.rooms.set("chat:talk", sampleRoom(6));
  const visit = await api.paper.room({ kind: "consultation", id: "v1" }, org);
  const listing = { at: 1_000, owner: "clinician", subject: "patient", status: "in_progress" };
  await api.paper.journal.append([visit.part([], { listing })]);
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  api.faults.audit = null;
  since = (await api.audit.list({ org, limit: 1 }))[0]?.id ?? 0;
});

describe("a read of personal data", () => {
  test("leaves who, whom, what and why: one entry for each whose data it was", async () => {
    expect((await get("/v1/rooms/chat/talk/messages", "clinician")).status).toBe(200);
    expect(await accesses()).toEqual([
      ["clinician", "messages.read", "clinician", "own"],
      ["clinician", "messages.read", "patient", "treatment"],
    ]);
    expect((await entries())[0]).toMatchObject({
      room: { kind: "chat", id: "talk" },
      detail: { operation: "listMessages" },
    });
  });

  test("lists too, and the directory as far as it is about patients", async () => {
    await get("/v1/visits?from=0&to=5000", "desk");
    await get("/v1/people?limit=100", "desk");
    const found = await accesses();
    expect(found[0]).toEqual(["desk", "visits.list", "patient", "reception"]);
    expect(found).toContainEqual(["desk", "people.list", "patient2", "reception"]);
    expect(found.some(([, , subject]) => subject === "clinician")).toBe(false);
  });

  test("of a chat about a patient is one of that patient's data, whoever wrote in it", async () => {
    const about = await api.paper.room({ kind: "chat", id: "about" }, org);
    const listing = { at: 1_000, owner: null, subject: "patient2", status: "open" };
    await api.paper.journal.append([about.part([], { listing })]);
    api.rooms.set("chat:about", sampleRoom(1));
    await get("/v1/rooms/chat/about/messages", "clinician");
    await get("/v1/chats/about", "clinician");
    await get("/v1/chats", "clinician");
    expect((await accesses()).filter(([, , subject]) => subject === "patient2")).toEqual([
      ["clinician", "messages.read", "patient2", "treatment"],
      ["clinician", "chat.read", "patient2", "treatment"],
      ["clinician", "chat.list", "patient2", "treatment"],
    ]);
    api.rooms.delete("chat:about");
  });

  test("by a search or of the events is one too, of whoever is named", async () => {
    await get(`/v1/search?q=${encodeURIComponent("Daniel")}`, "desk");
    expect(await accesses()).toEqual([
      ["desk", "search.query", null, "reception"],
      ["desk", "search.query", "patient2", "reception"],
    ]);
    const talk = await api.paper.room({ kind: "chat", id: "public" }, org);
    const created = {
      ...{ type: "chat.created", title: "t", subject: "patient2" },
      members: [{ person: "patient", name: "n", role: "member" }],
    };
    await api.paper.journal.append([talk.part([{ at: 1_000, by: "system", event: created }])]);
    since = (await api.audit.list({ org, limit: 1 }))[0]?.id ?? 0;
    expect((await get("/v1/events", "admin")).body.items).toHaveLength(1);
    expect((await accesses()).sort()).toEqual([
      ["admin", "events.read", "patient", "administration"],
      ["admin", "events.read", "patient2", "administration"],
    ]);
  });

  test("says why, whichever operation it is", async () => {
    for (const [path, who, purpose] of [
      ["/v1/rooms/consultation/v1/history", "auditor", "audit"],
      ["/v1/rooms/consultation/v1/history", "admin", "administration"],
      ["/v1/people/patient/sessions", "admin", "administration"],
      ["/v1/audit", "admin", "audit"],
      ["/v1/audit/verify", "auditor", "audit"],
      ["/v1/audit/export", "auditor", "audit"],
      ["/v1/search?q=%E9%A0%AD%E7%97%9B", "clinician", "treatment"],
    ] as const) {
      since = (await api.audit.list({ org, limit: 1 }))[0]?.id ?? 0;
      expect([path, (await get(path, who)).status]).toEqual([path, 200]);
      const said = (await entries()).map(({ actor, detail }) => [
        actor,
        detail.purpose,
        typeof detail.operation,
      ]);
      expect([path, said]).toEqual([path, [[who, purpose, "string"]]]);
    }
  });

  test("that shows nobody's data, or is refused, leaves none", async () => {
    expect((await get("/v1/rooms/chat/other/messages", "clinician")).status).toBe(404);
    expect((await get("/v1/visits?from=0&to=1", "desk")).status).toBe(200);
    expect(await accesses()).toEqual([]);
  });

  test("fails closed when it cannot be recorded: nothing is shown", async () => {
    api.faults.audit = new Error("the audit is away");
    for (const [path, who] of [
      ["/v1/rooms/chat/talk/messages", "clinician"],
      ["/v1/rooms/chat/talk/messages/2/versions", "clinician"],
      ["/v1/chats", "patient"],
      ["/v1/chats/talk/members", "patient"],
      ["/v1/visits?from=0&to=5000", "desk"],
      ["/v1/people", "desk"],
      ["/v1/search?q=message", "patient"],
      ["/v1/people/patient/sessions", "admin"],
      ["/v1/events", "admin"],
      ["/v1/events/stream", "admin"],
      ["/v1/audit", "auditor"],
      ["/v1/audit/export", "auditor"],
    ] as const) {
      const answer = await get(path, who);
      expect([path, answer.status]).toEqual([path, 503]);
      expect(answer.text).not.toContain("message 0");
    }
  });

  test("of one's own data goes on", async () => {
    api.faults.audit = new Error("the audit is away");
    expect((await get("/v1/visits?from=0&to=5000", "patient")).body.items).toHaveLength(1);
  });
});

describe("the audit", () => {
  test("is for auditors and administrators, by who, whom, what and when, and a look at it is in it", async () => {
    await get("/v1/rooms/chat/talk/messages", "clinician");
    for (const who of ["patient", "clinician", "desk"])
      for (const path of ["/v1/audit", "/v1/audit/verify", "/v1/audit/export"])
        expect((await get(path, who)).body.code).toBe("forbidden");
    const { body } = await get(
      "/v1/audit?subject=patient&actor=clinician&action=messages.read&kind=chat&room=talk",
      "auditor",
    );
    expect(body.items[0]).toMatchObject({
      actor: "clinician",
      subject: "patient",
      room: { kind: "chat", id: "talk" },
    });
    expect(new Set(body.items.map((item: { action: string }) => item.action))).toEqual(
      new Set(["messages.read"]),
    );
    expect((await get("/v1/audit?kind=chat", "auditor")).body.code).toBe("invalid_payload");
    expect(await accesses()).toContainEqual(["auditor", "audit.read", null, "audit"]);
  });

  test("comes in pages that neither repeat nor leave out", async () => {
    await get("/v1/people?limit=100", "desk");
    const seen: number[] = [];
    let next: string | null = "";
    // Each look adds an entry of its own, newer than all of the pages after it.
    while (next !== null) {
      const after: string = next === "" ? "" : `&after=${encodeURIComponent(next)}`;
      const { body } = await get(`/v1/audit?limit=3${after}`, "auditor");
      seen.push(...body.items.map((item: { id: number }) => item.id));
      next = body.next;
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
    expect(seen.at(-1)).toBe(1);
  });

  test("tells people who looked at their data", async () => {
    await get("/v1/rooms/chat/talk/messages", "clinician");
    await get("/v1/rooms/chat/talk/messages", "patient");
    const { body } = await get("/v1/me/accesses", "patient");
    expect(body.items[0]).toEqual({
      at: api.clock.time,
      by: "Dr. Emma Lindqvist",
      action: "messages.read",
      purpose: "treatment",
      room: { kind: "chat", id: "talk" },
    });
    expect(
      (await get("/v1/me/accesses", "patient2")).body.items.every(
        (item: { by: string }) => item.by !== "Daniel Okafor",
      ),
    ).toBe(true);
  });

  test("verifies over REST, and as an export without a server, where it is told what was changed", async () => {
    const { chain, keys, archive } = api.trail;
    const now = () => api.clock.time;
    const log = createLogger({ level: "silent" });
    const sealer = createSealer({
      chain,
      keys,
      archive,
      log,
      now,
      everyMs: 1,
      checkpointEntries: 1,
      checkpointMs: 1,
    });
    await sealer.round();
    const { body } = await get("/v1/audit/verify", "auditor");
    expect(body).toMatchObject({ ok: true, findings: [], waiting: 1 });
    expect(body.kept).toBeGreaterThan(0);
    const exported = await get("/v1/audit/export", "auditor");
    expect(exported.headers.get("content-type")).toContain("application/jsonl");
    const published = await api.call("GET", "/v1/audit/keys");
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const run = async (...args: string[]) => {
      const lines: string[] = [];
      const code = await runAudit(["verify", ...args], {
        print: (line) => lines.push(line),
        complain: (line) => lines.push(line),
      });
      return { code, text: lines.join("\n") };
    };
    const keyFile = file("keys.json", published.text);
    const whole = file("export.jsonl", exported.text);
    expect(await run("--file", whole, "--keys", keyFile)).toMatchObject({
      code: 0,
      text: expect.stringContaining("nothing is wrong"),
    });
    const lines = exported.text.split("\n");
    const changed = lines.with(3, lines[3]?.replace(/"at":(\d+)/, '"at":1') ?? "");
    expect(await run("--file", file("changed.jsonl", changed.join("\n")), "--json")).toMatchObject({
      code: 1,
      text: expect.stringContaining('"altered","n":3'),
    });
    const gone = lines.toSpliced(5, 1);
    expect(await run("--file", file("gone.jsonl", gone.join("\n")))).toMatchObject({
      code: 1,
      text: expect.stringContaining("seal_missing at 5"),
    });
    const foreign = published.text.replace(/"x":"[^"]{4}/, '"x":"AAAA');
    expect(await run("--file", whole, "--keys", file("foreign.json", foreign))).toMatchObject({
      code: 1,
      text: expect.stringContaining("checkpoint_forged"),
    });
    expect((await run("--file", file("none.jsonl", "{}"))).code).toBe(2);
    expect((await run("--nonsense")).code).toBe(2);
  });
});

describe("texts of consent", () => {
  test("are made by administrators, in versions that stay as they were", async () => {
    const put = (who: string, body: string, language = "ja") =>
      api.call("PUT", "/v1/consent-texts", {
        token: tokens[who] ?? "",
        body: { kind: "recording", language, body },
      });
    expect((await put("clinician", "録音に同意します。")).body.code).toBe("forbidden");
    expect((await put("admin", "録音に同意します。")).body).toMatchObject({ version: 1, language: "ja" });
    expect((await put("admin", "録音に同意します。")).body).toMatchObject({ version: 1 });
    expect((await put("admin", "I agree.", "en")).body).toMatchObject({ version: 1 });
    expect((await put("admin", "録音と録画に同意します。")).body).toMatchObject({ version: 2 });
    const { body } = await get("/v1/consent-texts", "patient");
    expect(
      body.items.map((item: { language: string; version: number }) => [item.language, item.version]),
    ).toEqual([
      ["en", 1],
      ["ja", 2],
    ]);
    expect((await get("/v1/consent-texts/recording/ja/1", "patient")).body.body).toBe("録音に同意します。");
    expect((await get("/v1/consent-texts/recording/ja/3", "patient")).body.code).toBe("not_found");
  });
});
