import type { Command } from "../../feature.ts";
import { hasRole, type Principal } from "../../principal.ts";
import { priorities } from "../state.ts";
import { type Clinic, type QueueInPlay, queueNames, type Said, say, type VisitInPlay } from "./clinic.ts";
import type { ModelQueue, ModelStaff } from "./model-queue.ts";
import { abe, desk, engine, ito, named, person } from "./people.ts";

/**
 * Something that happens in the clinic: to the rooms and, on paper, to the models. `n` are numbers that say
 * to whom and where. Returns what was said and what should have been.
 */
export type Happening = (clinic: Clinic, n: readonly [number, number, number]) => Said;

const nothing: Said = { said: "nothing", expected: "nothing" };
export const crew = [ito, abe, desk] as const;
export const patients = [1, 2, 3, 4].map((i) => person(`p${i}`, "patient"));

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];
const staffOf = (n: number): Principal => pick(crew, n) ?? desk;
const anyone = (n: number): Principal => pick(patients, n) ?? person("p1", "patient");
const modelStaff = (by: Principal): ModelStaff => ({ id: by.id, clinician: hasRole(by, "clinician") });

/** Mostly an entry of this queue, now and then one that is gone, elsewhere or nowhere. */
function entryOf(clinic: Clinic, { model }: QueueInPlay, n: number): string {
  if (n % 32 === 31) return "nobody";
  const some = n % 8 === 7 ? clinic.entries : model.line.map(({ id }) => id);
  return pick(some, n >> 3) ?? pick(clinic.entries, n) ?? "nobody";
}

/** Mostly one who is in this queue, and best of all who is called. */
function patientOf({ model }: QueueInPlay, n: number): Principal {
  const called = model.line.filter(({ status }) => status === "called");
  const here = pick(n % 3 === 0 && called.length > 0 ? called : model.line, n >> 3);
  return n % 8 === 7 || !here ? anyone(n) : person(here.patient, "patient");
}

/** A command of a queue, with an id of its own. */
function ask(
  clinic: Clinic,
  { room, model }: QueueInPlay,
  by: Principal,
  command: Omit<Command, "id">,
  onPaper: (model: ModelQueue, at: number) => string,
): Said {
  const at = room.timeAt(clinic.now);
  const answer = room.ask(by, { ...command, id: clinic.nextId("asked") }, clinic.now);
  return { said: say(answer), expected: onPaper(model, at) };
}

/** What a patient does. */
export const patientSteps: Readonly<Record<string, Happening>> = {
  join: (clinic, [a, b, c]) => {
    const by = anyone(a);
    const entry = clinic.nextId("e");
    const visit = c % 3 === 0 ? `planned-${by.id}` : null;
    clinic.entries.push(entry);
    const join = { name: "queue.join", entry, reason: "r", language: null, needs: [], visit };
    return ask(clinic, clinic.queue(b), by, join, (model, at) => model.join(entry, by.id, visit, at));
  },
  leave: (clinic, [a, b]) => {
    const queue = clinic.queue(b);
    const by = patientOf(queue, a);
    return ask(clinic, queue, by, { name: "queue.leave" }, (model, at) => model.leave(by.id, at));
  },
  confirm: (clinic, [a, b]) => {
    const queue = clinic.queue(b);
    const by = patientOf(queue, a);
    return ask(clinic, queue, by, { name: "queue.confirm" }, (model) => model.confirm(by.id));
  },
  checkIn: (clinic, [a, b, c]) => {
    const queue = clinic.queue(b);
    const by = patientOf(queue, a);
    const location = `room ${c % 2}`;
    const checkIn = { name: "queue.checkIn", checkIn: { location } };
    return ask(clinic, queue, by, checkIn, (model) => model.checkIn(by.id, location));
  },
  presence: (clinic, [a, b, c]) => {
    const queue = clinic.queue(b);
    const { id } = patientOf(queue, a);
    const online = c % 2 === 0;
    const command = { name: "queue.presence", person: id, online };
    return ask(clinic, queue, engine, command, (model, at) => model.presence(id, online, at));
  },
};

