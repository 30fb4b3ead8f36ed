import type { Errand } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { RoomPart } from "../../core/platform/journal/journal-store.ts";
import { brokenTransfers } from "../checker/check-transfers.ts";
import type { ClinicEngine } from "./clinic-engine.ts";
import { type ClinicWorld, ito, ofRoom, person } from "./clinic-world.ts";
import type { Rooms } from "./folded-rooms.ts";
import { forever } from "./holds.ts";
import { transferMs } from "./transfer-stories.ts";

/** A step of a transfer or an admission: an event of one of its rooms, or an errand between them. */
interface Step {
  readonly in: "source" | "target" | "between";
  /** Without the name of the feature, as that is "queue" or "visit". */
  readonly what: "leaving" | "arrived" | "left" | "recalled" | "declined" | "returned" | "arrive" | "decline";
}

/** One way from a queue to another room, and where on it things end. */
export interface Way {
  readonly to: "queue" | "visit";
  /** `unanswered`: the first errand gets lost, so that the entry is called back. */
  readonly answer: "taken" | "refused" | "unanswered";
  readonly step: Step;
  /** Just before the step is taken, or just after it and before anyone hears of it. */
  readonly side: "before" | "after";
}

const going: readonly Step[] = [
  { in: "source", what: "leaving" },
  { in: "between", what: "arrive" },
];
const returning: readonly Step[] = [
  { in: "source", what: "recalled" },
  { in: "between", what: "decline" },
  { in: "target", what: "declined" },
  { in: "source", what: "returned" },
];
const steps: Readonly<Record<Way["answer"], readonly Step[]>> = {
  taken: [...going, { in: "target", what: "arrived" }, { in: "source", what: "left" }],
  refused: [...going, ...returning],
  unanswered: returning,
};

/** Every step of every way, and both sides of it. */
export const ways: readonly Way[] = (["queue", "visit"] as const).flatMap((to) =>
  (["taken", "refused", "unanswered"] as const).flatMap((answer) =>
    steps[answer].flatMap((step) =>
      (["before", "after"] as const).map((side) => ({ to, answer, step, side })),
    ),
  ),
);

function nameOf({ to, answer, step, side }: Way): string {
  return `to a ${to}, ${answer}, ${side} ${step.what}`;
}

/**
 * Sends a patient on each of these ways, ends processes when all of them stand where they are to end, and
 * lets what is left find its own way. Returns everything that is wrong.
 */
export async function crashOn(
  world: ClinicWorld,
  some: readonly Way[],
  who: "source" | "target" | "both",
): Promise<string[]> {
  const here = world.start("here");
  const there = who === "both" ? here : world.start("there");
  world.placement = () => there;
  const journeys = some.map((way, i) => new Journey(world, way, `${i}`));
  await Promise.all(journeys.map((one) => one.open(here, there)));
  for (const turn of ["first", "second", "third"] as const) {
    await Promise.all(journeys.map((one) => one.fill(turn)));
    world.time.skip(1_000);
  }
  await Promise.all(journeys.map((one) => one.close()));
  world.carriage = (errand, send) =>
    journeys.find((one) => one.concerns(errand))?.carry(errand, send) ?? send();
  const rooms = await world.rooms();
  await Promise.all(journeys.map((one) => one.setOut(rooms, [here, there])));
  world.time.skip(transferMs);
  await Promise.all(journeys.map((one) => one.stopped));

  if (who !== "target") here.crash();
  if (who !== "source") there.crash();
  world.carriage = (_, send) => send();
  const next = world.start("next", { polls: who !== "target" });
  world.placement = () => next;
  world.time.skip(transferMs);
  const end = await world.until((now) => now.settled);
  const ends = await Promise.all(
    journeys.map(async (one) => (await one.faults(end)).map((fault) => `${nameOf(one.way)}: ${fault}`)),
  );
  return [...brokenTransfers((await world.rooms()).steps), ...ends.flat()];
}

/** So that nothing but the transfer happens in the time that passes. */
const settings = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400, callSeconds: 3_600 };

