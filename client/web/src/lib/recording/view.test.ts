import { describe, expect, it } from "vitest";
import { recordingStages } from "../../../../../core/domain/recording/state.ts";
import type { ConsentView, ParticipantView, RecordingView } from "../../../../sdk/types.ts";
import { isAsked, isTakenIn, lacking, pauseReasonOf, signOf } from "./view.ts";

const recording = (status: RecordingView["status"], reason: string | null = null): RecordingView => ({
  recording: "r",
  status,
  since: 1,
  recorder: null,
  segment: 1,
  reason,
});
const person = (id: string, more: Partial<ParticipantView> = {}): ParticipantView => ({
  ...{ person: id, name: id, role: "family", admission: "admitted", online: true, media: "none" },
  ...more,
});
const consent = (id: string, withdrawnAt: number | null = null): ConsentView => ({
  ...{ person: id, name: id, what: "recording", givenAt: 1, withdrawnAt },
});

describe("the sign of a recording", () => {
  it("is there from the moment a recorder is asked to begin until it is known to have ended", () => {
    const taken = recordingStages.filter((stage) => isTakenIn(recording(stage)));
    expect(taken).toEqual(["starting", "running", "pausing", "broken", "stopping"]);
    expect(signOf(recording("running"))).toBe("on");
  });

  it("says why it is paused", () => {
    expect(pauseReasonOf(recording("paused", "consent_withdrawn"))).toBe("withdrawn");
    expect(pauseReasonOf(recording("paused", "newcomer"))).toBe("newcomer");
    expect(pauseReasonOf(recording("paused", "recorder_gone"))).toBe("other");
  });
});

describe("those who have not agreed", () => {
  it("are those who are here without a consent that holds", () => {
    const people = [
      person("ann"),
      person("ben"),
      person("away", { online: false }),
      person("kim", { admission: "knocking" }),
      person("zoe"),
    ];
    const consents = [consent("ann"), consent("zoe", 5)];
    expect(lacking(people, consents).map((one) => one.person)).toEqual(["ben", "zoe"]);
  });
});

describe("the question", () => {
  const visit = { me: "ann", phase: "in_progress", recording: recording("none"), consents: [] } as const;

  it("is put when somebody asks, or a recording waits for a newcomer; never to whoever agrees", () => {
    expect(isAsked(visit, false)).toBe(false);
    expect(isAsked(visit, true)).toBe(true);
    expect(isAsked({ ...visit, consents: [consent("ann")] }, true)).toBe(false);
    expect(isAsked({ ...visit, recording: recording("paused", "newcomer") }, false)).toBe(true);
    expect(isAsked({ ...visit, recording: recording("paused", "consent_withdrawn") }, false)).toBe(false);
    expect(isAsked({ ...visit, phase: "ended" }, true)).toBe(false);
  });
});
