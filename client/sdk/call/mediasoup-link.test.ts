import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { fromRejection } from "../errors.ts";
import { type FakeEnd, FakeSfu } from "../testing/fake-mediasoup.ts";
import { FakeTrack } from "../testing/fake-track.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { MediasoupLink } from "./mediasoup-link.ts";

/** Pages in one session; `room` is what lies between them and the media process. */
class Scene {
  readonly sfu = new FakeSfu();
  readonly clock = new ManualClock();
  readonly room = { reached: true, current: true };

  async joins(person: string, others: readonly string[], fails = 0) {
    const { sfu, clock, room } = this;
    const told: string[] = [];
    const tracks = new Map<string, MediaStreamTrack | null>();
    const sendings = new Map<string, object>();
    const states = new Map<string, string>();
    const ends: FakeEnd[] = [];
    let speaking: readonly string[] = [];
    let faults = fails;
    const link = new MediasoupLink({
      join: sfu.join(person),
      clock,
      open: async (host) => {
        faults -= 1;
        if (faults >= 0) throw new Error("The library could not be loaded.");
        const end = sfu.end(person, host);
        ends.push(end);
        return end;
      },
      host: {
        signal: async () => undefined,
        ask: async (data) => {
          if (!room.reached) throw fromRejection(rejection("unavailable"));
          return sfu.ask(person, data);
        },
        current: () => room.reached && room.current,
        reachable: () => room.reached,
        track: (from, slot, track) => void tracks.set(`${from} ${slot}`, track),
        sending: (from, what) => void sendings.set(from, what),
        state: (from, state) => void states.set(from, state),
        speaking: (people) => {
          speaking = people;
        },
        caption: () => undefined,
        failed: (whom) => void told.push(`failed ${whom}`),
        elsewhere: () => void told.push("elsewhere"),
        again: () => void told.push("again"),
      },
    });
    link.people(others);
    await clock.advance(10);
    const end = () => {
      const found = ends.at(-1);
      if (!found) throw new Error("There is no end.");
      return found;
    };
    return { link, told, tracks, sendings, states, end, heard: () => speaking };
  }

  /** A doctor with camera and microphone, and a patient with the same. */
  async two() {
    const doctor = await this.joins("sato", ["me"]);
    const me = await this.joins("me", ["sato"]);
    const own = { voice: new FakeTrack("audio"), camera: new FakeTrack("video") };
    doctor.link.send("audio", new FakeTrack("audio"));
    doctor.link.send("video", new FakeTrack("video"));
    me.link.send("audio", own.voice);
    me.link.send("video", own.camera);
    await this.clock.advance(10);
    this.sfu.news();
    return { doctor, me, own };
  }
}

const all = { audio: true, video: true, screen: false };