/** A patient on one of the ways: two others wait in either queue, one before them and one behind. */
class Journey {
  readonly way: Way;
  readonly who: Principal;
  readonly #world: ClinicWorld;
  readonly #id: string;
  readonly #source: RoomRef;
  readonly #queue: RoomRef;
  #visit: RoomRef | null = null;
  #entry = "";
  #transfer: unknown = null;
  readonly #lost = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(world: ClinicWorld, way: Way, id: string) {
    this.way = way;
    this.#world = world;
    this.#id = id;
    this.who = person(`p-${id}`, "patient");
    this.#source = { kind: "waiting", id: `s-${id}` };
    this.#queue = { kind: "waiting", id: `t-${id}` };
  }

  /** Resolves when it stands where it is to end. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Makes the rooms: the source here, the target there. */
  async open(here: ClinicEngine, there: ClinicEngine): Promise<void> {
    await this.#world.openQueue(this.#source.id, settings, here);
    if (this.way.to === "queue") await this.#world.openQueue(this.#queue.id, settings, there);
    else if (this.way.answer === "refused") {
      this.#visit = await this.#world.planVisit(`v-${this.#id}`, this.who);
    }
  }

  /** Lets whoever comes first, second or third join; the second is the one who goes. */
  async fill(turn: "first" | "second" | "third"): Promise<void> {
    const world = this.#world;
    const planned = this.#visit ? { visit: this.#visit.id } : {};
    if (turn === "second") return world.join(this.who, this.#source, planned);
    await world.join(person(`${turn}-s-${this.#id}`, "patient"), this.#source);
    if (this.way.to === "queue") await world.join(person(`${turn}-t-${this.#id}`, "patient"), this.#queue);
  }

  /** Makes the target refuse, on the ways on which it does. */
  async close(): Promise<void> {
    if (this.way.answer !== "refused") return;
    if (this.way.to === "queue") await this.#world.ask(ito, this.#queue, "queue.close");
    else if (this.#visit) await this.#world.ask(ito, this.#visit, "visit.cancel");
  }

  /** Sets out; resolves when it stands where it is to end, or else its first errand is lost. */
  async setOut(rooms: Rooms, engines: readonly ClinicEngine[]): Promise<void> {
    const { to, answer, step, side } = this.way;
    this.#entry = rooms.place(this.#source, this.who.id)?.id ?? "";
    if (step.in !== "between") {
      const feature = step.in === "target" && to === "visit" ? "visit" : "queue";
      const hold = {
        type: `${feature}.${step.what}`,
        side,
        of: (part: RoomPart) => this.#isAt(step, part.ref),
      };
      for (const engine of engines) void engine.holds.add(hold).then(() => this.#stopped.resolve());
    }
    const name = to === "queue" ? "queue.transfer" : "queue.admit";
    const where = to === "queue" ? { to: this.#queue.id } : {};
    this.#world.ask(ito, this.#source, name, { entry: this.#entry, ...where }).catch(this.#stopped.reject);
    await (answer === "unanswered" ? Promise.race([this.#lost.promise, this.stopped]) : this.stopped);
  }

  /** Whether an errand is about this patient. */
  concerns({ payload }: Errand): boolean {
    if ("entry" in payload) return payload.entry === this.#entry;
    return "transfer" in payload && payload.transfer === this.#transfer;
  }

  /** What happens to its errands. */
  async carry({ name, to, payload }: Errand, send: () => Promise<void>): Promise<void> {
    const { answer, step, side } = this.way;
    const what = name.endsWith(".arrive") ? "arrive" : "decline";
    if ("transfer" in payload) this.#transfer = payload.transfer;
    if (to.kind === "consultation") this.#visit = to;
    if (answer === "unanswered" && what === "arrive") {
      this.#lost.resolve();
      return forever();
    }
    if (step.what !== what) return send();
    if (side === "after") await send().catch(() => {});
    this.#stopped.resolve();
    return forever();
  }

  /** Where the patient may be in the end. */
  get #ends(): "source" | "target" | "either" {
    const { answer, step, side } = this.way;
    if (answer === "refused") return "source";
    if (step.what === "leaving" && side === "before") return "source";
    if (answer === "unanswered") return step.what === "recalled" && side === "before" ? "either" : "source";
    return step.what === "left" || (side === "after" && step.what !== "leaving") ? "target" : "either";
  }

  /** What is wrong in the end, beside what the journal's order shows. */
  async faults(rooms: Rooms): Promise<string[]> {
    const back = rooms.place(this.#source, this.who.id) !== undefined;
    const wanted = this.#ends;
    if (wanted !== "either" && (wanted === "source") !== back) return [`is not in the ${wanted}`];
    const faults = back ? this.#inOrder(rooms, this.#source, "s") : this.#others(rooms);
    const here = back ? this.#source : this.#queue;
    if (back || this.way.to === "queue") {
      const refusal = await this.#world.refusal(ito, here, "queue.call", { entry: this.#entry });
      return refusal === null ? faults : [...faults, `cannot be called: ${refusal}`];
    }
    return [...faults, ...(await this.#admitted(rooms))];
  }

  #others(rooms: Rooms): string[] {
    return this.way.to === "queue" ? this.#inOrder(rooms, this.#queue, "t") : [];
  }

  /** Between those who came before and after. */
  #inOrder(rooms: Rooms, queue: RoomRef, which: "s" | "t"): string[] {
    const line = rooms.line(queue).join();
    const wanted = [`first-${which}-${this.#id}`, this.who.id, `third-${which}-${this.#id}`].join();
    return line === wanted ? [] : [`the queue is ${line}`];
  }

  async #admitted(rooms: Rooms): Promise<string[]> {
    const { admitted, duty } = rooms.queue(this.#source);
    const id = admitted[this.who.id]?.visit;
    if (id === undefined) return ["the queue knows of no visit"];
    const visit = { kind: "consultation", id } as const;
    const { patient, phase } = rooms.consultation(visit).visit;
    const refusal = await this.#world.refusal(this.who, visit, "visit.knock");
    return [
      ...(patient.person === this.who.id && phase === "waiting" ? [] : ["the visit does not wait for them"]),
      ...(duty.ito?.visit === id ? [] : ["the clinician is not in the visit"]),
      ...(refusal === null ? [] : [`cannot enter the visit: ${refusal}`]),
    ];
  }

  #isAt(step: Step, room: RoomRef): boolean {
    if (step.in === "source") return ofRoom(this.#source)({ ref: room });
    const target = this.way.to === "queue" ? this.#queue : this.#visit;
    return target !== null && ofRoom(target)({ ref: room });
  }
}
