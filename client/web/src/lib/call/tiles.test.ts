import { describe, expect, it } from "vitest";
import { FakeTrack } from "../../../../sdk/testing/fake-track.ts";
import type { CallPerson, ParticipantView } from "../../../../sdk/types.ts";
import { stageOf } from "./tiles.ts";

const inCall = (person: string, screen = false): CallPerson => ({
  person,
  state: "connected",
  audio: null,
  video: null,
  screen: screen ? new FakeTrack("video") : null,
  microphone: true,
  quality: null,
  speaking: false,
});
const known = (person: string, role: ParticipantView["role"]): ParticipantView => ({
  ...{ person, role, name: person.toUpperCase(), admission: "admitted", online: true, media: "video" },
});
const participants = [known("ann", "patient"), known("ivo", "interpreter"), known("doc", "clinician")];
const keys = (people: readonly CallPerson[]) => {
  const { main, side } = stageOf({ people }, participants);
  return [main?.key ?? null, ...side.map(({ key }) => key)];
};

describe("the stage", () => {
  it("is empty while one is alone", () => {
    expect(keys([])).toEqual([null]);
  });

  it("shows the clinician before others, under their names", () => {
    expect(keys([inCall("ann"), inCall("ivo"), inCall("doc")])).toEqual(["doc face", "ann face", "ivo face"]);
    expect(stageOf({ people: [inCall("ann")] }, participants).main?.name).toBe("ANN");
  });

  it("shows a screen before every face, and the face of whoever shares it as well", () => {
    expect(keys([inCall("doc"), inCall("ann", true)])).toEqual(["ann screen", "doc face", "ann face"]);
  });
});
