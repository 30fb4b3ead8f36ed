import { describe, expect, it } from "vitest";
import { AppendUnknown, createGroupCommit } from "./group-commit.ts";
import type { JournalStore, PartOutcome, RoomPart } from "./journal-store.ts";

function part(id: string): RoomPart {
  return {
    ref: { kind: "chat", id },
    org: "o",
    epoch: 1,
    firstSeq: 1,
    entries: [],
    commands: [],
    members: [],
    cursors: [],
    listing: null,
  };
}

/** A store that answers when it is told to, and remembers what it was sent. */
function store(append: (ids: string[]) => Promise<PartOutcome[]>) {
  const batches: string[][] = [];
  const journal: Pick<JournalStore, "append"> = {
    append: (parts) => {
      const ids = parts.map(({ ref }) => ref.id);
      batches.push(ids);
      return append(ids);
    },
  };
  return { batches, commits: createGroupCommit(journal) };
}

const appended = async (ids: string[]): Promise<PartOutcome[]> => ids.map(() => "appended");
const violation = Object.assign(new Error("duplicate key"), { code: "23505" });

describe("the group commit", () => {
  it("sends what many rooms append at the same time in one statement", async () => {
    const { batches, commits } = store(appended);
    const outcomes = await Promise.all(["a", "b", "c"].map((id) => commits.append(() => part(id))));
    expect(outcomes).toEqual(["appended", "appended", "appended"]);
    expect(batches).toEqual([["a", "b", "c"]]);
  });

  it("asks a room for its part when the batch leaves, not before", async () => {
    const gate = Promise.withResolvers<void>();
    const { commits } = store(async (ids) => {
      await gate.promise;
      return appended(ids);
    });
    const sent: string[] = [];
    const send = (id: string) =>
      commits.append(() => {
        sent.push(id);
        return part(id);
      });
    const first = send("a");
    await expect.poll(() => sent).toEqual(["a"]);
    const second = send("b");
    await expect.poll(() => sent).toEqual(["a", "b"]);
    const third = send("c");
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual(["a", "b"]);
    gate.resolve();
    await Promise.all([first, second, third]);
    expect(sent).toEqual(["a", "b", "c"]);
  });

  it("lets no room fail its neighbours: a refused batch goes again room by room", async () => {
    const { batches, commits } = store(async (ids) => {
      if (ids.includes("bad")) throw violation;
      return appended(ids);
    });
    const [a, bad, c] = await Promise.allSettled(
      ["a", "bad", "c"].map((id) => commits.append(() => part(id))),
    );
    expect([a, c]).toMatchObject([{ value: "appended" }, { value: "appended" }]);
    expect(bad).toMatchObject({ status: "rejected", reason: expect.any(AppendUnknown) });
    expect(batches).toEqual([["a", "bad", "c"], ["a"], ["bad"], ["c"]]);
  });

  it("says that the outcome is unknown when the connection broke, and repeats nothing by itself", async () => {
    const { batches, commits } = store(() => Promise.reject(new Error("connection terminated")));
    const outcomes = await Promise.allSettled(["a", "b"].map((id) => commits.append(() => part(id))));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(AppendUnknown) });
    expect(batches).toHaveLength(1);
  });

  it("goes again for a room that was being claimed, while the others go on", async () => {
    let tries = 0;
    const { batches, commits } = store(async (ids) =>
      ids.map((id) => {
        if (id !== "held") return "appended";
        tries += 1;
        return tries < 3 ? "locked" : "stale";
      }),
    );
    const outcomes = await Promise.all(["a", "held"].map((id) => commits.append(() => part(id))));
    expect(outcomes).toEqual(["appended", "stale"]);
    expect(batches).toEqual([["a", "held"], ["held"], ["held"]]);
  });
});
