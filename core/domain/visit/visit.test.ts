import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consultationSnapshot } from "../../../rooms/consultation/consultation-snapshot.ts";
import { consultationBehaviour } from "../kinds.ts";
import { differs, visitFaults } from "../queue/testing/clinic-faults.ts";
import { SimulatedRoom } from "../queue/testing/simulated-room.ts";
import { Watcher } from "../queue/testing/watcher.ts";
import { morning } from "../testing/played-room.ts";
import { ModelVisit } from "./testing/model-visit.ts";
import {
  courseSteps,
  engineSteps,
  type Happening,
  peopleSteps,
  type VisitAtPlay,
} from "./testing/visit-steps.ts";

class Watched implements VisitAtPlay {
  readonly watcher = new Watcher();
  readonly room = new SimulatedRoom(
    { kind: "consultation", id: "v" },
    consultationBehaviour,
    this.watcher.visit("v"),
  );
  readonly model = new ModelVisit();
  now = morning;
  asked = 0;
}

type Paper = Record<never, never>;

/** One thing that happens, and a look at everything after it. */
class Step implements fc.Command<Paper, Watched> {
  readonly #what: string;
  readonly #happen: Happening;
  readonly #n: readonly [number, number];

  constructor(what: string, happen: Happening, n: readonly [number, number]) {
    this.#what = what;
    this.#happen = happen;
    this.#n = n;
  }

  check(): boolean {
    return true;
  }

  run(_: Paper, visit: Watched): void {
    const { said, expected } = this.#happen(visit, this.#n);
    const faults = [...differs(String(this), said, expected), ...visit.watcher.faults, ...visitFaults(visit)];
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  toString(): string {
    return `${this.#what}(${this.#n.join(", ")})`;
  }
}

/** What many of the histories have; without it they would show little. */
const common = [
  ...["accepted", "admitted", "arrived", "created", "declined", "ended", "entered", "exited", "held"],
  ...["invitationExpired", "invited", "knocked", "locked", "mediaChanged", "noted", "removed", "reported"],
  ...["rescheduled", "revoked", "started", "surveyed", "transferred", "woke"],
].map((kind) => `visit.${kind}`);

const n = fc.tuple(fc.nat(1_000), fc.nat(1_000));
const steps = (of: Readonly<Record<string, Happening>>, weights: Readonly<Record<string, number>> = {}) =>
  Object.entries(of).flatMap(([what, happen]) =>
    Array.from({ length: weights[what] ?? 2 }, () => n.map((numbers) => new Step(what, happen, numbers))),
  );
const anything = [
  ...steps(courseSteps, { create: 6, arrive: 3, decline: 1, end: 1, cancel: 1 }),
  ...steps(peopleSteps, { come: 6, invite: 5, accept: 6, knock: 4, admit: 5 }),
  ...steps(engineSteps, { wait: 3, crash: 2, early: 1, setBack: 1 }),
];

describe("a visit, whatever happens in it", () => {
  it("lets in whom it should, talks to whom is inside, ends once, and tells the queues", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.commands(anything, { maxCommands: 120, size: "max" }), (history) => {
        const visit = new Watched();
        fc.modelRun(() => ({ model: {}, real: visit }), history);
        const { state } = visit.room;
        expect(consultationSnapshot.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
        for (const kind of visit.watcher.kinds) kinds.add(kind);
      }),
      { numRuns: 2_000 },
    );
    expect([...kinds]).toEqual(expect.arrayContaining(common));
  }, 240_000);
});
