import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seeded, writeMessage } from "../../bench/search/messages.ts";
import { foldText } from "../../core/domain/search/fold.ts";
import { gramsOf } from "../../core/domain/search/grams.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createSearchEraser } from "../../core/platform/search/eraser.ts";
import { liveGeneration } from "../../core/platform/search/generations.ts";
import type { SearchPlace } from "../../core/platform/search/search-index.ts";
import { databaseKinds, openDatabase } from "../persistence/databases.ts";
import { createStage, org, type Stage, shown } from "./stage.ts";

describe.each(databaseKinds)("the search index, %s", (kind) => {
  let database: Database;
  let stage: Stage;

  beforeAll(async () => {
    database = await openDatabase(kind);
    stage = createStage(database);
  });
  afterAll(() => database.close());

  it("finds nothing before there is anything", async () => {
    expect(await stage.find("ann", "頭痛")).toEqual({ items: [], next: null });
  });

  it("finds messages however they are written, and marks what it found", async () => {
    const chat = await stage.open("chat", { ann: "admin" });
    await chat.say(
      "ann",
      "昨日からズキズキと頭痛がします",
      "ＰＣＲ検査の予約",
      "Fever since yesterday",
      "猫の話",
    );
    await stage.follow();
    expect(shown(await stage.find("ann", "ずきずき"))).toEqual(["昨日から[ズキズキ]と頭痛がします"]);
    expect(shown(await stage.find("ann", "頭痛 昨日"))).toEqual(["[昨日]からズキズキと[頭痛]がします"]);
    expect(shown(await stage.find("ann", "pcr"))).toEqual(["[ＰＣＲ]検査の予約"]);
    expect(shown(await stage.find("ann", '"since yes"'))).toEqual(["Fever [since yes]terday"]);
    expect(shown(await stage.find("ann", "猫"))).toEqual(["[猫]の話"]);
    expect(shown(await stage.find("ann", "頭痛 -昨日"))).toEqual([]);
    expect(shown(await stage.find("ann", "esterday"))).toEqual([]);
  });

  it("shows what the reader may see at this moment, and nothing else", async () => {
    const chat = await stage.open("chat", { ann: "admin", ben: "observer" });
    const visit = await stage.open("consultation", { ann: "clinician", dan: "door", eve: "family" });
    const foreign = await stage.open("chat", { zoe: "admin", ann: "admin" }, "elsewhere");
    for (const room of [chat, visit, foreign]) await room.say("ann", "秘密の紫陽花");
    await visit.write("system", {
      ...{ patient: { person: "hana", name: "紫陽花 花" }, clinician: null, reason: "腰痛" },
      ...{ type: "visit.created", schedule: null },
    });
    await stage.follow();
    const found = async (person: string, more = {}) =>
      (await stage.find(person, "紫陽花", more)).items.map((hit) => `${hit.ref.id}/${hit.kind}`).sort();
    const [c, v] = [chat.id, visit.id];
    expect(await found("ann")).toEqual([`${c}/message`, `${v}/message`, `${v}/visit`].sort());
    expect(await found("ben")).toEqual([`${c}/message`]);
    expect(await found("dan")).toEqual([]);
    expect(await found("eve")).toEqual([`${v}/message`, `${v}/visit`]);
    expect(await found("zoe")).toEqual([]);
    expect(await found("desk", { open: ["visit"] })).toEqual([`${v}/visit`]);
    expect(await found("zoe", { org: "elsewhere", open: ["visit", "message"] })).toEqual([
      `${foreign.id}/message`,
    ]);
    await chat.setRole("ben", null);
    await visit.setRole("dan", "family");
    expect(await found("ben")).toEqual([]);
    expect(await found("dan")).toEqual([`${v}/message`, `${v}/visit`]);
    expect((await stage.find("ann", "腰痛", { open: [] })).items).toHaveLength(1);
  });

  it("is one organisation's own in the database too", async () => {
    const rows = (of: string) => database.tenants(of).selectFrom("search_doc").select("org").execute();
    expect(new Set((await rows(org)).map((row) => row.org))).toEqual(new Set([org]));
    expect(await rows("nobody")).toEqual([]);
    const live = await liveGeneration(database.db);
    const { rows: leaked } = await sql`
      select * from search_candidates(${live?.id}, 'ann', '{}', '{message}', '{message}', null, null, null,
        0, ${Number.MAX_SAFE_INTEGER}, ${Number.MAX_SAFE_INTEGER}, 0, 1000)`.execute(
      database.tenants("nobody"),
    );
    expect(leaked).toEqual([]);
    await expect(database.tenants(org).deleteFrom("search_doc").execute()).rejects.toThrow(/permission/);
  });

  it("keeps no text", async () => {
    const { rows } = await sql<{ row: string }>`select d::text as row from search_doc d`.execute(database.db);
    expect(rows.length).toBeGreaterThan(5);
    for (const { row } of rows) expect(row).not.toMatch(/紫陽花|頭痛|fever/i);
  });

  it("follows edits and deletions, and shows neither old text nor deleted one before it has followed", async () => {
    const chat = await stage.open("chat", { ann: "admin" });
    const [first = 0, second = 0] = await chat.say("ann", "朝顔が咲いた", "朝顔が枯れた");
    await stage.follow();
    expect((await stage.find("ann", "朝顔")).items).toHaveLength(2);
    await chat.edit(first, "向日葵が咲いた");
    await chat.remove(second);
    expect((await stage.find("ann", "朝顔")).items).toEqual([]);
    await stage.follow();
    expect((await stage.find("ann", "朝顔")).items).toEqual([]);
    expect(shown(await stage.find("ann", "向日葵"))).toEqual(["[向日葵]が咲いた"]);
    await chat.edit(first, "向日葵と朝顔");
    await stage.follow();
    expect(shown(await stage.find("ann", "朝顔"))).toEqual(["向日葵と[朝顔]"]);
  });

  it("finds titles, files and visits, by their latest words", async () => {
    const chat = await stage.open("chat", { ann: "admin" });
    await chat.write("ann", { ...{ title: "膝の手術", subject: null, members: [] }, type: "chat.created" });
    await chat.write("ann", {
      ...{ id: "f", body: "添付します", attachments: [{ name: "血液検査_2026.pdf" }] },
      type: "chat.message",
    });
    const queue = await stage.open("waiting", {});
    await queue.write("ann", { ...{ settings: { title: "発熱外来" }, staff: [] }, type: "queue.created" });
    await queue.write("ann", {
      ...{ settings: { title: "発熱・咳の外来" }, nextHours: null },
      type: "queue.configured",
    });
    const visit = await stage.open("consultation", { ann: "clinician" });
    await visit.write(
      "system",
      {
        ...{ patient: { person: "k", name: "鈴木 健太" }, clinician: null, reason: "" },
        ...{ type: "visit.created", schedule: { at: 5, minutes: 1 } },
      },
      { ...{ origin: {}, reason: "めまい" }, type: "visit.arrived" },
      { ...{ to: { person: "m", name: "田中 美咲" } }, type: "visit.transferred" },
      { ...{ at: 77, minutes: 15 }, type: "visit.rescheduled" },
    );
    await stage.follow(2);
    const kinds = async (q: string) =>
      (await stage.find("ann", q, { open: ["queue"] })).items.map((hit) => hit.kind);
    expect(await kinds("手術")).toEqual(["chat"]);
    expect(await kinds("血液検査")).toEqual(["file"]);
    expect(await kinds("2026.pdf")).toEqual(["file"]);
    expect(await kinds("発熱外来")).toEqual([]);
    expect(await kinds("咳の外来")).toEqual(["queue"]);
    expect((await stage.find("ann", "鈴木 めまい 美咲")).items).toMatchObject([{ kind: "visit", at: 77 }]);
  });

  it.runIf(kind === "postgres")(
    "gives up a search that takes too long, says so, and keeps no room waiting",
    async () => {
      const chat = await stage.open("chat", { ann: "admin" });
      await chat.say("ann", "山茶花");
      await stage.follow();
      const busy = await database.db.startTransaction().execute();
      try {
        await sql`lock table search_doc in access exclusive mode`.execute(busy);
        const late = stage.find("ann", "山茶花", { patience: 300 });
        const refused = expect(late).rejects.toMatchObject({
          code: "unavailable",
          message: expect.stringMatching(/longer words/),
        });
        expect(await chat.say("ann", "山茶花が咲いた")).toHaveLength(1);
        await refused;
      } finally {
        await busy.rollback().execute();
      }
      // The connection is as good as before, and the next search has the usual time.
      await stage.follow();
      expect((await stage.find("ann", "山茶花")).items).toHaveLength(2);
    },
  );

  it("narrows by room, author and time", async () => {
    const [a, b] = [await stage.open("chat", { ann: "admin" }), await stage.open("chat", { ann: "admin" })];
    await a.say("ann", "金木犀");
    await b.say("bob", "金木犀");
    await stage.follow();
    const rooms = async (more = {}) =>
      (await stage.find("ann", "金木犀", more)).items.map(({ ref }) => ref.id);
    const [newer, older] = (await stage.find("ann", "金木犀")).items;
    expect(await rooms({ room: a.room.ref })).toEqual([a.id]);
    expect(await rooms({ author: "bob" })).toEqual([b.id]);
    expect(await rooms({ since: newer?.at })).toEqual([newer?.ref.id]);
    expect(await rooms({ until: newer?.at })).toEqual([older?.ref.id]);
    expect(await rooms({ kinds: ["file"] })).toEqual([]);
  });

  it("finds over all pages what a plain look at every text finds, each once", async () => {
    const random = seeded(7);
    const texts = new Map<string, string>();
    const rooms = await Promise.all([1, 2, 3].map(() => stage.open("chat", { pia: "admin" })));
    for (const room of rooms) {
      const bodies = Array.from({ length: 60 }, () => writeMessage(random));
      const seqs = await room.say("pia", ...bodies);
      for (const [i, body] of bodies.entries()) texts.set(`${room.id}/${seqs[i]}`, body);
    }
    await stage.follow();
    for (const q of [
      "頭痛",
      "お願い",
      "痛",
      "予約 変更",
      "ﾛｷｿﾆﾝ",
      "please",
      "9",
      "℃で",
      "佐藤 -先生",
      "龍宮城",
    ]) {
      const found: string[] = [];
      for (let after: SearchPlace | null = null, first = true; first || after; first = false) {
        const page: Awaited<ReturnType<Stage["find"]>> = await stage.find("pia", q, {
          after,
          limit: 4,
          window: 7,
        });
        found.push(...page.items.map(({ ref, seq }) => `${ref.id}/${seq}`));
        after = page.next;
      }
      const [wanted = "", without] = q.split(" -");
      const expected = [...texts].filter(([, text]) => {
        const folded = foldText(text);
        const has = (word: string) =>
          /^[a-z0-9]/.test(word) ? new RegExp(`(?<![a-z0-9])${word}`).test(folded) : folded.includes(word);
        return wanted.split(" ").every((word) => has(foldText(word))) && !(without && has(foldText(without)));
      });
      expect(found.toSorted(), q).toEqual(expected.map(([place]) => place).toSorted());
    }
  });

  it("finds the same for a reader of many rooms, among the newest texts and behind them", async () => {
    const chat = await stage.open("chat", { max: "admin", low: "admin" });
    const strange = await stage.open("chat", { low: "admin" });
    for (const room of [chat, strange]) await room.say("low", "水仙が咲いた", "水仙と椿");
    await stage.follow();
    await sql`
      insert into room_member (org, kind, id, person, role)
      select ${org}, 'chat', 'none-' || n, 'max', 'member' from generate_series(1, 70) n`.execute(
      database.db,
    );
    const found = async (more = {}) =>
      (await stage.find("max", "水仙", { now: 0, ...more })).items
        .map(({ ref, seq }) => `${ref.id}/${seq}`)
        .sort();
    const expected = [`${chat.id}/1`, `${chat.id}/2`];
    expect(await found()).toEqual(expected);
    const generation = (await liveGeneration(database.db))?.id;
    await sql`
      insert into search_doc (generation, org, kind, room_kind, room, seq, author, at, sources, grams)
      select ${generation}, ${org}, 'message', 'chat', 'none-1', n, 'low', ${Date.UTC(2027, 0, 1)}::bigint + n, '{}', '{}'
      from generate_series(1, 2100) n`.execute(database.db);
    expect(await found()).toEqual(expected);
    expect(await found({ room: chat.room.ref })).toEqual(expected);
    await database.db.deleteFrom("search_doc").where("room", "=", "none-1").execute();
  });

  it("takes out what was erased, and never brings it back", async () => {
    const about = { org, scope: "person", subject: "hana" } as const;
    const chat = await stage.open("chat", { ann: "admin" });
    const { id: keyId } = await stage.paper.keys.ensure(about);
    await chat.say("ann", "沈丁花");
    await database.db.updateTable("room_owner").set({ key_id: keyId }).where("id", "=", chat.id).execute();
    await database.db
      .insertInto("search_doc")
      .values({
        ...{
          generation: (await liveGeneration(database.db))?.id ?? 0,
          org,
          kind: "message",
          room_kind: "chat",
        },
        ...{ room: chat.id, seq: 9, author: "ann", subject: "hana", at: 1, sources: [1], grams: [1] },
      })
      .execute();
    const kept = async () => {
      const rows = await database.db
        .selectFrom("search_doc")
        .select("seq")
        .where("room", "=", chat.id)
        .execute();
      return rows.map(({ seq }) => seq);
    };
    expect(await kept()).toEqual([9]);
    await database.db.deleteFrom("data_key").where("id", "=", keyId).execute();
    await createSearchEraser(database).erase({ org, person: "hana" });
    expect(await kept()).toEqual([]);
    await stage.follow();
    expect(await kept()).toEqual([]);
    await (await stage.rebuilder.start()).done;
    expect(await kept()).toEqual([]);
  });

  it("forgets what was in a chat that begins again under a new key", async () => {
    const chat = await stage.open("chat", { ann: "admin" });
    const created = (title: string) => ({ ...{ title, subject: null, members: [] }, type: "chat.created" });
    await chat.write("ann", created("芍薬"));
    await chat.say("ann", "芍薬が咲いた", "芍薬が散った");
    await stage.follow();
    expect((await stage.find("ann", "芍薬")).items).toHaveLength(3);
    await chat.say("ann", "芍薬は三つ");
    await chat.write("system", created("erased"));
    await chat.say("ann", "芍薬をまた植えた");
    await stage.follow();
    const rows = await database.db
      .selectFrom("search_doc")
      .select("seq")
      .where("room", "=", chat.id)
      .execute();
    expect(rows.map(({ seq }) => seq).sort()).toEqual([0, 6]);
    expect(shown(await stage.find("ann", "芍薬"))).toEqual(["[芍薬]をまた植えた"]);
  });

  it("is built anew while people write and search, and is then what the journal says", async () => {
    const chats = await Promise.all([1, 2, 3].map(() => stage.open("chat", { rei: "admin" })));
    const expected = new Map<string, string>();
    const random = seeded(3);
    const write = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        for (const chat of chats) {
          const [seq = 0, gone = 0, again = 0] = await chat.say(
            "rei",
            ...[1, 2, 3].map(() => writeMessage(random)),
          );
          await chat.remove(gone);
          await chat.edit(seq, `桔梗 ${writeMessage(random)}`);
          const last = `桔梗 ${writeMessage(random)}`;
          await chat.edit(again, last);
          await chat.edit(seq, last);
          for (const each of [seq, again]) expected.set(`${chat.id}/${each}`, last);
        }
        if (round % 3 === 0) await stage.follow();
      }
    };
    await write(5);
    await stage.follow();
    const before = await liveGeneration(database.db);
    const { generation, done } = await stage.rebuilder.start();
    let counts: number[] = [];
    const read: (number | null)[] = [];
    const search = async () => {
      for (;;) {
        const { building, progress } = await stage.rebuilder.status();
        if (building === null) break;
        read.push(progress);
        counts = [...counts, (await stage.find("rei", "桔梗", { limit: 200 })).items.length];
      }
    };
    await Promise.all([done, write(6), search()]);
    await (await stage.rebuilder.start()).done;
    await stage.follow();
    const live = await liveGeneration(database.db);
    expect(live?.id).toBeGreaterThan(before?.id ?? 0);
    expect(live?.id).toBeGreaterThanOrEqual(generation);
    expect(await stage.rebuilder.status()).toEqual({ live: live?.id, building: null, progress: null });
    for (const each of read) expect(each).toSatisfy((part) => part >= 0 && part <= 1);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(30);

    const rows = await database.db.selectFrom("search_doc").selectAll().execute();
    expect(new Set(rows.map((row) => row.generation))).toEqual(new Set([live?.id]));
    const own = rows.filter(({ room }) => chats.some(({ id }) => id === room));
    const hash = stage.hashes.of({ id: live?.id ?? 0, keyName: live?.keyName ?? "" }, org);
    const sorted = (numbers: Iterable<number>) => [...new Set(numbers)].sort((a, b) => a - b);
    expect(new Map(own.map(({ room, seq, grams }) => [`${room}/${seq}`, sorted(grams)]))).toEqual(
      new Map([...expected].map(([key, text]) => [key, sorted([...gramsOf(foldText(text))].map(hash))])),
    );
  });
});