/** A button that staff press on an entry. */
function button(
  make: (entry: string, clinic: Clinic, n: number) => Omit<Command, "id">,
  onPaper: (model: ModelQueue, entry: string, by: ModelStaff, at: number, n: number) => string,
): Happening {
  return (clinic, [a, b, c]) => {
    const queue = clinic.queue(a >> 2);
    const by = staffOf(a);
    const entry = entryOf(clinic, queue, b);
    return ask(clinic, queue, by, make(entry, clinic, c), (model, at) =>
      onPaper(model, entry, modelStaff(by), at, c),
    );
  };
}

/** What staff do. */
export const staffSteps: Readonly<Record<string, Happening>> = {
  call: button(
    (entry) => ({ name: "queue.call", entry }),
    (model, entry, by, at) => model.call(entry, by, at),
  ),
  hold: button(
    (entry) => ({ name: "queue.hold", entry }),
    (model, entry, by, at) => model.hold(entry, by, at),
  ),
  resume: button(
    (entry) => ({ name: "queue.resume", entry }),
    (model, entry, _, at) => model.resume(entry, at),
  ),
  noShow: button(
    (entry) => ({ name: "queue.noShow", entry }),
    (model, entry, by, at) => model.release(entry, by, at),
  ),
  remove: button(
    (entry) => ({ name: "queue.remove", entry, reason: "r" }),
    (model, entry, by, at) => model.release(entry, by, at),
  ),
  prioritise: button(
    (entry, _, n) => ({ name: "queue.prioritise", entry, priority: pick(priorities, n), reason: "r" }),
    (model, entry, _by, _at, n) => model.prioritise(entry, n % priorities.length),
  ),
  move: (clinic, [a, b, c]) => {
    const queue = clinic.queue(a >> 2);
    const entry = entryOf(clinic, queue, b);
    const before = c % 5 === 4 ? null : entryOf(clinic, queue, c);
    const move = { name: "queue.move", entry, before, reason: "r" };
    return ask(clinic, queue, staffOf(a), move, (model) => model.move(entry, before));
  },
  transfer: (clinic, [a, b, c]) => {
    const queue = clinic.queue(a >> 2);
    const entry = entryOf(clinic, queue, b);
    const transfer = clinic.nextId("t");
    const known = c % 6 !== 5;
    const to = queueNames[((a >> 2) + 1) % 2] ?? "";
    const by = staffOf(a);
    const press = { name: "queue.transfer", entry, transfer, to, known };
    return ask(clinic, queue, by, press, (model, at) =>
      model.transfer(entry, transfer, known ? to : null, modelStaff(by), at),
    );
  },
  admit: (clinic, [a, b]) => {
    const queue = clinic.queue(a >> 2);
    const entry = entryOf(clinic, queue, b);
    const [transfer, visit] = [clinic.nextId("t"), `v-${entry}`];
    const by = staffOf(a);
    const { room, model } = queue;
    const at = room.timeAt(clinic.now);
    const press = { name: "queue.admit", id: transfer, entry, transfer, visit, clinician: null };
    const answer = room.ask(by, press, clinic.now);
    const chosen = room.state.leaving.get(entry)?.clinician?.person ?? null;
    return { said: say(answer), expected: model.admit(entry, transfer, visit, modelStaff(by), at, chosen) };
  },
  duty: (clinic, [a, b, c]) => {
    const by = staffOf(a);
    const status = pick(["available", "available", "away", "off"], c) ?? "off";
    const duty = { name: "queue.duty", status };
    return ask(clinic, clinic.queue(b), by, duty, (model, at) => model.setDuty(modelStaff(by), status, at));
  },
  open: (clinic, [a]) => ask(clinic, clinic.queue(a), desk, { name: "queue.open" }, (model) => model.open()),
  close: (clinic, [a]) =>
    ask(clinic, clinic.queue(a), desk, { name: "queue.close" }, (model, at) => model.close(at)),
  suspend: (clinic, [a, b, c]) => {
    const until = c % 3 === 0 ? null : clinic.now + (b % 400) * 1_000;
    const suspend = { name: "queue.suspend", until, notice: "" };
    return ask(clinic, clinic.queue(a), desk, suspend, (model, at) => model.suspend(until, at));
  },
};

