import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { closeCodes } from "../../../core/protocol/codes.ts";
import { CallScene } from "../testing/call-fixture.ts";
import { FakeSfu } from "../testing/fake-mediasoup.ts";
import type { LiveCall } from "./live-call.ts";

const statusOf = ({ snapshot }: LiveCall) => snapshot.status;
const other = ({ snapshot }: LiveCall) => {
  const [one] = snapshot.people;
  if (!one || snapshot.people.length > 1) throw new Error("There is not one other in the call.");
  return one;
};
const whole = {
  state: "connected",
  audio: { kind: "audio" },
  video: { kind: "video" },
  screen: null,
  microphone: true,
};

async function together(scene: CallScene, ...calls: readonly LiveCall[]): Promise<void> {
  for (let tries = 0; tries < 60 && !calls.every((call) => isWhole(call)); tries += 1)
    await scene.clock.advance(500);
  for (const call of calls) {
    expect(statusOf(call)).toBe("connected");
    expect(other(call)).toMatchObject(whole);
  }
}

function isWhole({ snapshot }: LiveCall): boolean {
  const [one] = snapshot.people;
  return (
    snapshot.status === "connected" && one?.state === "connected" && one.audio !== null && one.video !== null
  );
}

describe("two people", () => {
  test("see and hear each other, and leave", async () => {
    const scene = new CallScene();
    const doctor = await scene.joins("clinician");
    expect([statusOf(doctor.call), doctor.call.snapshot.people]).toEqual(["connected", []]);
    const patient = await scene.joins("me");
    await together(scene, doctor.call, patient.call);
    expect(doctor.call.snapshot.backend).toBe("peer");
    await patient.call.leave();
    await scene.clock.advance(100);
    expect(statusOf(patient.call)).toBe("ended");
    expect(patient.devices.opened.map(({ track }) => track.readyState)).toEqual(["ended", "ended"]);
    expect([statusOf(doctor.call), doctor.call.snapshot.people]).toEqual(["connected", []]);
    expect(scene.open).toEqual([]);
  });

  test("come together in whatever order they join, and whatever is lost at first", async () => {
    const moment = fc.record({ ms: fc.nat(3_000), deaf: fc.boolean(), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(moment, { maxLength: 5 }), async (first, moments) => {
        const scene = new CallScene();
        const order = first ? ["clinician", "me"] : ["me", "clinician"];
        const joined = await Promise.all(order.map((person) => scene.joins(person)));
        for (const { ms, deaf, cut } of moments) {
          scene.room.call.deaf = deaf;
          if (cut) scene.room.cut();
          await scene.clock.advance(ms);
        }
        scene.room.call.deaf = false;
        await together(scene, ...joined.map(({ call }) => call));
        expect(scene.open).toHaveLength(2);
      }),
      { numRuns: 60 },
    );
  });

  test("a page that is loaded anew takes the place of the one before", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    const again = await scene.joins("me");
    await together(scene, doctor.call, again.call);
    expect(patient.call.snapshot).toMatchObject({ status: "ended", reason: null, elsewhere: true });
    expect(scene.open).toHaveLength(2);
  });
});

test("it is shown who speaks, while their microphone is on", async () => {
  const scene = new CallScene();
  const { doctor, patient } = await scene.two();
  const [, heard] = scene.open;
  if (!heard) throw new Error("There are not two ends.");
  heard.loudness = 0.2;
  await scene.clock.advance(600);
  expect([other(doctor.call).speaking, other(patient.call).speaking]).toEqual([false, true]);
  await doctor.call.setMicrophone(false);
  await scene.clock.advance(600);
  expect(other(patient.call).speaking).toBe(false);
  await doctor.call.setMicrophone(true);
  await scene.clock.advance(600);
  expect(other(patient.call).speaking).toBe(true);
  heard.loudness = 0;
  await scene.clock.advance(2_000);
  expect(other(patient.call).speaking).toBe(false);
});

