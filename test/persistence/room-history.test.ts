import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../core/domain/conversation/feature.ts";
import type { ConversationState } from "../../core/domain/conversation/state.ts";
import { compose, type DomainEvent, mount, type Recorded } from "../../core/domain/feature.ts";
import type { Database } from "../../core/platform/database/database.ts";
import type { Tenants } from "../../core/platform/database/tenants.ts";
import {
  createRoomHistory,
  type Moment,
  type PastEvent,
  type RoomHistory,
  replayOf,
} from "../../core/platform/repositories/room-history.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { createPaper, type Paper } from "./written-room.ts";

const chat = compose(conversation.initial, [
  mount(conversation, { get: (root: ConversationState) => root, set: (_, state) => state }),
]);
const fold = replayOf(chat, (state) => ({ ...state, shown: true }));
const secret = "what was said";
const people = ["ann", "ben", "cho"];

const event = (type: string, payload: object): DomainEvent => ({ ...payload, type });
const members = people.map((person) => ({ person, name: person, role: "admin" }));
const created = event("chat.created", { title: "Then", subject: null, members });
const of = fc.integer({ min: 2, max: 20 });
const person = fc.constantFrom(...people);
const role = fc.constantFrom("admin", "member", null);
const anEvent: fc.Arbitrary<DomainEvent> = fc.oneof(
  fc.record({ type: fc.constant("chat.message"), id: fc.uuid(), body: fc.constant(secret) }),
  fc.record({ type: fc.constant("chat.edited"), id: fc.uuid(), of, body: fc.constant(secret) }),
  fc.record({ type: fc.constant("chat.deleted"), id: fc.uuid(), of }),
  fc.record({ type: fc.constant("chat.read"), seq: of }),
  fc.record({ type: fc.constant("chat.memberChanged"), id: fc.uuid(), person, name: person, role }),
);
/** A story's next event comes this much after the one before it; several come at the same time. */
const step = fc.record({ by: person, event: anEvent, later: fc.constantFrom(0, 0, 5) });
const stories = fc.array(step, { minLength: 5, maxLength: 30, size: "medium" });

