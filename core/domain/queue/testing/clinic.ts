import type { Errand, ErrandOutcome } from "../../feature.ts";
import { type ConsultationState, consultationBehaviour, waitingBehaviour } from "../../kinds.ts";
import type { RoomRef } from "../../room.ts";
import { ModelVisit } from "../../visit/testing/model-visit.ts";
import { defaultSettings, type QueueSettings, type QueueState } from "../state.ts";
import { storeQueue } from "../stored.ts";
import { type ModelEntry, ModelQueue } from "./model-queue.ts";
import { abe, desk, engine, ito, named } from "./people.ts";
import { type Answer, SimulatedRoom } from "./simulated-room.ts";
import { Watcher } from "./watcher.ts";

/** How snapshots are read again, as text. */
export interface Loaders {
  queue(stored: string): QueueState;
  visit(stored: string): ConsultationState;
}

/** A request on its way to another room; `entry` is the place on paper as it was when it was sent. */
export interface Mail {
  readonly from: RoomRef;
  readonly errand: Errand;
  readonly transfer: string;
  readonly entry: ModelEntry | null;
}

/** An answer on its way back. */
export interface Post {
  readonly mail: Mail;
  readonly outcome: ErrandOutcome;
}

/** What a room said, and what it should have. */
export interface Said {
  readonly said: string;
  readonly expected: string;
}

export interface QueueInPlay {
  readonly room: SimulatedRoom<QueueState>;
  readonly model: ModelQueue;
}
export interface VisitInPlay {
  readonly room: SimulatedRoom<ConsultationState>;
  readonly model: ModelVisit;
}

export const queueNames = ["desk", "eyes"] as const;

const settings: Readonly<Record<string, Partial<QueueSettings>>> = {
  desk: { callSeconds: 60, noShowSeconds: 300, graceSeconds: 60, awaySeconds: 600, holdSeconds: 600 },
  eyes: { callSeconds: 120, noShowSeconds: 100, graceSeconds: 30, awaySeconds: 60, longWaitSeconds: 1_200 },
};

/** Two queues and the visits that follow from them: each as the domain has it, and as a model on paper. */
export class Clinic {
  now = Date.UTC(2026, 0, 5);
  readonly watcher = new Watcher();
  readonly queues: ReadonlyMap<string, QueueInPlay>;
  readonly visits = new Map<string, VisitInPlay>();
  /** Every entry that ever was. */
  readonly entries: string[] = [];
  /** Rooms, as they were when they were last looked at. */
  readonly seen = new Map<object, unknown>();
  mail: Mail[] = [];
  post: Post[] = [];
  readonly #loaders: Loaders;
  readonly #done = new Set<string>();
  #asked = 0;

