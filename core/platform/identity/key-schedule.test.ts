import fc from "fast-check";
import { expect, test } from "vitest";
import { planKeys, type ScheduledKey } from "./key-schedule.ts";

const policy = { periodMs: 1_000, leadMs: 100, drainMs: 50 };

test("the first key is made at once and signs at once", () => {
  expect(planKeys([], 5_000, policy)).toEqual({ signing: null, next: 5_000, retired: [] });
});

test("a successor is published before its time, and the old key stays until its tokens are gone", () => {
  const a = { kid: "a", signsFrom: 0 };
  const b = { kid: "b", signsFrom: 1_000 };
  expect(planKeys([a], 899, policy)).toEqual({ signing: "a", next: null, retired: [] });
  expect(planKeys([a], 900, policy)).toEqual({ signing: "a", next: 1_000, retired: [] });
  expect(planKeys([a, b], 900, policy)).toEqual({ signing: "a", next: null, retired: [] });
  expect(planKeys([a, b], 1_000, policy)).toEqual({ signing: "b", next: null, retired: [] });
  expect(planKeys([a, b], 1_049, policy).retired).toEqual([]);
  expect(planKeys([a, b], 1_050, policy).retired).toEqual(["a"]);
});

test("after a long standstill the old key signs on until the new one has been published long enough", () => {
  const plan = planKeys([{ kid: "a", signsFrom: 0 }], 50_000, policy);
  expect(plan).toEqual({ signing: "a", next: 50_100, retired: [] });
});

test("whenever maintenance runs, a token's key is published when it signs and until the token has expired", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 40 }), (steps) => {
      let keys: ScheduledKey[] = [];
      const published = new Map<string, number>();
      let now = 0;
      let signedLast: { kid: string; at: number }[] = [];
      for (const step of [0, ...steps]) {
        now += step;
        const plan = planKeys(keys, now, policy);
        for (const { kid, at } of signedLast)
          if (plan.retired.includes(kid)) expect(at + policy.drainMs).toBeLessThanOrEqual(now);
        keys = keys.filter((key) => !plan.retired.includes(key.kid));
        if (plan.next !== null) {
          const kid = `k${published.size}`;
          keys.push({ kid, signsFrom: plan.next });
          published.set(kid, now);
        }
        const { signing } = planKeys(keys, now, policy);
        expect(signing).not.toBeNull();
        if (signing === null) return;
        if (signing !== "k0")
          expect(now - (published.get(signing) ?? now)).toBeGreaterThanOrEqual(policy.leadMs);
        signedLast = [...signedLast.filter((last) => last.kid !== signing), { kid: signing, at: now }];
      }
    }),
  );
});