describe.each(databaseKinds)("a room's history, %s", (kind) => {
  let database: Database;
  let paper: Paper;
  let made = 0;

  beforeAll(async () => {
    database = await openDatabase(kind);
    paper = createPaper(database);
  });
  afterAll(() => database.close());

  const openHistory = (tenants: Tenants = database.tenants): RoomHistory =>
    createRoomHistory({
      tenants,
      keys: paper.keys,
      folds: { chat: fold, waiting: fold, consultation: fold },
    });

  /** Writes a story into a new room, in parts of a few events each. */
  const write = async (story: readonly Omit<Recorded, "seq">[], partSize = 3) => {
    made += 1;
    const room = await paper.room({ kind: "chat", id: `room-${made}` });
    for (let i = 0; i < story.length; i += partSize) {
      await paper.journal.append([room.part(story.slice(i, i + partSize))]);
    }
    return room.ref;
  };

  it("is the fold of what had happened by then, for every event and every moment", async () => {
    const history = openHistory();
    await fc.assert(
      fc.asyncProperty(stories, async (steps) => {
        const story = toStory(steps);
        const ref = await write(story);
        for (const { seq, at } of story) {
          expect(await history.stateAt("clinic", ref, { seq })).toEqual(expectedAt(story, { seq }));
          for (const moment of [at - 1, at, at + 1]) {
            expect(await history.stateAt("clinic", ref, { at: moment })).toEqual(
              expectedAt(story, { at: moment }),
            );
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it("steps through the events in order, in pages of any size, up to any moment", async () => {
    const history = openHistory();
    const moments = fc.oneof(fc.record({ seq: fc.nat(35) }), fc.record({ at: fc.nat(120) }));
    const until = fc.option(moments, { nil: undefined });
    await fc.assert(
      fc.asyncProperty(stories, until, fc.integer({ min: 1, max: 7 }), async (steps, last, limit) => {
        const story = toStory(steps);
        const ref = await write(story);
        const events = await stepThrough(history, { ref, limit, until: last });
        const wanted = story.filter((one) => last === undefined || isBy(one, last));
        expect(events.map(({ seq, at, by, type }) => ({ seq, at, by, type }))).toEqual(
          wanted.map(({ seq, at, by, event }) => ({ seq, at, by, type: event.type })),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("never shows what was said", async () => {
    const story = [
      created,
      event("chat.message", { id: "m", body: secret }),
      event("chat.message", { id: "r", body: secret, replyTo: 2 }),
      event("chat.edited", { id: "e", of: 2, body: secret }),
      event("chat.deleted", { id: "d", of: 2 }),
    ];
    const ref = await write(story.map((one, at) => ({ at, by: "ann", event: one })));
    const history = openHistory();
    const past = await history.events("clinic", ref, { after: 0, limit: 10 });
    expect(past.slice(1).map(({ payload }) => payload)).toEqual([
      { id: "m", body: null },
      { id: "r", body: null, replyTo: 2 },
      { id: "e", of: 2, body: null },
      { id: "d", of: 2 },
    ]);
    expect(past[0]).toEqual({
      seq: 1,
      at: 0,
      by: "ann",
      type: "chat.created",
      payload: { title: "Then", subject: null, members },
    });
    expect(JSON.stringify([past, await history.stateAt("clinic", ref, { seq: 5 })])).not.toContain(secret);
  });

  it("reads the journal a page at a time, and no further than it has to", async () => {
    const message = (n: number) => event("chat.message", { id: `m${n}`, body: secret });
    const story = [created, ...Array.from({ length: 1_200 }, (_, n) => message(n))];
    const ref = await write(
      story.map((one, at) => ({ at, by: "ann", event: one })),
      400,
    );
    const reads: { after: number; entries: number }[] = [];
    const history = openHistory((org) =>
      database.tenants(org).withPlugin({
        transformQuery: ({ node }) => node,
        transformResult: async ({ result }) => {
          const [first] = result.rows;
          if (typeof first?.seq === "number")
            reads.push({ after: first.seq - 1, entries: result.rows.length });
          return result;
        },
      }),
    );
    const read = async (work: Promise<unknown>) => {
      await work;
      return reads.splice(0);
    };
    const pages = [
      { after: 0, entries: 500 },
      { after: 500, entries: 500 },
      { after: 1_000, entries: 201 },
    ];
    expect(await history.stateAt("clinic", ref, { at: 9_000 })).toMatchObject({ seq: 1_201, at: 1_200 });
    expect(reads.splice(0)).toEqual(pages);
    expect(await read(history.stateAt("clinic", ref, { at: 700 }))).toEqual(pages.slice(0, 2));
    expect(await read(history.stateAt("clinic", ref, { seq: 20 }))).toEqual(pages.slice(0, 1));
    expect(await read(history.events("clinic", ref, { after: 0, limit: 2_000 }))).toEqual(pages);
    expect(await read(history.events("clinic", ref, { after: 1_195, limit: 3 }))).toEqual([
      { after: 1_195, entries: 3 },
    ]);
    expect(await history.events("clinic", ref, { after: 490, limit: 600 })).toHaveLength(600);
  });

  it("has nothing before the first event, and no room where none is", async () => {
    const history = openHistory();
    const ref = await write([{ at: 50, by: "ann", event: created }]);
    expect(await history.stateAt("clinic", ref, { at: 49 })).toBeNull();
    expect(await history.stateAt("clinic", ref, { seq: 0 })).toBeNull();
    expect(await history.stateAt("clinic", ref, { seq: 99 })).toMatchObject({ seq: 1, at: 50 });
    expect(await history.events("clinic", ref, { after: 1, limit: 5 })).toEqual([]);
    const nowhere = { kind: "chat", id: "nowhere" } as const;
    const refusal = { code: "room_not_found" };
    await expect(history.stateAt("clinic", nowhere, { seq: 1 })).rejects.toMatchObject(refusal);
    await expect(history.stateAt("elsewhere", ref, { seq: 1 })).rejects.toMatchObject(refusal);
    await expect(history.events("elsewhere", ref, { after: 0, limit: 5 })).rejects.toMatchObject(refusal);
    await expect(history.events("clinic", nowhere, { after: 0, limit: 5 })).rejects.toMatchObject(refusal);
  });
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function toStory(steps: readonly Step[]): Recorded[] {
  let at = 10;
  const first: Recorded = { seq: 1, at, by: "ann", event: created };
  return [
    first,
    ...steps.map(({ by, event, later }, i) => {
      at += later;
      return { seq: i + 2, at, by, event };
    }),
  ];
}

function isBy(recorded: Recorded, moment: Moment): boolean {
  return "seq" in moment ? recorded.seq <= moment.seq : recorded.at <= moment.at;
}

/** What the room showed then, by what a live room does with the same events. */
function expectedAt(story: readonly Recorded[], moment: Moment): unknown {
  const past = story.filter((one) => isBy(one, moment));
  const last = past.at(-1);
  const state = past.reduce(chat.evolve, chat.initial);
  return last ? { seq: last.seq, at: last.at, state: { ...state, shown: true } } : null;
}

async function stepThrough(
  history: RoomHistory,
  {
    ref,
    limit,
    until,
  }: { ref: Parameters<RoomHistory["events"]>[1]; limit: number; until: Moment | undefined },
): Promise<PastEvent[]> {
  const events: PastEvent[] = [];
  for (;;) {
    const page = await history.events("clinic", ref, { after: events.at(-1)?.seq ?? 0, limit, until });
    events.push(...page);
    if (page.length < limit) return events;
  }
}
