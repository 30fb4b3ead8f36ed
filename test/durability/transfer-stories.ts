import { DomainError } from "../../core/domain/errors.ts";
import type { Errand } from "../../core/domain/feature.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { brokenTransfers } from "../checker/check-transfers.ts";
import type { ClinicEngine } from "./clinic-engine.ts";
import { type ClinicWorld, ito, person } from "./clinic-world.ts";
import type { Rooms } from "./folded-rooms.ts";
import { forever } from "./holds.ts";

export type Target = "queue" | "visit";
/** Something that goes wrong on the way of a patient; every sentence is a broken promise. */
export type Story = (world: ClinicWorld, to: Target) => Promise<string[]>;

/** After so long an entry is called back, and a room that has an errand is woken (ms). */
export const transferMs = 30_000;
export const anna = person("anna", "patient");
const ben = person("ben", "patient");
const calm = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400 };

/** Anna before Ben in a queue here, and another queue there. */
export class Stage {
  readonly source: RoomRef = { kind: "waiting", id: "from" };
  readonly queue: RoomRef = { kind: "waiting", id: "to" };
  readonly world: ClinicWorld;
  readonly to: Target;
  entry = "";
  #gone = 0;

  constructor(world: ClinicWorld, to: Target) {
    this.world = world;
    this.to = to;
  }

  async set(here: ClinicEngine, there = here): Promise<void> {
    this.world.placement = ({ id }) => (id === this.source.id ? here : there);
    await this.world.openQueue(this.source.id, calm, here);
    await this.world.openQueue(this.queue.id, calm, there);
    for (const patient of [anna, ben]) await this.world.join(patient, this.source);
    this.entry = (await this.world.rooms()).place(this.source, anna.id)?.id ?? "";
  }

  /** Sends Anna on her way, and waits for no answer. */
  go(): void {
    this.#gone += 1;
    const name = this.to === "queue" ? "queue.transfer" : "queue.admit";
    const where = this.to === "queue" ? { to: this.queue.id } : {};
    this.world.ask(ito, this.source, name, { entry: this.entry, ...where }).catch(() => {});
  }

  /** Whether the source has let her go as often as she was sent. */
  hasGone(rooms: Rooms): boolean {
    return rooms.types(this.source).filter((type) => type === "leaving").length === this.#gone;
  }

  /** Where Anna is, as she and the staff see it. */
  whereIsAnna(rooms: Rooms): string {
    const visit = rooms.queue(this.source).admitted[anna.id];
    return [
      ...(rooms.place(this.source, anna.id) ? ["source"] : []),
      ...(rooms.place(this.queue, anna.id) ? ["queue"] : []),
      ...(visit ? ["visit"] : []),
    ].join(" and ");
  }

  /** What the journal's order shows, and whether Anna is where she has to be. */
  async end(where: "source" | "target"): Promise<string[]> {
    const rooms = await this.world.until((now) => now.settled && this.hasGone(now));
    const wanted = where === "source" ? "source" : this.to;
    const is = this.whereIsAnna(rooms);
    return [
      ...brokenTransfers(rooms.steps),
      ...(is === wanted ? [] : [`Anna is in ${is}, not in ${wanted}`]),
    ];
  }
}

const isArrival = ({ name }: Errand) => name.endsWith(".arrive");
const codeOf = (error: unknown) => (error instanceof DomainError ? error.code : String(error));

/** The source moves on while an errand of its old owner is still on its way. */
export const zombieSource: Story = async (world, to) => {
  const stage = new Stage(world, to);
  await stage.set(world.start("old"), world.start("there"));
  const kept = Promise.withResolvers<() => Promise<void>>();
  world.carriage = (errand, send) => {
    if (!isArrival(errand)) return send();
    kept.resolve(send);
    return forever();
  };
  stage.go();
  const late = await kept.promise;
  await world.start("next").wake(stage.source);
  world.time.skip(transferMs);
  const faults = await stage.end("source");
  const answer = await late().then(() => "let in", codeOf);
  if (answer !== "entry_gone") faults.push(`the old owner's errand was answered ${answer}`);
  faults.push(...(await stage.end("source")));
  if (faults.length > 0) return faults;
  world.carriage = (_, send) => send();
  stage.go();
  await world.until((rooms) => rooms.settled && stage.whereIsAnna(rooms) === to);
  await late().catch(() => {});
  return [...faults, ...(await stage.end("target"))];
};

