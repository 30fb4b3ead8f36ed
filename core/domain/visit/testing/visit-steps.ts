import type { Command } from "../../feature.ts";
import type { Principal } from "../../principal.ts";
import { type Said, say, type VisitInPlay } from "../../queue/testing/clinic.ts";
import { abe, anna, desk, engine, ito, named, person } from "../../queue/testing/people.ts";
import { guestRoles, mediaKinds } from "../state.ts";

/** A visit, its paper, and how late it is. */
export interface VisitAtPlay extends VisitInPlay {
  now: number;
  asked: number;
}

/** Something that happens in a visit; `n` say to whom and how. */
export type Happening = (visit: VisitAtPlay, n: readonly [number, number]) => Said;

const nothing: Said = { said: "nothing", expected: "nothing" };
const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];

const invitations = ["i1", "i2", "i3", "i4"] as const;
/** Who comes by an invitation is somebody new. */
const guestOf = (invitation: string) => person(`guest-${invitation}`, "guest");
const guests = invitations.map(guestOf);
const everyone = [anna, ito, abe, ...guests, person("stranger", "patient")];
const anyone = (n: number): Principal => pick(everyone, n) ?? anna;
const invitationOf = (n: number): string => pick(invitations, n) ?? "i1";

function ask(
  visit: VisitAtPlay,
  by: Principal,
  command: Omit<Command, "id">,
  onPaper: (model: VisitInPlay["model"], at: number) => string,
): Said {
  visit.asked += 1;
  const { room, model, now } = visit;
  const at = room.timeAt(now);
  const answer = room.ask(by, { ...command, id: `asked-${visit.asked}` }, now);
  return { said: say(answer), expected: onPaper(model, at) };
}

export const courseSteps: Readonly<Record<string, Happening>> = {
  create: (visit, [a, b]) => {
    const clinician = pick([ito, abe, null, anna], a) ?? null;
    const at = b % 2 === 0 ? visit.now + 600_000 : null;
    const schedule = at === null ? null : { at, minutes: 30 };
    const who = clinician && named(clinician);
    const create = { name: "visit.create", patient: named(anna), clinician: who, reason: "", schedule };
    return ask(visit, desk, create, (model) => model.create("anna", clinician?.id ?? null, at));
  },
  arrive: (visit, [a, b]) => {
    const transfer = `t${a % 5}`;
    const queue = pick(["desk", "eyes"], a % 5) ?? "desk";
    const clinician = b % 2 === 0 ? ito : abe;
    const patient = b % 7 === 6 ? "ben" : "anna";
    const arrive = {
      ...{ name: "visit.arrive", transfer, visit: "v", entry: `e-${transfer}`, reason: "" },
      ...{ from: { kind: "waiting", id: queue }, patient, patientName: patient, clinician: named(clinician) },
    };
    return ask(visit, engine, arrive, (model, at) =>
      model.arrive(transfer, queue, patient, clinician.id, at),
    );
  },
  decline: (visit, [a]) => {
    const transfer = `t${a % 5}`;
    return ask(visit, engine, { name: "visit.decline", ...{ transfer } }, (model) => model.decline(transfer));
  },
  reschedule: (visit, [a]) => {
    const at = visit.now + (a % 3) * 600_000;
    const reschedule = { name: "visit.reschedule", at, minutes: 30 };
    return ask(visit, desk, reschedule, (model) => model.reschedule(at));
  },
  start: (visit) => ask(visit, ito, { name: "visit.start" }, (model, at) => model.start(at)),
  end: (visit) =>
    ask(visit, ito, { name: "visit.end", ...{ outcome: "completed" } }, (model) => model.end("completed")),
  cancel: (visit) =>
    ask(visit, desk, { name: "visit.cancel", ...{ reason: "" } }, (model) => model.end("cancelled")),
  hold: (visit, [a]) => {
    const on = a % 2 === 0;
    return ask(visit, ito, { name: "visit.hold", ...{ on } }, (model) => model.set("held", on));
  },
  handOver: (visit, [a]) => {
    const to = anyone(a % 3);
    return ask(visit, ito, { name: "visit.transfer", ...{ to: named(to) } }, (model) =>
      model.handOver(to.id),
    );
  },
  survey: (visit) =>
    ask(visit, anna, { name: "visit.survey", ...{ rating: 5, comment: "" } }, (model) => model.survey()),
  note: (visit) =>
    ask(visit, ito, { name: "visit.note", ...{ body: "n", shared: true } }, ({ patient }) =>
      patient === null ? "room_not_found" : "ok",
    ),
};