describe("three people", () => {
  const everyone = ["clinician", "me", "ruth"];

  async function onMediasoup() {
    const scene = new CallScene();
    scene.room.people.set("ruth", { role: "interpreter", admission: "admitted" });
    scene.room.call.sfu = new FakeSfu();
    const [doctor, patient, guest] = await Promise.all(everyone.map((person) => scene.joins(person)));
    if (!doctor || !patient || !guest) throw new Error("Somebody is missing.");
    await scene.clock.advance(100);
    return { scene, sfu: scene.room.call.sfu, calls: [doctor.call, patient.call, guest.call], guest };
  }

  const seen = ({ snapshot }: LiveCall) =>
    snapshot.people.map(({ state, audio, video }) => [state, audio?.kind, video?.kind]);
  const wholly = [
    ["connected", "audio", "video"],
    ["connected", "audio", "video"],
  ];

  test("see and hear each other over mediasoup, and again in the next session", async () => {
    const { scene, sfu, calls } = await onMediasoup();
    for (const call of calls) {
      expect([call.snapshot.backend, seen(call)]).toEqual(["mediasoup", wholly]);
    }
    sfu.die();
    scene.room.call.sfu = new FakeSfu();
    scene.room.call.next();
    await scene.clock.advance(500);
    expect(scene.room.call.n).toBe(2);
    for (const call of calls) expect([statusOf(call), seen(call)]).toEqual(["connected", wholly]);
  });

  test("whose media process is gone without a word come back by what they are told when they ask", async () => {
    const { scene, sfu, calls } = await onMediasoup();
    sfu.die();
    scene.room.call.gone.add(1);
    await scene.clock.advance(500);
    expect(statusOf(calls[0] ?? never())).toBe("reconnecting");
    scene.room.call.sfu = new FakeSfu();
    await scene.clock.advance(10_000);
    expect(scene.room.call.n).toBeGreaterThan(1);
    for (const call of calls) expect([statusOf(call), seen(call)]).toEqual(["connected", wholly]);
  });

  test("keep their pictures where only what the others send arrives badly", async () => {
    const { scene, sfu, calls } = await onMediasoup();
    sfu.lost = 30;
    await scene.clock.advance(12_000);
    for (const { snapshot } of calls) {
      expect(snapshot.people.map(({ quality }) => quality)).toEqual(["poor", "poor"]);
      expect(snapshot.me.savingVideo).toBe(false);
    }
  });

  test("of whom one leaves are two, from browser to browser as well", async () => {
    const { scene, sfu, calls, guest } = await onMediasoup();
    const [doctor = never(), patient = never()] = calls;
    await guest.call.leave();
    await scene.clock.advance(100);
    expect(seen(doctor)).toEqual([["connected", "audio", "video"]]);
    sfu.die();
    scene.room.call.sfu = null;
    scene.room.call.next();
    await together(scene, doctor, patient);
    expect(doctor.snapshot.backend).toBe("peer");
  });
});

function never(): never {
  throw new Error("Somebody is missing.");
}

describe("the call goes on", () => {
  test("in the next session, in which everybody joins by themselves", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    const statuses: string[] = [];
    patient.call.on("change", ({ status, people }) => statuses.push(`${status} ${people[0]?.state}`));
    scene.room.call.next();
    expect(other(patient.call)).toMatchObject({ state: "reconnecting", video: null });
    await together(scene, doctor.call, patient.call);
    expect(statuses[0]).toBe("reconnecting reconnecting");
    expect(scene.open).toHaveLength(2);
  });

  test("while the room cannot be reached: what runs from browser to browser is not touched", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    const before = other(patient.call).video;
    scene.room.refusesJoin = "unreachable";
    scene.room.cut();
    await scene.clock.advance(20_000);
    expect(patient.visit.snapshot.status).toBe("offline");
    expect(other(patient.call)).toMatchObject(whole);
    scene.room.refusesJoin = null;
    await scene.clock.advance(20_000);
    await together(scene, doctor.call, patient.call);
    expect(other(patient.call).video).toBe(before);
    expect(scene.peers).toHaveLength(2);
    expect(scene.room.call.failures).toEqual([]);
  });

  test("over a new way, where the one between them breaks", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.network.cut();
    await scene.clock.advance(2_000);
    expect([statusOf(doctor.call), statusOf(patient.call)]).toEqual(["reconnecting", "reconnecting"]);
    scene.network.mend();
    await together(scene, doctor.call, patient.call);
    expect(scene.peers).toHaveLength(2);
    expect(scene.room.call.failures).toEqual([]);
  });

  test("in another session, where no way is found; it is reported once by each", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.network.cut();
    await scene.clock.advance(14_000);
    expect(scene.room.call.failures.filter((n) => n === 1).length).toBeGreaterThan(0);
    expect(scene.room.call.failures.length).toBeLessThanOrEqual(2);
    scene.network.mend();
    await together(scene, doctor.call, patient.call);
    expect(scene.room.call.n).toBe(2);
  });

  test("without a report, where the other has lost the room too: they may be on their way back", async () => {
    const scene = new CallScene();
    const { doctor } = await scene.two();
    scene.room.refusesJoin = "unreachable";
    scene.room.cutOne("me");
    scene.network.cut();
    await scene.clock.advance(60_000);
    expect(doctor.visit.snapshot.status).toBe("live");
    expect(scene.room.call.failures).toEqual([]);
  });

  test("for somebody whom the room had given up", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.room.call.drop("me");
    await together(scene, doctor.call, patient.call);
  });

  test("as soon as something serves it again", async () => {
    const scene = new CallScene();
    scene.room.call.refuses = rejection("media_unavailable");
    const { call } = await scene.joins("me");
    expect(call.snapshot).toMatchObject({ status: "failed", reason: { code: "media_unavailable" } });
    scene.room.call.refuses = null;
    await scene.clock.advance(10_000);
    expect(call.snapshot).toMatchObject({ status: "connected", reason: null });
  });

  test("as soon as something serves it again, where a session broke and nothing took its place", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.room.call.breaks();
    await scene.clock.advance(100);
    expect(patient.call.snapshot).toMatchObject({ status: "failed", reason: { code: "media_unavailable" } });
    await scene.clock.advance(20_000);
    expect(patient.call.snapshot.status).toBe("failed");
    scene.room.call.refuses = null;
    await scene.clock.advance(10_000);
    await together(scene, doctor.call, patient.call);
    expect(scene.room.call.n).toBe(2);
    expect(scene.room.call.failures).toEqual([]);
  });

  test("in the next session, where the one that runs is gone", async () => {
    const scene = new CallScene();
    const doctor = await scene.joins("clinician");
    scene.room.call.gone.add(1);
    const patient = await scene.joins("me");
    await together(scene, doctor.call, patient.call);
    expect(scene.room.call.failures).toEqual([1]);
    expect(scene.room.call.n).toBe(2);
  });

  test("until the visit is over, or one is put out of it", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.room.cutOne("me", closeCodes.removed);
    await scene.clock.advance(100);
    expect(patient.call.snapshot).toMatchObject({ status: "ended", reason: { code: "room_not_found" } });
    expect(patient.devices.opened.every(({ track }) => track.readyState === "ended")).toBe(true);
    scene.room.phase = "ended";
    scene.room.show();
    expect(doctor.call.snapshot).toMatchObject({ status: "ended", reason: null });
  });
});