/** Every errand comes several times, at once and long after, also to a new owner, when Anna is gone again. */
export const everythingTwice: Story = async (world, to) => {
  const stage = new Stage(world, to);
  const there = world.start("there");
  await stage.set(world.start("here"), there);
  const sent: (() => Promise<void>)[] = [];
  world.carriage = async (_, send) => {
    sent.push(send);
    const [answer] = await Promise.allSettled([send(), send(), send()]);
    if (answer?.status === "rejected") throw answer.reason;
  };
  stage.go();
  const faults = await stage.end("target");
  const again = async () => {
    const answers = await Promise.all(sent.map((send) => send().then(() => "done", codeOf)));
    const wrong = answers.filter((answer) => answer !== "done");
    faults.push(...wrong.map((answer) => `an errand that came again was answered ${answer}`));
  };
  await again();
  if (to === "queue") await world.ask(anna, stage.queue, "queue.leave");
  await again();
  there.crash();
  const next = world.start("next");
  world.placement = () => next;
  await again();
  const { steps } = await world.rooms();
  return [...faults, ...brokenTransfers(steps)];
};

/** What the target answers gets lost, three times each; then it is heard. */
export const lostAnswers: Story = async (world, to) => {
  const stage = new Stage(world, to);
  await stage.set(world.start("here"));
  const tries = new Map<string, number>();
  world.carriage = async ({ id }, send) => {
    const count = (tries.get(id) ?? 0) + 1;
    tries.set(id, count);
    await send();
    if (count <= 3) throw new DomainError("unavailable");
  };
  stage.go();
  return stage.end("target");
};

/** The target never hears of it, and hangs for a while when it is called back. */
export const silentTarget: Story = async (world, to) => {
  const stage = new Stage(world, to);
  await stage.set(world.start("here"));
  const asked = Promise.withResolvers<void>();
  let hanging = 2;
  world.carriage = (errand, send) => {
    asked.resolve();
    if (isArrival(errand)) return forever();
    hanging -= 1;
    return hanging < 0 ? send() : forever();
  };
  stage.go();
  await asked.promise;
  world.time.skip(transferMs);
  return stage.end("source");
};

/** The target lets Anna in, and its answer never comes: she is not called back any more. */
export const answerThatNeverComes: Story = async (world, to) => {
  const stage = new Stage(world, to);
  await stage.set(world.start("here"));
  const done = Promise.withResolvers<void>();
  world.carriage = async (errand, send) => {
    await send();
    if (!isArrival(errand)) return;
    done.resolve();
    return forever();
  };
  stage.go();
  await done.promise;
  world.time.skip(transferMs);
  return stage.end("target");
};

/** The target is closed at first; a second request of the same errand comes when it is open again. */
export const refusedThenOpen: Story = async (world, to) => {
  const stage = new Stage(world, to);
  await stage.set(world.start("here"));
  let late: (() => Promise<void>) | undefined;
  world.carriage = async (errand, send) => {
    if (!isArrival(errand)) return send();
    late = send;
    throw new DomainError(to === "queue" ? "queue_closed" : "visit_ended");
  };
  stage.go();
  const faults = await stage.end("source");
  await late?.().catch(() => {});
  return [...faults, ...(await stage.end("source"))];
};

/** The source sleeps while Anna is on her way, and its process ends. Nobody asks for it. */
export const asleepOnTheWay: Story = async (world, to) => {
  const stage = new Stage(world, to);
  const here = world.start("here");
  await stage.set(here);
  const asked = Promise.withResolvers<void>();
  world.carriage = () => {
    asked.resolve();
    return forever();
  };
  stage.go();
  await asked.promise;
  await here.sleep(stage.source);
  here.crash();
  world.carriage = (_, send) => send();
  const next = world.start("next", { polls: true });
  world.placement = () => next;
  world.time.skip(transferMs);
  const rooms = await world.until((now) => now.settled);
  const where = stage.whereIsAnna(rooms) === "source" ? "source" : "target";
  return stage.end(where);
};
