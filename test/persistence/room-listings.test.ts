import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import type { RoomListing } from "../../core/platform/journal/journal-store.ts";
import {
  createRoomListings,
  type ListedVisit,
  type RoomListings,
  type VisitsQuery,
} from "../../core/platform/repositories/room-listings.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { createPaper, type Paper } from "./written-room.ts";

const scheduled: RoomListing = { at: 1_000, owner: "clinician", subject: "patient", status: "scheduled" };
const ended: RoomListing = { at: 2_000, owner: null, subject: "patient", status: "ended" };
const event = { at: 1, by: "clinician", event: { type: "visit.changed" } };

describe.each(databaseKinds)("the index of rooms, %s", (kind) => {
  let database: Database;
  let paper: Paper;
  let listings: RoomListings;
  let made = 0;

  beforeAll(async () => {
    database = await openDatabase(kind);
    paper = createPaper(database);
    listings = createRoomListings(database.tenants);
  });
  afterAll(() => database.close());

  const newVisit = (org?: string) => {
    made += 1;
    return paper.room({ kind: "consultation", id: `visit${String(made).padStart(5, "0")}` }, org);
  };

  /** Which write of the row stands. */
  const written = async (id: string) => {
    const { rows } = await sql<{ tx: string }>`
      select xmin::text as tx from room_listing where id = ${id}`.execute(database.db);
    return rows[0]?.tx;
  };

  it("lists a room with the append that says so, changes it with a later one, and keeps it else", async () => {
    const visit = await newVisit();
    const listed = async () => listings.find("clinic", visit.ref);
    expect(await paper.journal.append([visit.part([event])])).toEqual(["appended"]);
    expect(await listed()).toBeNull();
    await paper.journal.append([visit.part([event], { listing: scheduled })]);
    expect(await listed()).toEqual(scheduled);
    await paper.journal.append([visit.part([event])]);
    expect(await listed()).toEqual(scheduled);
    await paper.journal.append([visit.part([event], { listing: ended })]);
    expect(await listed()).toEqual(ended);
  });

  it("gives each room of a statement its own listing, and none to what did not go in", async () => {
    const [stale, fresh, plain, repeated] = [
      await newVisit(),
      await newVisit("other"),
      await newVisit(),
      await newVisit(),
    ];
    const commands = [{ principal: "p", id: "c", mac: Buffer.alloc(16), firstSeq: 1, lastSeq: 1 }];
    await paper.journal.append([repeated.part([event], { commands })]);
    const outcomes = await paper.journal.append([
      stale.part([event], { listing: scheduled, epoch: 7 }),
      fresh.part([event], { listing: ended }),
      plain.part([event]),
      repeated.part([event], { listing: scheduled, commands }),
    ]);
    expect(outcomes).toEqual(["stale", "appended", "appended", "repeated"]);
    const found = await Promise.all(
      [stale, fresh, plain, repeated].map(({ org, ref }) => listings.find(org, ref)),
    );
    expect(found).toEqual([null, ended, null, null]);
  });

  it("writes what is new in a listing, and nothing where all of it is there already", async () => {
    const visit = await newVisit();
    await paper.journal.append([visit.part([event], { listing: ended })]);
    const first = await written(visit.ref.id);
    await paper.journal.append([visit.part([event], { listing: { ...ended } })]);
    expect(await written(visit.ref.id)).toBe(first);
    const changes = [
      { at: 3_000 },
      { owner: "clinician2" },
      { owner: null },
      { subject: "b" },
      { status: "c" },
    ];
    let listing = ended;
    for (const change of changes) {
      listing = { ...listing, ...change };
      await paper.journal.append([visit.part([event], { listing })]);
      expect(await listings.find("clinic", visit.ref)).toEqual(listing);
    }
  });

  it("finds the queues of an organisation", async () => {
    const open = { at: 0, owner: null, subject: null, status: "open" };
    for (const [id, org] of [
      ["surgery", "hospital"],
      ["desk", "hospital"],
      ["elsewhere", "practice"],
    ] as const) {
      const queue = await paper.room({ kind: "waiting", id }, org);
      const listing = id === "desk" ? { ...open, status: "suspended" } : open;
      await paper.journal.append([queue.part([event], { listing })]);
    }
    const visit = await newVisit("hospital");
    await paper.journal.append([visit.part([event], { listing: scheduled })]);
    expect(await listings.queues("hospital")).toEqual([
      { id: "desk", status: "suspended" },
      { id: "surgery", status: "open" },
    ]);
  });

  it("finds visits by time, clinician, patient and status, page by page, each once and in order", async () => {
    const person = fc.constantFrom("ann", "ben");
    const status = fc.constantFrom("scheduled", "ended");
    const at = fc.integer({ min: 0, max: 5 });
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
    const query = fc.record({
      from: fc.nat(3),
      to: fc.integer({ min: 2, max: 6 }),
      clinician: maybe(person),
      patient: maybe(person),
      status: maybe(status),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    const listing = fc.record({ at, owner: fc.option(person), subject: fc.option(person), status });
    let round = 0;
    let found = 0;
    let pages = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(listing, { minLength: 5, maxLength: 20, size: "medium" }),
        fc.array(query, { minLength: 10, maxLength: 10 }),
        async (all, queries) => {
          round += 1;
          const org = `org${round}`;
          const visits = await Promise.all(
            all.map(async (one) => ({ room: await newVisit(org), listing: one })),
          );
          await paper.journal.append(visits.map(({ room, listing }) => room.part([event], { listing })));
          for (const wanted of queries) {
            const read = await readAll(listings, { org, ...wanted });
            const expected = visits
              .filter(({ listing }) => matches(listing, wanted))
              .map(({ room, listing }) => ({ id: room.ref.id, at: listing.at, status: listing.status }))
              .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
            expect(read.visits.map(({ id, at, status }) => ({ id, at, status }))).toEqual(expected);
            found += expected.length;
            pages += read.pages;
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(found).toBeGreaterThan(100);
    expect(pages).toBeGreaterThan(100);
  });

  it("says whose a visit is and for whom", async () => {
    const visit = await newVisit("clinic2");
    await paper.journal.append([visit.part([event], { listing: scheduled })]);
    const page = { org: "clinic2", from: 1_000, to: 1_001, limit: 10 };
    expect(await listings.visits(page)).toEqual([
      { id: visit.ref.id, at: 1_000, clinician: "clinician", patient: "patient", status: "scheduled" },
    ]);
    expect(await listings.visits({ ...page, from: 1_001, to: 9_000 })).toEqual([]);
    expect(await listings.visits({ ...page, from: 0, to: 1_000 })).toEqual([]);
  });
});

type Filter = Omit<VisitsQuery, "org" | "after" | "limit">;

function matches(listing: RoomListing, { from, to, clinician, patient, status }: Filter): boolean {
  return (
    listing.at >= from &&
    listing.at < to &&
    (clinician === undefined || listing.owner === clinician) &&
    (patient === undefined || listing.subject === patient) &&
    (status === undefined || listing.status === status)
  );
}

async function readAll(
  listings: RoomListings,
  query: VisitsQuery,
): Promise<{ visits: ListedVisit[]; pages: number }> {
  const visits: ListedVisit[] = [];
  for (let pages = 1; ; pages += 1) {
    const page = await listings.visits({ ...query, after: visits.at(-1) });
    expect(page.length).toBeLessThanOrEqual(query.limit);
    expect(visits).not.toContainEqual(page[0]);
    visits.push(...page);
    if (page.length < query.limit) return { visits, pages };
  }
}
