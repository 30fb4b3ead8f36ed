import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeTrack } from "../../../../sdk/testing/fake-track.ts";
import type { CallPerson, ParticipantView } from "../../../../sdk/types.ts";
import { type Lead, layoutOf, leadAfter, nobodyLeads, stageOf } from "./tiles.ts";

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
const keys = (people: readonly CallPerson[], leads: string | null = null) => {
  const { main, side } = stageOf({ people }, participants, leads);
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
    const people = [inCall("doc"), inCall("ann", true)];
    expect(keys(people)).toEqual(["ann screen", "doc face", "ann face"]);
    expect(keys(people, "doc")).toEqual(["ann screen", "doc face", "ann face"]);
  });

  it("follows whoever leads the talk; nobody else changes places", () => {
    const people = [inCall("doc"), inCall("ivo"), inCall("ann")];
    expect(keys(people, "ivo")).toEqual(["ivo face", "doc face", "ann face"]);
    expect(keys(people, "ann")).toEqual(["ann face", "doc face", "ivo face"]);
    expect(keys(people, "gone")).toEqual(["doc face", "ivo face", "ann face"]);
  });
});

describe("the lead", () => {
  const says = (...speaking: readonly string[]) =>
    ["ann", "doc", "ivo"].map((person) => ({ person, speaking: speaking.includes(person) }));

  it("is taken by the first to speak, kept through a pause, and passed on after it", () => {
    const first = leadAfter(nobodyLeads, says("doc", "ivo"), 0);
    expect(first.person).toBe("doc");
    const pause = leadAfter(first, says("ivo"), 10_000);
    expect(pause.person).toBe("doc");
    expect(leadAfter(pause, says("ivo"), 11_999).person).toBe("doc");
    expect(leadAfter(pause, says("ivo"), 12_000).person).toBe("ivo");
    expect(leadAfter(pause, says(), 60_000).person).toBe("doc");
  });

  it("is nobody's when whoever had it has left in silence", () => {
    const lead = leadAfter(nobodyLeads, says("doc"), 0);
    expect(leadAfter(lead, [{ person: "ann", speaking: false }], 1)).toEqual(nobodyLeads);
  });

  it("never changes within two seconds, nor while whoever has it speaks", () => {
    const look = fc.record({ ms: fc.nat(3_000), speakers: fc.subarray(["ann", "doc", "ivo"]) });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 60 }), (looks) => {
        let lead: Lead = nobodyLeads;
        let now = 0;
        let changedAt = Number.NEGATIVE_INFINITY;
        for (const { ms, speakers } of looks) {
          now += ms;
          const next = leadAfter(lead, says(...speakers), now);
          if (next.person !== lead.person) {
            expect(speakers).not.toContain(lead.person);
            expect(speakers).toContain(next.person);
            expect(now - changedAt).toBeGreaterThanOrEqual(2_000);
            changedAt = now;
          }
          lead = next;
        }
      }),
    );
  });
});

describe("the layout", () => {
  const people = (n: number) => Array.from({ length: n }, (_, at) => inCall(`p${at}`));
  const layout = (n: number, width: number, screen = false) =>
    layoutOf(stageOf({ people: [...people(n), ...(screen ? [inCall("ann", true)] : [])] }, []), width);

  it("is one picture where there are two of us, a screen is shared, or there is little room", () => {
    for (const n of [0, 1]) expect(layout(n, 1_200)).toBe("main");
    expect(layout(3, 1_200, true)).toBe("main");
    expect(layout(3, 390)).toBe("main");
    expect(layout(15, 1_200)).toBe("main");
  });

  it("has room for everyone and me, without a row or a column too many", () => {
    for (let n = 2; n <= 8; n += 1) {
      const found = layout(n, 1_200);
      if (found === "main") throw new Error(`There is no grid for ${n}.`);
      const { columns, rows } = found;
      expect(columns * rows).toBeGreaterThanOrEqual(n + 1);
      expect(columns * (rows - 1)).toBeLessThan(n + 1);
    }
  });
});
