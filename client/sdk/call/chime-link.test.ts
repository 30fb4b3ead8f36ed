import { createHmac } from "node:crypto";
import { TranscriptionStatusType } from "amazon-chime-sdk-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChimeJoin } from "../../../core/protocol/call.ts";
import { FakeChime, FakeStream } from "../testing/fake-chime.ts";
import { FakeTrack } from "../testing/fake-track.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { ChimeLink } from "./chime-link.ts";

const key = "key-of-the-session";
const join: ChimeJoin = {
  backend: "chime",
  meeting: { MeetingId: "m", MediaRegion: "r", MediaPlacement: { AudioHostUrl: "a", SignalingUrl: "s" } },
  attendee: { AttendeeId: "me-1", ExternalUserId: "me", JoinToken: "t" },
  key,
};
const nameOf = (person: string) => createHmac("sha256", key).update(person).digest("base64url");
const sato = nameOf("sato");

beforeEach(() => vi.stubGlobal("MediaStream", FakeStream));
afterEach(() => vi.unstubAllGlobals());

/** A page in a call with a doctor and an interpreter. */
async function scene({ reachable = true, fails = false } = {}) {
  const clock = new ManualClock();
  const meetings: FakeChime[] = [];
  const told: string[] = [];
  const tracks = new Map<string, MediaStreamTrack | null>();
  const sendings = new Map<string, object>();
  const states = new Map<string, string>();
  const speaking: string[] = [];
  const captions: string[] = [];
  const link = new ChimeLink({
    join,
    clock,
    open: async () => {
      if (fails) throw new Error("The library could not be loaded.");
      const meeting = new FakeChime();
      meetings.push(meeting);
      return meeting;
    },
    host: {
      signal: async () => undefined,
      ask: async () => undefined,
      current: () => true,
      reachable: () => reachable,
      track: (person, slot, track) => void tracks.set(`${person} ${slot}`, track),
      sending: (person, what) => void sendings.set(person, what),
      state: (person, state) => void states.set(person, state),
      speaking: (people) => void speaking.push(people.join()),
      caption: ({ id, person, text, final }) =>
        void captions.push(`${id} ${person}: ${text}${final ? "." : ""}`),
      failed: (person) => void told.push(`failed ${person}`),
      elsewhere: () => void told.push("elsewhere"),
      again: () => void told.push("again"),
    },
  });
  link.people(["sato", "ruth"]);
  await clock.advance(50);
  const last = () => {
    const found = meetings.at(-1);
    if (!found) throw new Error("No meeting was opened.");
    return found;
  };
  return { link, clock, meetings, told, tracks, sendings, states, speaking, captions, last };
}

async function started() {
  const all = await scene();
  all.last().starts();
  all.last().comes("sato-1", sato);
  // Names are worked out beside the page's thread.
  await vi.waitFor(() => expect(all.states.get("sato")).toBe("connected"));
  all.last().news();
  return all;
}

describe("what comes of a meeting", () => {
  test("is shown of the people whom the room names, and of nobody else", async () => {
    const { last, tracks, sendings, states } = await started();
    const [camera, screen] = [new FakeTrack("video"), new FakeTrack("video")];
    last().volume("sato-1", false, 1);
    last().tile(1, sato, camera);
    last().tile(2, sato, screen, true);
    last().comes("sato-1#content", sato);
    last().comes("x-1", nameOf("somebody"));
    last().tile(3, nameOf("somebody"), new FakeTrack("video"));
    expect(tracks.get("sato video")).toBe(camera);
    expect(tracks.get("sato screen")).toBe(screen);
    expect(sendings.get("sato")).toEqual({ audio: true, video: true, screen: true });
    await vi.waitFor(() => expect(states.get("ruth")).toBe("reconnecting"));
    expect([...states.keys()].sort()).toEqual(["ruth", "sato"]);
    last().untile(2);
    last().volume("sato-1", true, null);
    expect(tracks.get("sato screen")).toBeNull();
    expect(sendings.get("sato")).toEqual({ audio: false, video: true, screen: false });
    last().comes("sato-1", sato, false);
    expect(states.get("sato")).toBe("reconnecting");
  });

  test("is heard as one, whoever of them is there", async () => {
    const { link, last, tracks } = await started();
    expect(tracks.get("sato audio")).toBe(last().sound);
    expect(tracks.get("ruth audio")).toBeUndefined();
    link.people(["ruth"]);
    expect(tracks.get("ruth audio")).toBe(last().sound);
  });

  test("is measured, for each of them", async () => {
    const { link, last } = await started();
    last().volume("sato-1", null, 0.5);
    const samples = await link.measure();
    expect(samples.get("sato")).toMatchObject({ connected: true, loss: 0.05 });
    expect(samples.get("ruth")).toMatchObject({ connected: false });
  });
});

describe("who speaks", () => {
  test("is told while they do, and a moment longer", async () => {
    const { last, clock, speaking } = await started();
    last().volume("sato-1", null, null, 0.1);
    expect(speaking).toEqual([]);
    last().volume("sato-1", null, null, 0.5);
    last().volume("sato-1", null, null, 0.6);
    last().volume("sato-1", null, 1, null);
    expect(speaking).toEqual(["sato"]);
    last().volume("sato-1", null, null, 0);
    await clock.advance(400);
    last().volume("sato-1", null, null, 0.4);
    await clock.advance(2_000);
    expect(speaking).toEqual(["sato"]);
    last().volume("sato-1", true, null, null);
    await clock.advance(700);
    expect(speaking).toEqual(["sato", ""]);
  });

  test("is nobody any more when they go, or the meeting does", async () => {
    const { last, clock, speaking } = await started();
    last().volume("sato-1", null, null, 1);
    last().comes("sato-1", sato, false);
    await clock.advance(700);
    last().comes("sato-1", sato);
    last().volume("sato-1", null, null, 1);
    last().stops("failed");
    await clock.advance(100);
    expect(speaking).toEqual(["sato", "", "sato", ""]);
  });

  test("is not told of strangers", async () => {
    const { last, speaking } = await started();
    last().comes("x-1", nameOf("somebody"));
    last().volume("x-1", null, null, 1);
    expect(speaking).toEqual([""]);
  });
});

