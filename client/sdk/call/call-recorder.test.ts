import { describe, expect, it } from "vitest";

import type { RecordingStateMessage } from "../../../core/protocol/recording.ts";
import { HugMeDoError } from "../errors.ts";
import { Emitter } from "../lib/emitter.ts";
import { FakeTrack } from "../testing/fake-track.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import type { VisitRecorder, VisitRecorderEvents } from "../visit/visit-recorder.ts";
import { CallRecorder, type TakeHost } from "./call-recorder.ts";
import { sceneOf } from "./scene.ts";

const recording = "0123456789abcdef";

function stand(status: RecordingStateMessage["status"], segment = 1): RecordingStateMessage {
  const runs = status === "starting" || status === "running";
  return { recording, status, since: 0, recorder: runs ? "me" : null, segment, reason: null };
}

/** A page whose room may have it record. What is stored or reported can be made to fail. */
function page(first: RecordingStateMessage | null = null) {
  const clock = new ManualClock();
  const told = new Emitter<VisitRecorderEvents>();
  const reports: string[] = [];
  const stored: string[] = [];
  const takes: (TakeHost & { stopped: boolean })[] = [];
  const faults: HugMeDoError[] = [];
  let able = true;
  const room: VisitRecorder = {
    on: (name, listener) => told.on(name, listener),
    report: async (_, segment, status) => {
      reports.push(`${segment} ${status}`);
      return { seq: 1, at: 1 };
    },
    store: async (_, segment, index, bytes) => {
      const fault = faults.shift();
      if (fault) throw fault;
      stored.push(`${segment}/${index} ${await bytes.text()}`);
    },
  };
  const recorder = new CallRecorder(
    {
      me: "me",
      room,
      clock,
      begin: (host) => {
        if (!able) throw new Error("it cannot");
        const take = { ...host, stopped: false };
        takes.push(take);
        return {
          stop: () => {
            take.stopped = true;
          },
        };
      },
    },
    first,
  );
  return {
    ...{ clock, reports, stored, takes, faults, recorder },
    say: (state: RecordingStateMessage) => told.emit("state", state),
    lease: (segment = 1) => told.emit("lease", { recording, segment }),
    slice: (text: string) => takes.at(-1)?.slice(new Blob([text])),
    unable: () => {
      able = false;
    },
  };
}

