import { describe, expect, it } from "vitest";
import { rejection } from "../../../../../core/domain/errors.ts";
import type { ParticipantView, VisitSnapshot } from "../../../../sdk/types.ts";
import { agrees, asked, atDoor, consentLines, isRemovable, lengthOf, peopleOf, standOf } from "./stand.ts";

const snapshot: VisitSnapshot = {
  id: "v1",
  status: "live",
  reason: null,
  me: "doc",
  you: { role: "clinician", admission: "admitted", locked: false },
  phase: "in_progress",
  outcome: null,
  locked: false,
  held: false,
  schedule: null,
  startedAt: 60_000,
  endedAt: null,
  clinicianName: "Dr. Sato",
  patient: "ann",
  clinician: "doc",
  about: "",
  participants: [],
  invitations: [],
  consents: [],
  call: { n: 0, backend: null, state: "none", people: [] },
  recording: { recording: null, status: "none", since: 0, recorder: null, segment: 0, reason: null },
};
const person = (id: string, more: Partial<ParticipantView> = {}): ParticipantView => ({
  person: id,
  name: id,
  role: "family",
  admission: "admitted",
  online: true,
  media: "none",
  ...more,
});

describe("where somebody stands towards a visit", () => {
  it("follows their admission", () => {
    const as = (admission: NonNullable<VisitSnapshot["you"]>["admission"]) =>
      standOf({ ...snapshot, you: { role: "family", admission, locked: false } }, false);
    expect(as("expected")).toBe("door");
    expect(as("knocking")).toBe("door");
    expect(as("admitted")).toBe("inside");
    expect(as("removed")).toBe("removed");
  });

  it("is nothing yet while the server has not said, and closed where it lets nobody in", () => {
    expect(standOf({ ...snapshot, you: null }, false)).toBe("connecting");
    expect(standOf({ ...snapshot, you: null, status: "closed" }, false)).toBe("closed");
    expect(standOf({ ...snapshot, status: "closed" }, false)).toBe("closed");
  });

  it("is outside, once the door was shut behind whoever was in it or invited to it", () => {
    const shut = { ...snapshot, status: "closed", reason: rejection("room_not_found") } as const;
    expect(standOf(shut, false)).toBe("removed");
    expect(standOf({ ...shut, you: null }, true)).toBe("removed");
    expect(standOf({ ...shut, you: null }, false)).toBe("closed");
  });
});

describe("the people of a visit", () => {
  const all = [
    person("zoe"),
    person("gone", { admission: "removed" }),
    person("kim", { admission: "knocking" }),
    person("doc", { role: "clinician" }),
    person("ann", { role: "patient", online: false }),
    person("ivo", { role: "interpreter", admission: "expected", online: false }),
  ];

  it("are listed as they are here, then by what they are", () => {
    expect(peopleOf(all).map((one) => one.person)).toEqual(["doc", "zoe", "ann", "ivo"]);
    expect(atDoor(all).map((one) => one.person)).toEqual(["kim"]);
  });

  it("can be removed, but for the patient and the one responsible", () => {
    const removable = all.filter((one) => isRemovable(snapshot, one)).map((one) => one.person);
    expect(removable).toEqual(["zoe", "gone", "kim", "ivo"]);
  });
});

describe("consents", () => {
  const consents = [
    { person: "ann", name: "Ann", what: "recording", givenAt: 1, withdrawnAt: 5 },
    { person: "ann", name: "Ann", what: "telehealth", givenAt: 3, withdrawnAt: null },
  ] as const;

  it("are told as they were given and withdrawn, the latest first", () => {
    expect(consentLines(consents).map(({ what, given, at }) => [what, given, at])).toEqual([
      ["recording", false, 5],
      ["telehealth", true, 3],
      ["recording", true, 1],
    ]);
  });

  it("hold until they are withdrawn, for the one who gave them", () => {
    expect(agrees(consents, "ann", "telehealth")).toBe(true);
    expect(agrees(consents, "ann", "recording")).toBe(false);
    expect(agrees(consents, "doc", "telehealth")).toBe(false);
  });

  it("are asked of the patient for everything, of others for being recorded", () => {
    expect(asked("patient")).toContain("telehealth");
    expect(asked("interpreter")).toEqual(["recording"]);
  });
});

describe("the length of a visit", () => {
  it("is known once it has begun and ended", () => {
    expect(lengthOf(snapshot)).toBe(null);
    expect(lengthOf({ startedAt: null, endedAt: 1 })).toBe(null);
    expect(lengthOf({ startedAt: 60_000, endedAt: 60_000 + 14.6 * 60_000 })).toBe(15);
  });
});
