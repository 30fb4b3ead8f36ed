import "fake-indexeddb/auto";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { idbOutboxStore } from "./idb-outbox-store.ts";
import { memoryOutboxStore, type OutboxScope, type OutboxStore } from "./outbox-store.ts";

const here: OutboxScope = { origin: "https://one.example", person: "ann", chat: "demo" };
const elsewhere: readonly OutboxScope[] = [
  { ...here, chat: "other" },
  { ...here, person: "bob" },
  { ...here, origin: "https://two.example" },
];
const message = (id: string, writtenAt: number) => ({ id, body: `body of ${id}`, writtenAt });

let databases = 0;
const kinds: Readonly<Record<string, () => OutboxStore>> = {
  memory: memoryOutboxStore,
  IndexedDB: () => idbOutboxStore(`test-${databases++}`),
};

describe.each(Object.entries(kinds))("the outbox store in %s", (_, open) => {
  test("keeps messages in written order, and forgets one by one", async () => {
    const store = open();
    expect(await store.load(here)).toEqual([]);
    await store.put(here, message("late", 20));
    await store.put(here, { ...message("early", 10), replyTo: 3 });
    expect(await store.load(here)).toEqual([{ ...message("early", 10), replyTo: 3 }, message("late", 20)]);
    await store.remove(here, "early");
    await store.remove(here, "never there");
    expect(await store.load(here)).toEqual([message("late", 20)]);
  });

  test("replaces a message of the same id", async () => {
    const store = open();
    await store.put(here, message("one", 1));
    const refused = { ...message("one", 1), rejection: rejection("forbidden") };
    await store.put(here, refused);
    expect(await store.load(here)).toEqual([refused]);
  });

  test("keeps servers, people and chats apart", async () => {
    const store = open();
    for (const scope of [here, ...elsewhere]) await store.put(scope, message(JSON.stringify(scope), 1));
    for (const scope of [here, ...elsewhere])
      expect(await store.load(scope)).toEqual([message(JSON.stringify(scope), 1)]);
    await store.remove(here, JSON.stringify(elsewhere[0]));
    expect(await store.load(elsewhere[0] ?? here)).toHaveLength(1);
  });

  test("forgets a person everywhere, and nobody else", async () => {
    const store = open();
    for (const scope of [here, ...elsewhere]) await store.put(scope, message("one", 1));
    await store.clear(here);
    const left = await Promise.all(
      [here, ...elsewhere].map(async (scope) => (await store.load(scope)).length),
    );
    expect(left).toEqual([0, 0, 1, 1]);
  });
});

test("two pages of one device see the same messages", async () => {
  const [one, two] = [idbOutboxStore("shared"), idbOutboxStore("shared")];
  await Promise.all([one.put(here, message("from one", 1)), two.put(here, message("from two", 2))]);
  expect(await one.load(here)).toEqual([message("from one", 1), message("from two", 2)]);
  await one.remove(here, "from two");
  expect(await two.load(here)).toEqual([message("from one", 1)]);
});