describe("a browser that records the call", () => {
  it("begins when it is asked to, brings every piece in order, and says how it stands", async () => {
    const { say, slice, takes, reports, stored } = page();
    say(stand("starting"));
    say(stand("running"));
    expect(takes).toHaveLength(1);
    slice("a");
    slice("b");
    await settle();
    say(stand("stopping"));
    expect(takes[0]?.stopped).toBe(true);
    slice("rest");
    takes[0]?.ended();
    await settle();
    expect(stored).toEqual(["1/0 a", "1/1 b", "1/2 rest"]);
    expect(reports).toEqual(["1 running", "1 stopped", "1 uploaded"]);
  });

  it.each(["pausing", "paused", "stopping", "none", "broken"] as const)(
    "stops at once when it is %s",
    (status) => {
      const { say, takes, recorder } = page(stand("starting"));
      say(stand(status));
      expect(takes[0]?.stopped).toBe(true);
      expect(recorder.recording).toBe(false);
    },
  );

  it("goes on for as long as the room says so, and for five seconds without a word", async () => {
    const { clock, lease, takes, reports } = page(stand("starting"));
    for (let second = 0; second < 10; second += 1) {
      await clock.advance(1_500);
      lease();
    }
    lease(2);
    await clock.advance(4_900);
    expect(takes[0]?.stopped).toBe(false);
    lease(2);
    await clock.advance(100);
    expect(takes[0]?.stopped).toBe(true);
    expect(reports.at(-1)).toBe("1 stopped");
    lease();
    await clock.advance(1_000);
    expect(takes).toHaveLength(1);
  });

  it("records the next segment anew, while the last pieces of the one before are still on their way", async () => {
    const { clock, say, slice, takes, faults, stored, reports } = page(stand("starting"));
    faults.push(new HugMeDoError("unavailable"));
    slice("late");
    await settle();
    say(stand("paused"));
    takes[0]?.ended();
    say(stand("starting", 2));
    takes[1]?.slice(new Blob(["new"]));
    await clock.advance(1_000);
    expect([...stored].sort()).toEqual(["1/0 late", "2/0 new"]);
    expect(reports).toEqual(["1 running", "1 stopped", "2 running", "1 uploaded"]);
  });

  it("ends a segment that was begun before the page was loaded, so that the next one can begin", async () => {
    const { takes, reports, say } = page(stand("running"));
    expect(takes).toHaveLength(0);
    expect(reports).toEqual(["1 stopped", "1 uploaded"]);
    say(stand("starting", 2));
    expect(takes).toHaveLength(1);
  });

  it("leaves it to whoever else is to record", () => {
    const { say, takes, reports } = page();
    say({ ...stand("starting"), recorder: "somebody" });
    say({ ...stand("running"), recorder: null });
    expect([takes, reports]).toEqual([[], []]);
  });

  it("tries a piece again until it is there, and gives up when the server takes no more", async () => {
    const { clock, slice, takes, faults, stored, reports } = page(stand("starting"));
    faults.push(new HugMeDoError("unavailable"), new HugMeDoError("busy"), new HugMeDoError("rate_limited"));
    slice("a");
    await clock.advance(3_000);
    expect(stored).toEqual(["1/0 a"]);
    faults.push(new HugMeDoError("recording_not_found"));
    slice("b");
    await settle();
    expect(takes[0]?.stopped).toBe(true);
    takes[0]?.ended();
    await settle();
    expect([stored, reports]).toEqual([["1/0 a"], ["1 running", "1 stopped"]]);
  });

  it("stops when more waits for the server than it can hold, and half a minute after the end gives up", async () => {
    const { clock, slice, takes, faults, reports, stored } = page(stand("starting"));
    for (let fault = 0; fault < 200; fault += 1) faults.push(new HugMeDoError("unavailable"));
    for (let piece = 0; piece < 9; piece += 1) takes[0]?.slice(new Blob([new Uint8Array(2 * 1024 * 1024)]));
    expect(takes[0]?.stopped).toBe(true);
    slice("rest");
    takes[0]?.ended();
    await clock.advance(40_000);
    expect([stored, reports]).toEqual([[], ["1 running", "1 stopped"]]);
    expect(clock.pending).toBe(0);
  });

  it("says that it does not where it cannot, and when the call is over", async () => {
    const cannot = page();
    cannot.unable();
    cannot.say(stand("starting"));
    await settle();
    expect(cannot.reports).toEqual(["1 stopped", "1 uploaded"]);
    const left = page(stand("starting"));
    left.recorder.close();
    expect([left.takes[0]?.stopped, left.reports]).toEqual([true, ["1 running", "1 stopped"]]);
    left.say(stand("starting", 2));
    expect(left.takes).toHaveLength(1);
  });
});

describe("what is recorded of a call", () => {
  const device = { opening: false, device: null, fault: null };
  const camera = { ...device, on: true, track: new FakeTrack("video") };
  const microphone = { ...device, on: true, track: new FakeTrack("audio") };
  const other = { person: "other", state: "connected", quality: null, speaking: false } as const;
  const theirs = { audio: new FakeTrack("audio"), video: new FakeTrack("video"), screen: null };
  const flags = {
    mutedByClinician: false,
    ...{ savingVideo: false, savingPictures: false, voiceOnly: false, unblurred: false, blur: null },
  };
  const me = { microphone, camera, screen: null, ...flags };
  const people = [{ ...other, ...theirs, microphone: true }];

  it("is everyone, side by side, and what they say", () => {
    const { pictures, voices } = sceneOf({ me, people }, false);
    expect(pictures.map(({ track, x, width }) => [track.id, x, width])).toEqual([
      [camera.track.id, 0, 0.5],
      [theirs.video.id, 0.5, 0.5],
    ]);
    expect(voices).toEqual([microphone.track, theirs.audio]);
  });

  it("is not what is switched off, and nothing on hold", () => {
    const silent = { ...me, microphone: { ...microphone, on: false }, camera: { ...camera, on: false } };
    const muted = [{ ...other, ...theirs, microphone: false }];
    const { pictures, voices } = sceneOf({ me: silent, people: muted }, false);
    expect([pictures.map(({ track }) => track), voices]).toEqual([[theirs.video], []]);
    expect(sceneOf({ me, people }, true)).toEqual({ pictures: [], voices: [] });
  });

  it("gives a shared screen the left half", () => {
    const screen = new FakeTrack("video");
    const { pictures } = sceneOf({ me: { ...me, screen }, people }, false);
    expect(pictures.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
      [0, 0, 0.5, 1],
      [0.5, 0, 0.5, 0.5],
      [0.5, 0.5, 0.5, 0.5],
    ]);
  });
});