describe("captions", () => {
  test("are what those in the call say, growing until it is final", async () => {
    const { last, captions } = await started();
    last().says(sato, "r1", "How are", true);
    last().says(sato, "r1", "How are you?", false);
    last().says(nameOf("somebody"), "r2", "Not for you", false);
    last().says(sato, "r3", "", true);
    last().writes(TranscriptionStatusType.STARTED);
    expect(captions).toEqual(["r1 sato: How are", "r1 sato: How are you?."]);
  });

  test("end with the meeting", async () => {
    const { last, captions } = await started();
    last().stops("failed");
    last().says(sato, "r1", "Too late", false);
    expect(captions).toEqual([]);
  });
});

describe("what goes into a meeting", () => {
  test("are copies, as the library stops what it is given", async () => {
    const { link, last, clock } = await started();
    const [voice, camera, screen] = [new FakeTrack("audio"), new FakeTrack("video"), new FakeTrack("video")];
    link.send("audio", voice);
    link.send("video", camera);
    link.send("screen", screen);
    await clock.advance(10);
    expect(last().news()).toEqual([
      ...["startAudioInput", "unmute", "startVideoInput", "startLocalVideoTile", "startContentShare"],
    ]);
    expect(last().given).toHaveLength(3);
    for (const own of [voice, camera, screen]) expect(last().given).not.toContain(own);
  });

  test("changes with the microphone, the camera and the screen", async () => {
    const { link, last, clock } = await started();
    const voice = new FakeTrack("audio");
    const step = async (slot: "audio" | "video" | "screen", track: FakeTrack | null) => {
      link.send(slot, track);
      await clock.advance(10);
      return last().news();
    };
    expect(await step("audio", voice)).toEqual(["startAudioInput", "unmute"]);
    expect(await step("audio", null)).toEqual(["mute"]);
    expect(await step("audio", voice)).toEqual(["unmute"]);
    expect(await step("audio", new FakeTrack("audio"))).toEqual(["startAudioInput", "unmute"]);
    expect(await step("video", new FakeTrack("video"))).toEqual(["startVideoInput", "startLocalVideoTile"]);
    expect(await step("video", null)).toEqual(["stopLocalVideoTile", "stopVideoInput"]);
    expect(await step("video", null)).toEqual([]);
    await step("screen", new FakeTrack("video"));
    expect(await step("screen", null)).toEqual(["stopContentShare"]);
  });

  test("is nothing while it is kept from anybody", async () => {
    const { link, last, clock } = await started();
    link.send("audio", new FakeTrack("audio"));
    link.withhold(["ruth"]);
    await clock.advance(10);
    expect(last().news().at(-1)).toBe("mute");
    link.withhold([]);
    await clock.advance(10);
    expect(last().news().at(-1)).toBe("unmute");
  });
});

describe("a meeting that breaks", () => {
  test("is mended by the library, which is shown", async () => {
    const { last, states, told } = await started();
    last().reconnects();
    expect(states.get("sato")).toBe("reconnecting");
    last().starts();
    expect(states.get("sato")).toBe("connected");
    expect(told).toEqual([]);
  });

  test("is reported when it is over, and tried again", async () => {
    const { link, last, clock, told, meetings, tracks } = await started();
    link.send("audio", new FakeTrack("audio"));
    last().stops("failed");
    expect(told).toEqual(["failed null"]);
    expect(tracks.get("sato audio")).toBeNull();
    await clock.advance(5_000);
    expect(meetings).toHaveLength(2);
    expect(meetings[0]?.done).toContain("destroy");
    expect(last().done).toEqual(["mute", "startAudioInput", "unmute", "start"]);
  });

  test("is reported when it does not come about at all", async () => {
    const slow = await scene();
    await slow.clock.advance(26_000);
    expect(slow.told).toEqual(["failed null"]);
    const missing = await scene({ fails: true });
    await missing.clock.advance(10);
    expect(missing.told[0]).toBe("failed null");
  });

  test("is not reported while the others cannot be reached either, but tried again", async () => {
    const { last, clock, told, meetings, link } = await scene({ reachable: false });
    last().starts();
    last().stops("failed");
    link.resumed();
    await clock.advance(10);
    expect(meetings).toHaveLength(2);
    expect(told).toEqual([]);
  });

  test("for somebody whom it knows no more is no fault of the others' call", async () => {
    const { last, clock, told } = await started();
    last().stops("removed");
    await clock.advance(5_000);
    expect(told).toEqual([]);
    last().stops("removed");
    expect(told).toEqual(["failed null"]);
  });

  test("because I am in it from another page is over for this one", async () => {
    const { last, clock, told, meetings, link } = await started();
    last().stops("elsewhere");
    link.close();
    await clock.advance(60_000);
    expect(told).toEqual(["elsewhere"]);
    expect(meetings).toHaveLength(1);
  });

  test("on purpose gives everything back, and says nothing more", async () => {
    const { link, last, clock, told } = await started();
    link.close();
    await clock.advance(10);
    expect(last().news()).toEqual([
      "stopAudioInput",
      "stopVideoInput",
      "stopContentShare",
      "stop",
      "destroy",
    ]);
    last().stops("left");
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });
});
