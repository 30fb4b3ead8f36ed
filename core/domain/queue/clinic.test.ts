import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consultationSnapshot } from "../../../rooms/consultation/consultation-snapshot.ts";
import { queueSnapshot } from "../../../rooms/waiting/queue-snapshot.ts";
import { queueRequests } from "../../protocol/queue.ts";
import { visitRequests } from "../../protocol/visit.ts";
import { loadQueue } from "./stored.ts";
import { Clinic, type Mail } from "./testing/clinic.ts";
import { differs, faultsOf, leftovers } from "./testing/clinic-faults.ts";
import { engineSteps, type Happening, patientSteps, staffSteps, visitSteps } from "./testing/clinic-steps.ts";

const loaders = {
  queue: (stored: string) => loadQueue(queueSnapshot.parse(JSON.parse(stored))),
  visit: (stored: string) => consultationSnapshot.parse(JSON.parse(stored)),
};

type Paper = Record<never, never>;

/** One thing that happens, and a look at everything after it. */
class Step implements fc.Command<Paper, Clinic> {
  readonly #what: string;
  readonly #happen: Happening;
  readonly #n: readonly [number, number, number];

  constructor(what: string, happen: Happening, n: readonly [number, number, number]) {
    this.#what = what;
    this.#happen = happen;
    this.#n = n;
  }

  check(): boolean {
    return true;
  }

  run(_: Paper, clinic: Clinic): void {
    const { said, expected } = this.#happen(clinic, this.#n);
    const faults = [...differs(String(this), said, expected), ...faultsOf(clinic)];
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  toString(): string {
    return `${this.#what}(${this.#n.join(", ")})`;
  }
}

const n = fc.tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000));
const steps = (of: Readonly<Record<string, Happening>>, weights: Readonly<Record<string, number>> = {}) =>
  Object.entries(of).flatMap(([what, happen]) =>
    Array.from({ length: weights[what] ?? 1 }, () => n.map((numbers) => new Step(what, happen, numbers))),
  );
const anything = [
  ...steps(patientSteps, { join: 10, confirm: 4, presence: 4, checkIn: 2 }),
  ...steps(staffSteps, {
    admit: 6,
    transfer: 6,
    call: 6,
    hold: 3,
    resume: 2,
    move: 3,
    prioritise: 2,
    open: 4,
  }),
  ...steps(visitSteps, { come: 4, start: 2 }),
  ...steps(engineSteps, { send: 6, deliver: 12, hear: 10, wait: 6, crash: 2, early: 2 }),
];

/** What goes from room to room has the form that is documented for it. */
function asOnTheWire({ from, errand: { name, payload } }: Mail): void {
  const forms: Readonly<Record<string, { parse(payload: unknown): unknown }>> = {
    ...queueRequests,
    ...visitRequests,
  };
  expect(forms[name]?.parse({ ...payload, from })).toMatchObject(payload);
}

/** What many of the histories have; without it they would show little. */
const common = [
  ...["arrived", "called", "cameBack", "checkedIn", "confirmed", "declined", "dutyChanged", "held"],
  ...["joined", "leaving", "longWait", "moved", "opened", "prioritised", "recalled", "resumed", "returned"],
  ...["served", "suspended", "unanswered", "used", "wentAway", "wentOffline", "woke"],
  ...["left", "removed", "noShow", "released", "transferred", "admitted"].map((how) => `left ${how}`),
].map((kind) => `queue.${kind}`);

/** Everything that is under way is done, however often it has to be asked, and all mail comes in the end. */
function settle(clinic: Clinic): void {
  const check = (what: string, said: { said: string; expected: string }) => {
    const faults = [...differs(what, said.said, said.expected), ...faultsOf(clinic)];
    if (faults.length > 0) throw new Error(faults.join("\n"));
  };
  for (let round = 0; round < 12 && clinic.outstanding.length > 0; round += 1) {
    for (const mail of clinic.outstanding) {
      asOnTheWire(mail);
      const { outcome, ...said } = clinic.deliver(mail);
      check(`delivering ${mail.errand.id}`, said);
      check(`hearing of ${mail.errand.id}`, clinic.hear({ mail, outcome }));
    }
  }
  for (const mail of clinic.mail) check(`late ${mail.errand.id}`, clinic.deliver(mail));
  for (const post of clinic.post) check(`late answer ${post.mail.errand.id}`, clinic.hear(post));
  const faults = leftovers(clinic);
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

describe("a small clinic, whatever happens in it", () => {
  it("keeps everyone in exactly one place, in the order on paper, and tells each what they must know", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.commands(anything, { maxCommands: 150, size: "max" }), (history) => {
        const clinic = new Clinic(loaders);
        fc.modelRun(() => ({ model: {}, real: clinic }), history);
        settle(clinic);
        for (const kind of clinic.watcher.kinds) kinds.add(kind);
      }),
      { numRuns: 2_000 },
    );
    expect([...kinds]).toEqual(expect.arrayContaining(common));
  }, 240_000);
});
