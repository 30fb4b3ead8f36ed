import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { feedStart } from "../../core/platform/journal/feed.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const org = "demo-clinic";

describe("search", () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi();
    const chat = await api.paper.room({ kind: "chat", id: "ours" }, org);
    const members = [{ person: "patient", role: "member" }];
    const say = (body: string, at: number) => ({
      ...{ at, by: "clinician" },
      event: { ...{ id: `m-${at}`, body }, type: "chat.message" },
    });
    const visit = await api.paper.room({ kind: "consultation", id: "hers" }, org);
    const created = {
      ...{ patient: { person: "patient", name: "佐藤 花" }, clinician: null, reason: "片頭痛" },
      ...{ type: "visit.created", schedule: null },
    };
    await api.paper.journal.append([
      chat.part([say("片頭痛の薬です", 1), say("片頭痛はいかがですか", 2)], { members }),
      visit.part([{ at: 3, by: "system", event: created }]),
    ]);
    await api.index(feedStart);
  });
  afterAll(() => api.close());

  const find = async (who: string, query: string) =>
    (await api.call("GET", `/v1/search?${query}`, { token: await api.token(who) })).body;
  const q = (text: string) => `q=${encodeURIComponent(text)}`;

  it("finds what the reader may read, ranked, with places instead of markup", async () => {
    const { items, next, indexedUpTo } = await find("patient", q("片頭痛 薬"));
    expect(items).toEqual([
      {
        ...{ in: "messages", room: { kind: "chat", id: "ours" }, seq: 1, person: "clinician", at: 1 },
        score: expect.any(Number),
        snippet: {
          text: "片頭痛の薬です",
          highlights: [
            { start: 0, end: 3 },
            { start: 4, end: 5 },
          ],
        },
      },
    ]);
    expect([next, indexedUpTo]).toEqual([null, api.clock.time]);
    expect((await find("clinician2", q("片頭痛"))).items).toMatchObject([
      { in: "visits", room: { kind: "consultation", id: "hers" }, seq: null, person: null },
    ]);
    expect((await find("patient2", q("片頭痛"))).items).toEqual([]);
  });

  it("pages, and narrows by kind, room, author and time", async () => {
    const first = await find("patient", `${q("片頭痛")}&limit=1`);
    const second = await find("patient", `${q("片頭痛")}&limit=1&after=${first.next}`);
    expect([...first.items, ...second.items].map(({ seq }) => seq).sort()).toEqual([1, 2]);
    const seqs = async (rest: string) =>
      (await find("patient", `${q("片頭痛")}&${rest}`)).items.map((hit: { seq: number }) => hit.seq);
    expect(await seqs("in=files")).toEqual([]);
    expect(await seqs("room=chat:ours&since=2")).toEqual([2]);
    expect(await seqs("room=chat:other")).toEqual([]);
    expect(await seqs("from=clinician&until=2")).toEqual([1]);
    expect(await seqs("from=patient")).toEqual([]);
  });

  it("finds people as their list shows them to the reader", async () => {
    const people = async (who: string, text: string) =>
      (await find(who, `${q(text)}&in=people`)).items.map((hit: { person: string }) => hit.person);
    expect(await people("desk", "sato")).toEqual(["patient"]);
    expect(await people("desk", "ＳＡＴＯ")).toEqual(["patient"]);
    expect(await people("desk", "patient2")).toEqual(["patient2"]);
    expect(await people("patient2", "sato")).toEqual([]);
    expect(await people("patient2", "田中")).toEqual(["clinician2"]);
  });

  it("records who searched whose rooms, without the words, and answers nothing where it cannot", async () => {
    await find("patient", q("片頭痛"));
    const [entry] = await api.audit.list({ org, limit: 1 });
    expect(entry).toMatchObject({
      actor: "patient",
      action: "search.query",
      detail: { texts: 2, people: 0, purpose: "participation" },
    });
    api.faults.audit = new Error("away");
    expect(
      (await api.call("GET", `/v1/search?${q("片頭痛")}`, { token: await api.token("patient") })).status,
    ).toBe(503);
    api.faults.audit = null;
  });

  it("refuses what cannot be looked for, and those who may not", async () => {
    const status = async (who: string, query: string) =>
      (await api.call("GET", `/v1/search?${query}`, { token: await api.token(who) })).status;
    for (const bad of [
      "",
      q("の"),
      q("-薬"),
      q(" "),
      q("頭痛\u0000"),
      `${q("頭痛")}&in=all`,
      `${q("頭痛")}&after=x`,
    ]) {
      expect(await status("patient", bad), bad).toBe(400);
    }
    expect(await status("patient", `${q("頭痛")}&room=chat:../etc`)).toBe(400);
    expect(await status("auditor", q("頭痛"))).toBe(403);
  });

  it("is made anew on an operator's word", async () => {
    const rebuild = async (who: string) =>
      api.call("POST", "/v1/search/rebuild", { token: await api.token(who) });
    expect(await rebuild("operator")).toMatchObject({ status: 202, body: { generation: 2 } });
    expect((await rebuild("admin")).status).toBe(403);
    const look = async (who: string) =>
      api.call("GET", "/v1/search/rebuild", { token: await api.token(who) });
    expect((await look("operator")).body).toMatchObject({
      live: 1,
      building: 2,
      progress: expect.closeTo(1 / 3),
    });
    expect((await look("admin")).status).toBe(403);
  });
});
