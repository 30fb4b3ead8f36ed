import { expect, test } from "vitest";
import { systemPrincipal } from "../../core/domain/principal.ts";
import type { Asking } from "./asking.ts";
import { Submissions } from "./submissions.ts";
import { WakeMark } from "./wake-mark.ts";

const by = systemPrincipal("clinic");
const command = { name: "step", id: null };

test("so many wait and no more, those for whom something is looked up among them", async () => {
  const taken: Asking[] = [];
  let prepared = 0;
  const submissions = new Submissions({
    waiting: () => taken.length,
    take: (asking) => taken.push(asking),
    prepared: () => {
      prepared += 1;
    },
    acknowledged: () => {},
  });
  const slow = Promise.withResolvers<typeof command>();
  const looked = submissions.submit(by, slow.promise, null);
  const ready = Array.from({ length: 255 }, () => submissions.submit(by, command, null));
  await expect(submissions.submit(by, command, null)).rejects.toMatchObject({
    code: "busy",
    retryAfterMs: expect.any(Number),
  });
  expect([taken.length, submissions.preparing]).toEqual([255, 1]);
  slow.resolve(command);
  await expect.poll(() => prepared).toBe(1);
  expect([taken.length, submissions.preparing]).toEqual([256, 0]);
  for (const { resolve } of taken.splice(0)) resolve({ seq: 1, at: 1 });
  expect(await Promise.all([looked, ...ready])).toHaveLength(256);
});

test("the time of the next waking goes with an append whenever the journal may not have it", () => {
  const mark = new WakeMark();
  expect(mark.next(null)).toEqual({ due: null });
  mark.landed();
  expect(mark.next(null)).toEqual({});
  expect(mark.next(5)).toEqual({ due: 5 });
  mark.lost();
  expect(mark.next(5)).toEqual({ due: 5 });
  mark.landed();
  expect(mark.next(5)).toEqual({});
});