describe("what the others give", () => {
  test("is taken, shown and looked at, whoever comes first", async () => {
    const scene = new Scene();
    const { doctor, me } = await scene.two();
    for (const [one, other] of [
      [doctor, "me"],
      [me, "sato"],
    ] as const) {
      expect(one.tracks.get(`${other} audio`)).toMatchObject({ kind: "audio" });
      expect(one.tracks.get(`${other} video`)).toMatchObject({ kind: "video" });
      expect(one.sendings.get(other)).toEqual(all);
      expect(one.states.get(other)).toBe("connected");
    }
    const guest = await scene.joins("ruth", ["sato", "me"]);
    await scene.clock.advance(10);
    expect([...guest.tracks.keys()].sort()).toEqual(["me audio", "me video", "sato audio", "sato video"]);
    expect(scene.sfu.news().filter((ask) => ask === "watch on")).toHaveLength(4);
  });

  test("is told of those whom the room names, also where they are named later", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    const guest = await scene.joins("ruth", ["me"]);
    guest.link.send("audio", new FakeTrack("audio"));
    await scene.clock.advance(10);
    expect(me.tracks.get("ruth audio")).toBeUndefined();
    me.link.people(["sato", "ruth"]);
    expect(me.tracks.get("ruth audio")).toMatchObject({ kind: "audio" });
    expect(me.sendings.get("ruth")).toEqual({ audio: true, video: false, screen: false });
  });

  test("ends with them", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    const before = me.tracks.get("sato video");
    scene.sfu.leave("sato");
    expect(me.tracks.get("sato video")).toBeNull();
    expect(before?.readyState).toBe("ended");
    expect(me.sendings.get("sato")).toEqual({ audio: false, video: false, screen: false });
  });

  test("says who speaks", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    me.end().tell({ news: "speaking", person: "sato", levels: { sato: -30, ruth: -45, me: -90 } });
    expect(new Set(me.heard())).toEqual(new Set(["sato", "ruth"]));
    me.end().tell({ news: "speaking", person: null, levels: {} });
    expect(me.heard()).toEqual([]);
  });

  test("is the voice alone where no pictures are wanted, also of what is given later", async () => {
    const scene = new Scene();
    const { me, doctor } = await scene.two();
    me.link.wantPictures(false);
    await scene.clock.advance(10);
    expect(scene.sfu.news()).toEqual(["watch off"]);
    doctor.link.send("screen", new FakeTrack("video"));
    await scene.clock.advance(10);
    expect(scene.sfu.news()).toEqual(["produce screen", "consume", "watch off"]);
    me.link.wantPictures(true);
    me.link.wantPictures(false);
    me.link.wantPictures(true);
    await scene.clock.advance(10);
    expect(scene.sfu.news().slice(-2)).toEqual(["watch on", "watch on"]);
  });

  test("is measured for each of them: nothing where something should come is a loss", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    for (const _ of [1, 2])
      expect((await me.link.measure()).get("sato")).toMatchObject({ connected: true, loss: 0 });
    scene.sfu.still = true;
    expect((await me.link.measure()).get("sato")).toMatchObject({ connected: false });
    expect(me.states.get("sato")).toBe("reconnecting");
    scene.sfu.still = false;
    expect((await me.link.measure()).get("sato")).toMatchObject({ connected: true });
    expect(me.states.get("sato")).toBe("connected");
  });
});

describe("what I send", () => {
  test("changes without a word where the device changes", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    const headset = new FakeTrack("audio");
    me.link.send("audio", headset);
    await scene.clock.advance(10);
    expect(me.end().carries.get("audio")).toBe(headset);
    expect(scene.sfu.news()).toEqual([]);
  });

  test("is silent at once, and paused for the others; a screen is given and taken away", async () => {
    const scene = new Scene();
    const { doctor, me, own } = await scene.two();
    me.link.send("audio", null);
    expect(me.end().carries.get("audio")).toBeNull();
    await scene.clock.advance(10);
    expect(scene.sfu.news()).toEqual(["pause on"]);
    expect(doctor.sendings.get("me")).toEqual({ ...all, audio: false });
    me.link.send("audio", own.voice);
    await scene.clock.advance(10);
    expect(scene.sfu.news()).toEqual(["pause off"]);
    expect([me.end().carries.get("audio"), doctor.sendings.get("me")]).toEqual([own.voice, all]);
    me.link.send("screen", new FakeTrack("video"));
    await scene.clock.advance(10);
    expect(doctor.tracks.get("me screen")).toMatchObject({ kind: "video" });
    me.link.send("screen", null);
    await scene.clock.advance(10);
    expect(doctor.tracks.get("me screen")).toBeNull();
    expect(scene.sfu.news().filter((ask) => ask.includes("produce"))).toEqual([
      "produce screen",
      "unproduce",
    ]);
  });

  test("is silent at once also while the room cannot be reached, and the last word counts", async () => {
    const scene = new Scene();
    const { doctor, me, own } = await scene.two();
    scene.room.reached = false;
    for (const track of [null, own.voice, null]) {
      me.link.send("audio", track);
      await scene.clock.advance(500);
    }
    expect(me.end().carries.get("audio")).toBeNull();
    expect(scene.sfu.news()).toEqual([]);
    scene.room.reached = true;
    me.link.resumed();
    await scene.clock.advance(10);
    expect(doctor.sendings.get("me")).toEqual({ ...all, audio: false });
    expect(me.told).toEqual([]);
  });

  test("begins where it was switched off while it was on its way", async () => {
    const scene = new Scene();
    const me = await scene.joins("me", ["sato"]);
    scene.room.reached = false;
    me.link.send("audio", new FakeTrack("audio"));
    await scene.clock.advance(10);
    me.link.send("audio", null);
    scene.room.reached = true;
    await scene.clock.advance(5_000);
    expect(me.end().carries.get("audio")).toBeNull();
    expect(scene.sfu.news().slice(-2)).toEqual(["produce audio", "pause on"]);
  });

  test("goes to nobody until the media process has agreed on whom it is kept from", async () => {
    const scene = new Scene();
    const { doctor, me, own } = await scene.two();
    scene.room.reached = false;
    me.link.withhold(["sato"]);
    await scene.clock.advance(10);
    expect([...me.end().carries.values()]).toEqual([null, null]);
    scene.room.reached = true;
    me.link.resumed();
    await scene.clock.advance(10);
    expect(doctor.tracks.get("me audio")).toBeNull();
    expect(doctor.sendings.get("me")).toEqual({ audio: false, video: false, screen: false });
    expect(me.end().carries.get("audio")).toBe(own.voice);
    me.link.withhold([]);
    await scene.clock.advance(10);
    expect(doctor.sendings.get("me")).toEqual(all);
    expect(doctor.tracks.get("me audio")).toMatchObject({ readyState: "live" });
  });
});

