import { expect, it } from "vitest";
import { shared } from "./shared.ts";

it("asks once for all who ask meanwhile, for each key by itself, and again afterwards", async () => {
  const asked: string[] = [];
  const answers = new Map([
    ["a", Promise.withResolvers<number>()],
    ["b", Promise.withResolvers<number>()],
  ]);
  const ask = shared(
    (key: string) => key,
    async (key) => {
      asked.push(key);
      return answers.get(key)?.promise;
    },
  );
  const all = [ask("a"), ask("b"), ask("a")];
  expect(asked).toEqual(["a", "b"]);
  answers.get("a")?.resolve(1);
  answers.get("b")?.resolve(2);
  expect(await Promise.all(all)).toEqual([1, 2, 1]);
  await ask("a");
  expect(asked).toEqual(["a", "b", "a"]);
});

it("gives a failure to all who asked, and tries anew for the next", async () => {
  let fails = true;
  const ask = shared(
    () => "only",
    async () => {
      if (fails) throw new Error("away");
      return "here";
    },
  );
  const outcomes = await Promise.allSettled([ask(), ask()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  fails = false;
  expect(await ask()).toBe("here");
});