describe("what I send", () => {
  test("is told to the others: a microphone that is off, a camera that is off", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    await patient.call.setMicrophone(false);
    await patient.call.setCamera(false);
    await scene.clock.advance(100);
    expect(other(doctor.call)).toMatchObject({ microphone: false, video: null });
    expect(patient.devices.last("microphone").readyState).toBe("live");
    expect(patient.devices.last("camera").readyState).toBe("ended");
    await patient.call.setMicrophone(true);
    await patient.call.setCamera(true);
    await together(scene, doctor.call, patient.call);
    const asked = scene.room.commands.filter(({ name }) => name === "visit.media");
    expect(asked.map(({ payload }) => payload)).toMatchObject([
      { media: "video" },
      { media: "video" },
      { media: "audio" },
      { media: "video" },
    ]);
  });

  test("may begin with nothing, and grow", async () => {
    const scene = new CallScene();
    const doctor = await scene.joins("clinician", { microphone: false, camera: false });
    const patient = await scene.joins("me", { microphone: false, camera: false });
    await scene.clock.advance(100);
    expect(other(doctor.call)).toMatchObject({ state: "connected", audio: null, microphone: false });
    for (const { call } of [doctor, patient]) {
      await call.setMicrophone(true);
      await call.setCamera(true);
    }
    await together(scene, doctor.call, patient.call);
  });

  test("comes from another device, without a word to the others", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    const [before, offers] = [other(doctor.call).audio, signals(scene, "offer")];
    await patient.call.choose("microphone", "headset");
    expect(patient.call.snapshot.me.microphone).toMatchObject({ on: true, device: "headset" });
    expect(carried(scene)).toContain(patient.devices.last("microphone"));
    expect(other(doctor.call).audio).toBe(before);
    expect(signals(scene, "offer")).toBe(offers);
  });

  test("comes from what is left, when a device is unplugged", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    patient.devices.last("microphone").unplug();
    await scene.clock.advance(100);
    expect(patient.call.snapshot.me.microphone).toMatchObject({ on: true, fault: null });
    await together(scene, doctor.call, patient.call);
    patient.devices.fault = "NotFoundError";
    patient.devices.last("microphone").unplug();
    await scene.clock.advance(100);
    expect(patient.call.snapshot.me.microphone).toMatchObject({ on: false, track: null, fault: "missing" });
    expect(other(doctor.call).microphone).toBe(false);
  });

  test("is my screen as well, beside my picture", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    await doctor.call.shareScreen(true);
    await scene.clock.advance(100);
    expect(other(patient.call)).toMatchObject({ ...whole, screen: { kind: "video" } });
    doctor.devices.last("screen").unplug();
    await scene.clock.advance(100);
    expect(doctor.call.snapshot.me.screen).toBe(null);
    expect(other(patient.call).screen).toBe(null);
    await doctor.call.shareScreen(true);
    await scene.clock.advance(100);
    expect(other(patient.call).screen).not.toBe(null);
  });

  test("arrives in the end where what agrees upon it was lost, though the call itself goes on", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.room.call.deaf = true;
    await Promise.all([doctor.call.shareScreen(true), patient.call.shareScreen(true)]);
    await scene.clock.advance(1_000);
    scene.room.call.deaf = false;
    await scene.clock.advance(6_000);
    for (const { call } of [doctor, patient]) {
      expect(other(call)).toMatchObject({ ...whole, screen: { kind: "video" } });
    }
  });

  test("is switched off by the clinician, and on by myself alone", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    await doctor.call.mute("me");
    await scene.clock.advance(100);
    expect(patient.call.snapshot.me).toMatchObject({ mutedByClinician: true, microphone: { on: false } });
    expect(other(doctor.call).microphone).toBe(false);
    expect(doctor.call.snapshot.me.microphone.on).toBe(true);
    await patient.call.setMicrophone(true);
    await scene.clock.advance(100);
    expect(patient.call.snapshot.me.mutedByClinician).toBe(false);
    expect(other(doctor.call).microphone).toBe(true);
  });

  test("reaches nobody while the visit is on hold", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.room.held = true;
    scene.room.show();
    await scene.clock.advance(100);
    expect(carried(scene).filter((track) => track !== null)).toEqual([]);
    expect(other(patient.call)).toMatchObject({ microphone: false, video: null });
    scene.room.held = false;
    scene.room.show();
    await together(scene, doctor.call, patient.call);
  });

  test("is the voice alone on a poor link, and the picture again when it is good", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.network.sample = { ...scene.network.sample, loss: 0.3 };
    await scene.clock.advance(12_000);
    expect(other(doctor.call)).toMatchObject({ quality: "poor", video: null, microphone: true });
    expect(patient.call.snapshot.me.savingVideo).toBe(true);
    scene.network.sample = { ...scene.network.sample, loss: 0 };
    await scene.clock.advance(30_000);
    await together(scene, doctor.call, patient.call);
    expect(other(doctor.call).quality).toBe("good");
  });

  test("and what I receive are voices alone on a very poor one, for as long as it is", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    scene.network.sample = { ...scene.network.sample, loss: 0.3 };
    await scene.clock.advance(20_000);
    expect(patient.call.snapshot.me).toMatchObject({ savingVideo: true, savingPictures: true });
    expect(other(patient.call)).toMatchObject({ video: null, microphone: true });
    expect(pictures(scene)).toEqual([]);
    scene.network.sample = { ...scene.network.sample, loss: 0 };
    await scene.clock.advance(60_000);
    await together(scene, doctor.call, patient.call);
    expect(pictures(scene)).toHaveLength(2);
  });

  test("is the voice alone where I choose so; then no pictures come, until I want them again", async () => {
    const scene = new CallScene();
    const { doctor, patient } = await scene.two();
    await doctor.call.shareScreen(true);
    await patient.call.setVoiceOnly(true);
    await scene.clock.advance(100);
    expect(patient.call.snapshot.me).toMatchObject({ voiceOnly: true, savingPictures: false });
    expect(patient.devices.last("camera").readyState).toBe("ended");
    expect(other(patient.call)).toMatchObject({ ...whole, video: null, screen: null });
    expect(pictures(scene)).toEqual([]);
    scene.room.call.next();
    await scene.clock.advance(3_000);
    expect(other(patient.call)).toMatchObject({ state: "connected", video: null });
    expect(pictures(scene)).toEqual([]);
    await patient.call.setVoiceOnly(false);
    await scene.clock.advance(100);
    expect(other(patient.call)).toMatchObject({ ...whole, screen: { kind: "video" } });
    expect(pictures(scene)).toHaveLength(3);
  });

  test("is blurred by every camera that can, once I want it; where one cannot, I am told", async () => {
    const scene = new CallScene();
    const { call, devices } = await scene.joins("me");
    expect(call.snapshot.me).toMatchObject({ blur: null, unblurred: false });
    devices.blurs = true;
    await call.choose("camera", "front");
    expect(call.snapshot.me).toMatchObject({ blur: false, unblurred: false });
    await call.setBlur(true);
    expect(call.snapshot.me).toMatchObject({ blur: true, unblurred: false });
    await call.choose("camera", "other");
    expect(call.snapshot.me.blur).toBe(true);
    devices.blurs = false;
    await call.choose("camera", "old");
    expect(call.snapshot.me).toMatchObject({ blur: null, unblurred: true });
    await call.setCamera(false);
    expect(call.snapshot.me.unblurred).toBe(false);
  });
});

function carried({ open }: CallScene) {
  return open.flatMap(({ carries }) => [...carries.values()]);
}

/** Pictures and screens that are given to anybody. */
function pictures(scene: CallScene) {
  return carried(scene).filter((track) => track?.kind === "video");
}

function signals({ room }: CallScene, kind: string): number {
  return room.commands.filter(({ payload }) => JSON.stringify(payload).includes(`"kind":"${kind}"`)).length;
}