describe("a connection that breaks", () => {
  test("is mended by itself, which is shown", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    scene.sfu.cut();
    expect(me.states.get("sato")).toBe("reconnecting");
    await scene.clock.advance(5_000);
    scene.sfu.mend();
    await scene.clock.advance(4_000);
    expect(me.states.get("sato")).toBe("connected");
    expect(new Set(me.end().restarts)).toEqual(new Set(["receive", "send"]));
    expect(me.told).toEqual([]);
  });

  test("is mended at once when the room is back, and is not looked at where it is whole", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    me.link.resumed();
    await scene.clock.advance(10);
    expect(scene.sfu.news()).toEqual([]);
    scene.room.reached = false;
    scene.sfu.cut();
    await scene.clock.advance(60_000);
    scene.room.reached = true;
    scene.sfu.mend();
    me.link.resumed();
    await scene.clock.advance(300);
    expect(me.states.get("sato")).toBe("connected");
    expect(me.told).toEqual([]);
  });

  test("is reported when there is no way for long", async () => {
    const scene = new Scene();
    const { me } = await scene.two();
    scene.sfu.cut();
    await scene.clock.advance(18_000);
    expect(me.told).toEqual([]);
    await scene.clock.advance(6_000);
    expect(new Set(me.told)).toEqual(new Set(["failed null"]));
  });

  test("is begun anew where the library could not be loaded, and reported when that lasts", async () => {
    const scene = new Scene();
    const late = await scene.joins("me", ["sato"], 2);
    expect(late.states.get("sato")).toBe("connecting");
    await scene.clock.advance(9_000);
    expect([late.states.get("sato"), late.told]).toEqual(["connected", []]);
    const never = await scene.joins("ruth", ["sato"], 100);
    await scene.clock.advance(30_000);
    expect(never.told).toEqual(["failed null"]);
  });
});

describe("my place in the session", () => {
  test("is taken anew where the session, or the news of it, are gone", async () => {
    const scene = new Scene();
    const { me, doctor } = await scene.two();
    me.end().deaf();
    await scene.clock.advance(100);
    expect([me.told, doctor.told]).toEqual([["again"], []]);
    scene.sfu.die();
    await scene.clock.advance(3_000);
    expect(doctor.told[0]).toBe("again");
  });

  test("is another window's, as it says, or as the room says for long enough", async () => {
    const scene = new Scene();
    const { me, doctor } = await scene.two();
    await scene.joins("me", ["sato"]);
    expect(me.told).toEqual(["elsewhere"]);
    scene.room.current = false;
    doctor.end().close();
    scene.sfu.join("sato");
    doctor.link.send("audio", null);
    await scene.clock.advance(20_000);
    expect(doctor.told).toEqual([]);
    scene.room.current = true;
    await scene.clock.advance(3_000);
    expect(doctor.told[0]).toBe("elsewhere");
  });

  test("is given up on purpose, without a word", async () => {
    const scene = new Scene();
    const { me, doctor } = await scene.two();
    scene.sfu.cut();
    for (const { link } of [me, doctor]) link.close();
    scene.sfu.news();
    await scene.clock.advance(60_000);
    expect([me.told, scene.sfu.news(), me.end().closed]).toEqual([[], [], true]);
  });
});
