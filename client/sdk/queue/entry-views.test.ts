import fc from "fast-check";
import { expect, test } from "vitest";
import { entryState } from "../testing/stub-queue.ts";
import { EntryViews } from "./entry-views.ts";
import type { EntryStateLike } from "./queue-state.ts";

const ids = ["a", "b", "c", "d", "e"] as const;
const step = fc.oneof(
  fc.record({
    do: fc.constant("set" as const),
    id: fc.constantFrom(...ids),
    rank: fc.stringMatching(/^[A-Za-z0-9]{1,3}$/),
  }),
  fc.record({ do: fc.constant("remove" as const), id: fc.constantFrom(...ids) }),
  fc.record({ do: fc.constant("call" as const), id: fc.constantFrom(...ids) }),
  fc.record({ do: fc.constant("need" as const), id: fc.constantFrom(...ids) }),
  fc.record({ do: fc.constant("nothing" as const), id: fc.constantFrom(...ids) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Entries that change in place, as a synchronised state's do, and what of them was touched. */
class Room {
  readonly entries = new Map<string, { -readonly [K in keyof EntryStateLike]: EntryStateLike[K] }>();

  take(now: Step): Set<unknown> {
    const entry = this.entries.get(now.id);
    if (now.do === "set") this.set(now.id, now.rank);
    if (now.do === "remove") this.entries.delete(now.id);
    if (now.do === "call" && entry) entry.status = entry.status === "called" ? "waiting" : "called";
    if (now.do === "need" && entry) entry.needs = entry.needs === "" ? "quiet" : `${entry.needs}\nquiet`;
    return new Set(now.do === "nothing" ? [] : [this.entries, this.entries.get(now.id)]);
  }

  private set(id: string, rank: string): void {
    const entry = this.entries.get(id);
    const free = [...this.entries.values()].every((other) => other.rank !== rank);
    if (!free) return;
    if (entry) entry.rank = rank;
    else this.entries.set(id, { ...entryState(id, rank) });
  }
}

test("entries read by what was touched are those read as a whole, and stay the same where they are the same", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 40 }), (steps) => {
      const room = new Room();
      const views = new EntryViews();
      let before = views.read(room.entries);
      for (const [now, hinted] of steps) {
        const touched = room.take(now);
        const after = views.read(room.entries, hinted ? touched : undefined);
        expect(after).toEqual(new EntryViews().read(room.entries));
        expect(after.map(({ place }) => place)).toEqual(after.map((_, at) => at + 1));
        for (const view of after) {
          const old = before.find(({ id }) => id === view.id);
          if (JSON.stringify(old) === JSON.stringify(view)) expect(view).toBe(old);
        }
        if (JSON.stringify(before) === JSON.stringify(after)) expect(after).toBe(before);
        before = after;
      }
    }),
  );
});

test("of a long queue only what was touched is looked at", () => {
  let reads = 0;
  const watched = (id: string, rank: string) =>
    new Proxy(entryState(id, rank), {
      get: (target, field, self) => {
        reads += 1;
        return Reflect.get(target, field, self);
      },
    });
  const entries = new Map(
    Array.from({ length: 5_000 }, (_, n) => {
      const id = `e${String(n).padStart(4, "0")}`;
      return [id, watched(id, id)] as const;
    }),
  );
  const views = new EntryViews();
  const before = views.read(entries);
  const whole = reads;
  const changed = watched("e2500", "e2500");
  entries.set("e2500", changed);
  Object.defineProperty(changed, "status", { value: "called" });
  reads = 0;
  const after = views.read(entries, new Set([entries, changed]));
  expect(reads).toBe(whole / 5_000);
  expect(after.filter((view, at) => view !== before[at])).toMatchObject([{ id: "e2500", status: "called" }]);
});