  constructor(loaders: Loaders) {
    this.#loaders = loaders;
    this.queues = new Map(queueNames.map((id) => [id, this.#openQueue(id)]));
  }

  queue(pick: number): QueueInPlay {
    return this.queueOf(queueNames[pick % queueNames.length] ?? "");
  }

  queueOf(id: string): QueueInPlay {
    const known = this.queues.get(id);
    if (!known) throw new Error(`there is no queue ${id}`);
    return known;
  }

  visit(id: string): VisitInPlay {
    const known = this.visits.get(id);
    if (known) return known;
    const watch = this.watcher.visit(id);
    const room = new SimulatedRoom({ kind: "consultation", id }, consultationBehaviour, watch);
    const made = { room, model: new ModelVisit() };
    this.visits.set(id, made);
    return made;
  }

  get rooms(): readonly (QueueInPlay | VisitInPlay)[] {
    return [...this.queues.values(), ...this.visits.values()];
  }

  get outstanding(): Mail[] {
    return this.rooms.flatMap(({ room, model }) =>
      room.errands.map((errand) => {
        const transfer = transferOf(errand);
        const entry =
          model instanceof ModelQueue && model.line.find((one) => one.going?.transfer === transfer);
        return { from: room.ref, errand, transfer, entry: entry ? structuredClone(entry) : null };
      }),
    );
  }

  nextId(what: string): string {
    this.#asked += 1;
    return `${what}-${this.#asked}`;
  }

  /** The request is done in the room that it is for, and on paper. What either says has to be the same. */
  deliver({ from, errand, transfer, entry }: Mail): Said & { readonly outcome: ErrandOutcome } {
    const { to, name, payload, id } = errand;
    const command = { ...payload, from, name, id };
    if (to.kind === "waiting") {
      const { room, model } = this.queueOf(to.id);
      const told = { patient: "", visit: "", ...payload, transfer, at: room.timeAt(this.now), entry };
      const answer = room.ask(engine, command, this.now);
      const expected = this.#once(`${to.id} ${id}`, () => sayings[name]?.(model, told) ?? "unknown");
      return { outcome: outcomeOf(answer), said: say(answer), expected };
    }
    const { room, model } = this.visit(to.id);
    const at = room.timeAt(this.now);
    const answer = room.ask(engine, command, this.now);
    const arrive = () =>
      model.arrive(transfer, from.id, entry?.patient ?? "", entry?.going?.clinician ?? null, at);
    const expected = name === "visit.decline" ? model.decline(transfer) : arrive();
    return { outcome: outcomeOf(answer), said: say(answer), expected };
  }

  /** The outcome is told to the room that sent the request. */
  hear({ mail: { from, errand, transfer, entry }, outcome }: Post): Said {
    const command = errand.settle(outcome);
    if (!command) return { said: "nothing", expected: "nothing" };
    if (from.kind === "consultation") {
      const { room, model } = this.visit(from.id);
      const answer = room.ask(engine, command, this.now, command.name);
      return { said: say(answer), expected: model.report(errand.name.replace("queue.", ""), transfer) };
    }
    const { room, model } = this.queueOf(from.id);
    const at = room.timeAt(this.now);
    const answer = room.ask(engine, command, this.now, command.name);
    const returning = errand.name.endsWith(".decline");
    const code = codeOf(outcome, returning);
    const settle = () => model.settle(entry?.id ?? "", transfer, returning, code, at);
    return { said: say(answer), expected: this.#once(`${from.id} ${command.id}`, settle) };
  }

  /** What was done under an id is not done again. */
  #once(key: string, what: () => string): string {
    if (this.#done.has(key)) return "nothing";
    const said = what();
    if (said === "ok") this.#done.add(key);
    return said;
  }

  /** The process of a room dies: what it had in hand is gone, and another takes the room over. */
  crash(pick: number, cut: number, bySnapshot: boolean): Said {
    const crashed = this.rooms[pick % this.rooms.length];
    if (!crashed) return { said: "", expected: "" };
    const { room, model } = crashed;
    this.post = this.post.filter(({ mail: { from } }) => from !== room.ref);
    const at = Math.floor(cut * room.journal.length);
    const wake = { name: model instanceof ModelQueue ? "queue.wake" : "visit.wake", id: null };
    if (!bySnapshot) room.recover();
    else if (isQueue(crashed)) crashed.room.recover(at, storeQueue, this.#loaders.queue);
    else crashed.room.recover(at, (state) => state, this.#loaders.visit);
    const time = room.timeAt(this.now);
    return { said: say(room.ask(engine, wake, this.now)), expected: model.wake(time) };
  }

  /** What a room does by itself next, whether its time has come or not. */
  fire(pick: number): Said {
    const one = this.rooms[pick % this.rooms.length];
    const due = one?.room.due;
    if (!one || !due) return { said: "nothing", expected: "nothing" };
    const at = one.room.timeAt(this.now);
    const until = Math.max(at, due.at);
    const said = say(one.room.ask(engine, due.command, this.now, due.command.name));
    const expected = isQueue(one) ? one.model.fire(until, at) : one.model.fire(until);
    const same = one.room.due?.command.id === due.command.id;
    return same ? { said: "the same is due again", expected } : { said, expected };
  }

  /** Everything whose time has come. */
  fireAll(): Said {
    for (let [i, tries] = [0, 0]; i < this.rooms.length; ) {
      const due = this.rooms[i]?.room.due;
      if (!due || due.at > this.now) {
        i += 1;
        continue;
      }
      const { said, expected } = this.fire(i);
      tries += 1;
      if (said !== expected || tries > 200) return { said: `${said} after ${tries}`, expected };
    }
    return { said: "ok", expected: "ok" };
  }

  #openQueue(id: string): QueueInPlay {
    const all = { ...defaultSettings, ...settings[id] };
    const room = new SimulatedRoom({ kind: "waiting", id }, waitingBehaviour, this.watcher.queue(id));
    const staff = [ito, abe, desk].map(named);
    room.ask(desk, { ...{ name: "queue.create", id: "create-it", settings: all, staff } }, this.now);
    const { callSeconds: call, noShowSeconds: noShow, graceSeconds: grace, awaySeconds: away } = all;
    const { holdSeconds: hold, longWaitSeconds: long, clearSeconds: clear } = all;
    return { room, model: new ModelQueue({ call, noShow, grace, away, hold, long, clear }) };
  }
}

export function isQueue(one: QueueInPlay | VisitInPlay): one is QueueInPlay {
  return one.model instanceof ModelQueue;
}

/** An answer in the model's words. */
export function say(answer: Answer): string {
  if (answer.ok) return answer.events.length > 0 ? "ok" : "nothing";
  const { code, first } = answer.rejection;
  return first ? `${code} ${first.person} ${first.at}` : code;
}

interface Told {
  readonly transfer: string;
  readonly at: number;
  readonly patient: string;
  readonly visit: string;
  readonly entry: ModelEntry | null;
}

const sayings: Readonly<Record<string, (model: ModelQueue, told: Told) => string>> = {
  "queue.arrive": (model, { transfer, entry, at }) => (entry ? model.arrive(transfer, entry, at) : "unknown"),
  "queue.decline": (model, { transfer }) => model.decline(transfer),
  "queue.used": (model, { transfer, patient, visit, at }) => model.used(transfer, patient, visit, at),
  "queue.served": (model, { transfer, patient, visit, at }) => model.served(transfer, patient, visit, at),
};

function outcomeOf(answer: Answer): ErrandOutcome {
  return answer.ok ? { ok: true } : answer;
}

/** null: the entry is in the target. */
function codeOf(outcome: ErrandOutcome, returning: boolean): string | null {
  if (!returning) return outcome.ok ? null : outcome.rejection.code;
  return !outcome.ok && outcome.rejection.code === "already_exists" ? null : "unavailable";
}

function transferOf({ payload }: Errand): string {
  return "transfer" in payload && typeof payload.transfer === "string" ? payload.transfer : "";
}
