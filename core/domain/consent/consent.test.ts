import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anna, ben, ito } from "../queue/testing/people.ts";
import { PlayedVisit } from "../visit/testing/played-visit.ts";
import { type ConsentKind, consentKinds, holds } from "./consent.ts";

const give = (what: ConsentKind) => ({ name: "consent.give", what }) as const;
const withdraw = (what: ConsentKind) => ({ name: "consent.withdraw", what }) as const;

describe("a consent", () => {
  it("holds from when it is given until it is withdrawn, with both times", () => {
    const visit = new PlayedVisit();
    visit.create();
    const given = visit.now;
    expect(visit.ask(anna, give("recording"))).toBe("consent.given");
    expect(visit.ask(anna, give("recording"))).toBe("nothing");
    const { consent } = visit.room.state;
    expect(holds(consent, "anna", "recording")).toBe(true);
    expect(holds(consent, "anna", "sharing")).toBe(false);
    expect(holds(consent, "ito", "recording")).toBe(false);
    visit.now += 1_000;
    expect(visit.ask(anna, withdraw("recording"))).toBe("consent.withdrawn");
    expect(visit.ask(anna, withdraw("recording"))).toBe("nothing");
    expect(visit.room.state.consent.consents).toEqual({
      "anna recording": {
        person: "anna",
        name: "ANNA",
        what: "recording",
        givenAt: given,
        withdrawnAt: visit.now,
      },
    });
    expect(holds(visit.room.state.consent, "anna", "recording")).toBe(false);
  });

  it("is given anew after it was withdrawn, and by each for themselves", () => {
    const visit = new PlayedVisit();
    visit.create();
    for (const by of [anna, ito]) visit.ask(by, give("telehealth"));
    visit.ask(anna, withdraw("telehealth"));
    visit.now += 1_000;
    visit.ask(anna, give("telehealth"));
    const { consents } = visit.room.state.consent;
    expect(consents["anna telehealth"]).toMatchObject({ givenAt: visit.now, withdrawnAt: null });
    expect(consents["ito telehealth"]).toMatchObject({ givenAt: visit.now - 1_000, withdrawnAt: null });
  });

  it("keeps the version that was shown; a newer one is agreed to anew, and survives a recovery", () => {
    const visit = new PlayedVisit();
    visit.create();
    const text = (version: number) => ({ version, language: "ja" });
    const told = (version: number) => ({ ...give("recording"), text: text(version) });
    expect(visit.ask(anna, give("recording"))).toBe("consent.given");
    expect(visit.ask(anna, told(1))).toBe("consent.given");
    expect(visit.ask(anna, told(1))).toBe("nothing");
    visit.now += 1_000;
    expect(visit.ask(anna, told(2))).toBe("consent.given");
    visit.ask(ito, give("recording"));
    visit.room.recover();
    const { consents } = visit.room.state.consent;
    expect(consents["anna recording"]).toMatchObject({ text: text(2), givenAt: visit.now });
    // As all were before there were versions.
    expect(Object.keys(consents["ito recording"] ?? {})).not.toContain("text");
  });

  it("cannot be withdrawn where none was given", () => {
    const visit = new PlayedVisit();
    visit.create();
    expect(visit.ask(ben, withdraw("observers"))).toBe("nothing");
    expect(visit.room.state.consent.consents).toEqual({});
  });

  it("is what was said last, whatever was said before, and every change is in the journal", () => {
    const people = [anna, ben, ito];
    const said = fc.record({
      by: fc.constantFrom(...people),
      what: fc.constantFrom(...consentKinds),
      on: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 40 }), (history) => {
        const visit = new PlayedVisit();
        const holding = new Set<string>();
        let changes = 0;
        for (const { by, what, on } of history) {
          const key = `${by.id} ${what}`;
          if (holding.has(key) !== on) changes += 1;
          if (on) holding.add(key);
          else holding.delete(key);
          visit.ask(by, on ? give(what) : withdraw(what));
        }
        visit.room.recover();
        const { consent } = visit.room.state;
        for (const { id } of people) {
          for (const what of consentKinds) {
            expect(holds(consent, id, what)).toBe(holding.has(`${id} ${what}`));
          }
        }
        expect(visit.room.journal).toHaveLength(changes);
      }),
    );
  });
});
