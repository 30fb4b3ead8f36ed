import { describe, expect, it } from "vitest";
import { recordingStages } from "../../../../../core/domain/recording/state.ts";
import type { ConsentView, ParticipantView, RecordingView } from "../../../../sdk/types.ts";
import { fileNameOf, isAsked, isTakenIn, lacking, pauseReasonOf, secondsOf, signOf } from "./view.ts";

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

describe("what was recorded", () => {
  const span = (from: number, to: number) => ({ segment: 1, backend: "peer" as const, from, to });

  it("is as long as what was taken in, without the gaps", () => {
    expect(secondsOf({ intervals: [span(0, 60_000), span(90_000, 100_400)] })).toBe(70);
    expect(secondsOf({ intervals: [] })).toBe(0);
  });

  it("is kept under a name that says when and whose, and nothing that a file system refuses", () => {
    const from = new Date(2026, 2, 5, 9, 7).getTime();
    const file = {
      ...{ name: "p1.webm", person: null, mime: "video/webm", bytes: 1, sha256: "", durationMs: 1 },
      ...{ from, to: from },
    };
    expect(fileNameOf(file, "")).toBe("2026-03-05-09-07.webm");
    expect(fileNameOf(file, "佐藤 花/子 (Hana)")).toBe("2026-03-05-09-07-佐藤-花-子-Hana.webm");
  });
});
