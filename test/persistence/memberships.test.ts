import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { createMemberships, type Memberships } from "../../core/platform/repositories/memberships.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { createPaper, type Paper } from "./written-room.ts";

const event = { at: 1, by: "desk", event: { type: "visit.changed" } };
const kindOf = "consultation" as const;

describe.each(databaseKinds)("memberships, %s", (kind) => {
  let database: Database;
  let paper: Paper;
  let memberships: Memberships;

  beforeAll(async () => {
    database = await openDatabase(kind);
    paper = createPaper(database);
    memberships = createMemberships(database.tenants);
  });
  afterAll(() => database.close());

  it("have the role as the room's kind names it, for as long as it is held", async () => {
    const visit = await paper.room({ kind: kindOf, id: "one" });
    const change = (person: string, role: string | null) =>
      paper.journal.append([visit.part([event], { members: [{ person, role }] })]);
    const role = () => memberships.role("clinic", visit.ref, "pat");
    expect(await role()).toBeNull();
    await change("pat", "patient");
    expect(await role()).toBe("patient");
    await change("clara", "clinician");
    await change("pat", "observer");
    expect(await role()).toBe("observer");
    expect(await memberships.role("clinic", { kind: "chat", id: "one" }, "pat")).toBeNull();
    await change("pat", null);
    expect(await role()).toBeNull();
    expect(await memberships.role("clinic", visit.ref, "clara")).toBe("clinician");
    expect(await memberships.role("elsewhere", visit.ref, "clara")).toBeNull();
  });

  it("are found by the person, of one kind and organisation", async () => {
    for (const [id, of, org, person] of [
      ["v2", kindOf, "clinic", "guest"],
      ["v1", kindOf, "clinic", "guest"],
      ["v3", kindOf, "elsewhere", "guest"],
      ["v4", kindOf, "clinic", "another"],
      ["v1", "chat", "clinic", "guest"],
    ] as const) {
      const room = await paper.room({ kind: of, id }, org);
      await paper.journal.append([room.part([event], { members: [{ person, role: `${of} role` }] })]);
    }
    expect(await memberships.rooms({ org: "clinic", person: "guest", kind: kindOf })).toEqual([
      { id: "v1", role: "consultation role" },
      { id: "v2", role: "consultation role" },
    ]);
    expect(await memberships.rooms({ org: "clinic", person: "guest", kind: "waiting" })).toEqual([]);
  });
});
