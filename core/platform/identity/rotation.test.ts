import { expect, test } from "vitest";
import { decideRotation, type PresentedToken } from "./rotation.ts";

const policy = { lifetimeMs: 10_000, idleMs: 3_000, graceMs: 100 };
const session = { endedAt: null, refreshedAt: 1_000, expiresAt: 11_000, idles: true };
const fresh: PresentedToken = { usedAt: null, repeats: 0, successorUsed: false, session };
const used = { ...fresh, usedAt: 1_000 };

test("a token is exchanged once", () => {
  expect(decideRotation(fresh, 2_000, policy)).toEqual({ kind: "rotate" });
});

test("the same token again, within the grace, gets a sibling", () => {
  expect(decideRotation(used, 1_100, policy)).toEqual({ kind: "repeat" });
});

test.each([
  ["after the grace", used, 1_101],
  ["once a successor was used", { ...used, successorUsed: true }, 1_050],
  ["too many times", { ...used, repeats: 4 }, 1_050],
])("the same token again, %s, ends the session", (_, token, now) => {
  expect(decideRotation(token, now, policy)).toEqual({ kind: "refuse", end: "reused" });
});

test("an idle session and an old one expire", () => {
  expect(decideRotation(fresh, 3_999, policy)).toEqual({ kind: "rotate" });
  expect(decideRotation(fresh, 4_000, policy)).toEqual({ kind: "refuse", end: "expired" });
  const busy = { ...fresh, session: { ...session, refreshedAt: 10_999 } };
  expect(decideRotation(busy, 10_999, policy)).toEqual({ kind: "rotate" });
  expect(decideRotation(busy, 11_000, policy)).toEqual({ kind: "refuse", end: "expired" });
});

test("a session that does not idle goes on until it expires", () => {
  const guest = { ...fresh, session: { ...session, idles: false } };
  expect(decideRotation(guest, 10_999, policy)).toEqual({ kind: "rotate" });
  expect(decideRotation(guest, 11_000, policy)).toEqual({ kind: "refuse", end: "expired" });
});

test("an ended session stays as it ended", () => {
  const ended = { ...session, endedAt: 1_500 };
  for (const token of [fresh, used]) {
    expect(decideRotation({ ...token, session: ended }, 2_000, policy)).toEqual({
      kind: "refuse",
      end: null,
    });
  }
});
