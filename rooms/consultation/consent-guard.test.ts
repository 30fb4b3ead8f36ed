import { expect, test } from "vitest";
import type { Command } from "../../core/domain/feature.ts";
import { consultationBehaviour } from "../../core/domain/kinds.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { visitGuards } from "./visit-guards.ts";

const by: Principal = { org: "o", id: "hana", name: "Hana", roles: ["patient"], session: "s" };
const looked: unknown[] = [];
const guards = visitGuards({
  names: async () => new Map(),
  clinicians: async () => new Map(),
  hasConsentText: async (org, kind, { version, language }) => {
    looked.push([org, kind, version, language]);
    return version <= 2 && language === "ja";
  },
});

function prepare(payload: object): Command | Promise<Command> {
  const guard = guards["consent.give"];
  if (guard?.type !== "command") throw new Error("not a command");
  const state = consultationBehaviour.initial;
  const asked = { ref: { kind: "consultation", id: "v" } as const, by, state, mac: () => Buffer.alloc(16) };
  return guard.parse({ id: "consent-1", what: "recording", ...payload }).prepare(asked);
}

test("a consent to a version of a text that is there is taken, also to an older one that somebody away was shown", async () => {
  for (const version of [1, 2]) {
    const text = { version, language: "ja" };
    expect(await prepare({ text })).toEqual({
      ...{ name: "consent.give", id: "consent-1", what: "recording" },
      text,
    });
  }
  expect(looked).toEqual([
    ["o", "recording", 1, "ja"],
    ["o", "recording", 2, "ja"],
  ]);
});

test("one to a version that nobody was shown is refused before anything is decided", async () => {
  for (const text of [
    { version: 3, language: "ja" },
    { version: 1, language: "en" },
  ])
    await expect(prepare({ text })).rejects.toMatchObject({ code: "consent_text_not_found" });
});

test("one to the page's own words needs no looking up, and is decided at once", () => {
  const before = looked.length;
  expect(prepare({})).toEqual({ name: "consent.give", id: "consent-1", what: "recording" });
  expect(looked).toHaveLength(before);
});