export const peopleSteps: Readonly<Record<string, Happening>> = {
  come: (visit, [a]) => {
    const { id } = anyone(a);
    const come = { name: "visit.presence", person: id, online: true };
    return ask(visit, engine, come, (model, at) => model.presence(id, true, at));
  },
  go: (visit, [a]) => {
    const { id } = anyone(a);
    const go = { name: "visit.presence", person: id, online: false };
    return ask(visit, engine, go, (model, at) => model.presence(id, false, at));
  },
  knock: (visit, [a]) => {
    const by = anyone(a);
    return ask(visit, by, { name: "visit.knock" }, (model) => model.knock(by.id));
  },
  admit: (visit, [a]) => {
    const { id } = anyone(a);
    return ask(visit, ito, { name: "visit.admit", ...{ participant: id } }, (model) => model.admit(id));
  },
  remove: (visit, [a]) => {
    const { id } = anyone(a);
    return ask(visit, ito, { name: "visit.remove", ...{ participant: id } }, (model) => model.remove(id));
  },
  lock: (visit, [a]) => {
    const on = a % 3 === 0;
    return ask(visit, ito, { name: "visit.lock", ...{ on } }, (model) => model.set("locked", on));
  },
  media: (visit, [a, b]) => {
    const by = anyone(a);
    const media = pick(mediaKinds, b) ?? "none";
    return ask(visit, by, { name: "visit.media", ...{ media } }, (model) => model.media(by.id, media));
  },
  invite: (visit, [a, b]) => {
    const invitation = invitationOf(a);
    const role = pick(guestRoles, b) ?? "family";
    const lastsMs = pick([60_000, 600_000, 86_400_000], b) ?? 60_000;
    const invite = { name: "visit.invite", invitation, role, label: "", hash: `#${invitation}`, lastsMs };
    return ask(visit, ito, invite, (model, at) => model.invite(invitation, role, at + lastsMs));
  },
  accept: (visit, [a, b]) => {
    const invitation = invitationOf(a);
    const guest = guestOf(invitation).id;
    const hash = b % 8 === 7 ? "another" : `#${invitation}`;
    const accept = { name: "visit.accept", invitation, hash, guest, guestName: guest };
    return ask(visit, engine, accept, (model, at) => {
      if (model.patient === null) return "room_not_found";
      return b % 8 === 7 ? "invitation_invalid" : model.accept(invitation, guest, at);
    });
  },
  revoke: (visit, [a]) => {
    const invitation = invitationOf(a);
    const revoke = { name: "visit.revoke", invitation };
    return ask(visit, ito, revoke, (model) => model.revoke(invitation));
  },
};

export const engineSteps: Readonly<Record<string, Happening>> = {
  /** A queue has been told, or could not be and never will. */
  report: (visit, [a]) => {
    const errand = pick(visit.room.errands, a);
    const command = errand?.settle({ ok: true });
    if (!errand || !command) return nothing;
    const [what = "", transfer = ""] = errand.id.split("_");
    const answer = visit.room.ask(engine, command, visit.now, command.name);
    return { said: say(answer), expected: visit.model.report(what, transfer) };
  },
  crash: (visit, [a, b]) => {
    const { room, model, now } = visit;
    if (b % 2 === 0) room.recover();
    else room.recover(Math.floor((a / 1_000) * room.journal.length), (state) => state, JSON.parse);
    const at = room.timeAt(now);
    return { said: say(room.ask(engine, { name: "visit.wake", id: null }, now)), expected: model.wake(at) };
  },
  wait: (visit, [a]) => {
    visit.now += pick([0, 1_000, 59_000, 60_000, 600_000, 1_800_000, 3_600_000], a) ?? 0;
    return fire(visit, visit.now);
  },
  early: (visit) => fire(visit, Number.POSITIVE_INFINITY),
  setBack: (visit) => {
    visit.now -= 3_600_000;
    return nothing;
  },
};

/** What the room does by itself next, if it is due until then. */
function fire({ room, model, now }: VisitAtPlay, until: number): Said {
  const { due } = room;
  if (!due || due.at > until) return nothing;
  const upTo = Math.max(room.timeAt(now), due.at);
  const said = say(room.ask(engine, due.command, now, due.command.name));
  const same = room.due?.command.id === due.command.id;
  return { said: same ? "the same is due again" : said, expected: model.fire(upTo) };
}
