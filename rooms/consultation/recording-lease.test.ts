import { expect, it } from "vitest";
import type { Command } from "../../core/domain/feature.ts";
import { initialRecording, type RecordingState } from "../../core/domain/recording/state.ts";
import type { Personal } from "../socket/room-view.ts";
import { RecordingLease } from "./recording-lease.ts";

const room = { org: "clinic", ref: { kind: "consultation", id: "v" } } as const;

function stateOf(
  stage: RecordingState["stage"],
  recorder: string | null = null,
  segment = 1,
): RecordingState {
  const backend = recorder === null ? "mediasoup" : "peer";
  const record = { segment, n: 3, backend, place: "here", recorder } as const;
  const segments = [{ ...record, askedAt: 1, from: null, to: null, reason: null }];
  const recording = { id: "r", startedBy: "ito", startedAt: 1, askedBy: "ito", keepMs: 1, segments };
  return { ...initialRecording, stage, current: { ...recording, presence: [], consents: [] } };
}

/** A lease whose time the test lets pass, and whose recorder answers as it says. */
function bench() {
  let timers: (() => void)[] = [];
  const play = {
    answer: (): Promise<"running" | "stopped"> => Promise.resolve("running"),
    epoch: 7 as number | null,
    renewed: [] as string[],
    told: [] as Personal[],
    noted: [] as Command[],
    /** 1.5 s pass, and what was asked is answered. */
    tick: async () => {
      const due = timers;
      timers = [];
      for (const task of due) task();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const lease = new RecordingLease({
    room,
    media: {
      renew: (backend, { n, place }, { segment }, epoch) => {
        play.renewed.push(`${backend} ${n} ${place} ${segment} by ${epoch}`);
        return play.answer();
      },
    },
    wheel: {
      after: (_, task) => {
        timers.push(task);
        return () => {
          timers = timers.filter((known) => known !== task);
        };
      },
      stop: () => {},
    },
    epoch: () => play.epoch,
    tell: (messages) => void play.told.push(...messages),
    note: (command) => void play.noted.push(command),
  });
  return { lease, play };
}

it("renews what runs, in the name of the room's epoch, and nothing else", async () => {
  const { lease, play } = bench();
  lease.follow(stateOf("starting"));
  await play.tick();
  expect(play.renewed).toEqual([]);
  lease.follow(stateOf("running"));
  lease.follow(stateOf("running"));
  await play.tick();
  expect(play.renewed).toEqual(["mediasoup 3 here 1 by 7", "mediasoup 3 here 1 by 7"]);
  for (const stage of ["pausing", "paused", "broken", "stopping", "none"] as const) {
    lease.follow(stateOf("running"));
    lease.follow(stateOf(stage));
    play.renewed.length = 0;
    await play.tick();
    expect(play.renewed, stage).toEqual([]);
  }
});

it("renews nothing while the room may be somebody else's, nor once it has ended here", async () => {
  const { lease, play } = bench();
  play.epoch = null;
  lease.follow(stateOf("running"));
  await play.tick();
  expect(play.renewed).toEqual([]);
  play.epoch = 8;
  await play.tick();
  expect(play.renewed).toEqual(["mediasoup 3 here 1 by 8"]);
  lease.stop();
  await play.tick();
  expect(play.renewed).toHaveLength(1);
});

it("tells the browser that records to go on, from when it is asked to begin", async () => {
  const { lease, play } = bench();
  lease.follow(stateOf("starting", "ito"));
  await play.tick();
  expect(play.told).toEqual(
    Array.from({ length: 2 }, () => ({
      person: "ito",
      name: "recording.lease",
      payload: { recording: "r", segment: 1 },
    })),
  );
  expect(play.renewed).toEqual([]);
});

it("notes that a recorder has ended once it has said so twice in a row", async () => {
  const { lease, play } = bench();
  const answers: ("running" | "stopped")[] = ["stopped", "running", "stopped", "stopped"];
  play.answer = () => Promise.resolve(answers.shift() ?? "running");
  lease.follow(stateOf("running"));
  for (let i = 0; i < 2; i += 1) await play.tick();
  expect(play.noted).toEqual([]);
  await play.tick();
  await play.tick();
  expect(play.noted).toEqual([
    {
      ...{ name: "recording.lost", id: null, recording: "r", segment: 1 },
      ...{ reason: "recorder_ended", confirmed: true },
    },
  ]);
});

it("bears with one that does not answer for less than its lease", async () => {
  const { lease, play } = bench();
  play.answer = () => Promise.reject(new Error("gone"));
  lease.follow(stateOf("running"));
  for (let i = 0; i < 3; i += 1) await play.tick();
  expect(play.noted).toEqual([]);
});