/** What happens in the visits that exist. */
function inVisit(
  make: (n: number, who: string) => readonly [Principal, Omit<Command, "id">],
  onPaper: (visit: VisitInPlay["model"], at: number, n: number, who: string) => string,
): Happening {
  return (clinic, [a, b]) => {
    const id = pick([...clinic.visits.keys()], a);
    if (id === undefined) return nothing;
    const { room, model } = clinic.visit(id);
    const at = room.timeAt(clinic.now);
    // Mostly the patient.
    const who = (b % 4 < 2 ? model.patient : pick(Object.keys(model.people), b >> 2)) ?? anyone(b).id;
    const [by, command] = make(b, who);
    const answer = room.ask(by, { ...command, id: clinic.nextId("asked") }, clinic.now);
    return { said: say(answer), expected: onPaper(model, at, b, who) };
  };
}

const outcomes = ["completed", "referred", "interrupted"] as const;

export const visitSteps: Readonly<Record<string, Happening>> = {
  plan: (clinic, [a, b]) => {
    const { id, name } = anyone(a);
    const { room, model } = clinic.visit(`planned-${id}`);
    const clinician = pick([ito, abe, null], b) ?? null;
    const at = b % 2 === 0 ? clinic.now + 3_600_000 : null;
    const schedule = at === null ? null : { at, minutes: 30 };
    const create = { name: "visit.create", patient: { person: id, name }, reason: "", schedule };
    const who = clinician && named(clinician);
    const answer = room.ask(
      desk,
      { ...create, ...{ clinician: who, id: clinic.nextId("asked") } },
      clinic.now,
    );
    return { said: say(answer), expected: model.create(id, clinician?.id ?? null, at) };
  },
  come: inVisit(
    (_, who) => [engine, { name: "visit.presence", ...{ person: who, online: true } }],
    (model, at, _, who) => model.presence(who, true, at),
  ),
  go: inVisit(
    (_, who) => [engine, { name: "visit.presence", ...{ person: who, online: false } }],
    (model, at, _, who) => model.presence(who, false, at),
  ),
  start: inVisit(
    () => [ito, { name: "visit.start" }],
    (model, at) => model.start(at),
  ),
  end: inVisit(
    (n) => [ito, { name: "visit.end", ...{ outcome: pick(outcomes, n) } }],
    (model, _, n) => model.end(pick(outcomes, n) ?? ""),
  ),
  cancel: inVisit(
    () => [desk, { name: "visit.cancel", ...{ reason: "" } }],
    (model) => model.end("cancelled"),
  ),
  handOver: inVisit(
    (n) => [ito, { name: "visit.transfer", ...{ to: named(staffOf(n % 2)) } }],
    (model, _, n) => model.handOver(staffOf(n % 2).id),
  ),
};

/** What the engine does, and what befalls it. */
export const engineSteps: Readonly<Record<string, Happening>> = {
  send: (clinic, [a]) => {
    const mail = pick(clinic.outstanding, a);
    if (mail) clinic.mail.push(mail);
    return nothing;
  },
  deliver: (clinic, [a, b]) => {
    const mail = pick(clinic.mail, a) ?? pick(clinic.outstanding, a);
    if (!mail) return nothing;
    // What is not taken out of the bag comes again.
    if (b % 4 !== 0) clinic.mail = clinic.mail.filter((one) => one !== mail);
    const { outcome, ...said } = clinic.deliver(mail);
    if (b % 3 !== 0) clinic.post.push({ mail, outcome });
    return said;
  },
  lose: (clinic, [a, b]) => {
    const [mail, post] = [pick(clinic.mail, a), pick(clinic.post, a)];
    if (b % 2 === 0) clinic.mail = clinic.mail.filter((one) => one !== mail);
    else clinic.post = clinic.post.filter((one) => one !== post);
    return nothing;
  },
  hear: (clinic, [a, b]) => {
    const post = pick(clinic.post, a);
    if (!post) return nothing;
    if (b % 4 !== 0) clinic.post = clinic.post.filter((one) => one !== post);
    return clinic.hear(post);
  },
  crash: (clinic, [a, b, c]) => clinic.crash(a, (c % 100) / 100, b % 2 === 0),
  wait: (clinic, [a, b]) => {
    clinic.now +=
      pick([0, 1, 999, 1_000, 10_000, 30_000, 30_000, 60_000, 60_000, 300_000, 1_200_000, 7_200_000], a) ?? 0;
    return b % 4 === 0 ? nothing : clinic.fireAll();
  },
  /** A timer that ran out although the room's clock says otherwise. */
  early: (clinic, [a]) => clinic.fire(a),
  setBack: (clinic) => {
    clinic.now -= 3_600_000;
    return nothing;
  },
};
