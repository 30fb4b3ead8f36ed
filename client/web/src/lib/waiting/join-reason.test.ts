import { describe, expect, it } from "vitest";
import { queueRequests } from "../../../../../core/protocol/queue.ts";
import type { VisitItem } from "../../../../../core/protocol/rest.ts";
import { appointmentsOf, joinReasonOf, likelyOf, spokenLanguages } from "./join-reason.ts";

const form = { reason: "", language: "ja", needs: [], otherNeed: "", visit: "" };
const accepted = (values: object) =>
  queueRequests["queue.join"].safeParse({ id: crypto.randomUUID(), ...values }).success;

describe("what a patient writes at the door", () => {
  it("says nothing of what was left empty", () => {
    expect(joinReasonOf(form)).toEqual({ reason: "", language: "ja" });
    expect(joinReasonOf({ ...form, otherNeed: " \n ", reason: "\n\n" })).toEqual({
      reason: "",
      language: "ja",
    });
  });

  it("carries what was chosen and written", () => {
    const joined = joinReasonOf({
      ...form,
      reason: " My knee hurts.\nSince Monday. ",
      needs: ["hearing"],
      otherNeed: "A quiet room,\nplease",
      visit: "v1",
    });
    expect(joined).toEqual({
      reason: "My knee hurts.\nSince Monday.",
      language: "ja",
      needs: ["hearing", "A quiet room, please"],
      visit: "v1",
    });
  });

  it("is always something that the server takes", () => {
    const long = "😀\u0000\u2028".repeat(3_000);
    for (const text of ["", "x", long]) {
      expect(accepted(joinReasonOf({ ...form, reason: text, otherNeed: text }))).toBe(true);
    }
    for (const { code } of spokenLanguages("en-GB")) {
      expect(accepted(joinReasonOf({ ...form, language: code }))).toBe(true);
    }
  });
});

describe("the languages to choose from", () => {
  it("begin with the reader's own, each in its own words", () => {
    expect(spokenLanguages("ja").slice(0, 2)).toEqual([
      { code: "ja", name: "日本語" },
      { code: "en", name: "English" },
    ]);
    expect(spokenLanguages("de-AT").at(0)).toEqual({ code: "de", name: "Deutsch" });
  });
});

describe("appointments", () => {
  const visit = (id: string, at: number, phase: VisitItem["phase"] = "scheduled"): VisitItem => ({
    id,
    at,
    phase,
    patient: { id: "ann", name: "Ann" },
    clinician: null,
  });

  it("are those of about now, soonest first", () => {
    const hour = 3_600_000;
    const now = 1_000 * hour;
    const all = [
      visit("late", now + 3 * hour),
      visit("soon", now + hour),
      visit("tomorrow", now + 24 * hour),
      visit("over", now, "ended"),
    ];
    expect(appointmentsOf(all, now).map(({ id }) => id)).toEqual(["soon", "late"]);
    expect(likelyOf(appointmentsOf(all, now), now)).toBe("soon");
    expect(likelyOf([visit("late", now + 3 * hour)], now)).toBe("");
  });
});
