import { describe, expect, it } from "vitest";
import { abe, anna, ben, desk, engine, ito, named, person } from "../queue/testing/people.ts";
import { hour, minute, morning } from "../testing/played-room.ts";
import { deserted, mediaLogLimit, noShowMs, noteLimit } from "./state.ts";
import { PlayedVisit } from "./testing/played-visit.ts";

const start = { name: "visit.start" } as const;
const end = { name: "visit.end", outcome: "completed" } as const;
const cancel = { name: "visit.cancel", reason: "The clinic is closed" } as const;
const at = morning + 2 * hour;

function arrive(visit: PlayedVisit, transfer = "t1", queue = "desk", clinician = ito): string {
  return visit.ask(engine, {
    ...{ name: "visit.arrive", transfer, visit: "v", entry: `e-${transfer}` },
    ...{ from: { kind: "waiting", id: queue }, patient: "anna", patientName: "ANNA", reason: "a cough" },
    clinician: named(clinician),
  });
}

/** What the queues are to be told. */
function told(visit: PlayedVisit) {
  return visit.room.errands.map(({ id, to, name, payload }) => ({ id, to: to.id, name, payload }));
}

describe("the course of a visit", () => {
  it("goes from scheduled over waiting to in progress and its end", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 });
    expect(visit.state.phase).toBe("scheduled");
    visit.now = at - minute;
    visit.come(anna);
    expect(visit.state).toMatchObject({ phase: "waiting", entered: true });
    visit.come(ito);
    expect(visit.ask(ito, { name: "visit.hold", on: true })).toBe("visit_not_started");
    expect(visit.ask(ito, start)).toBe("started");
    expect(visit.ask(ito, start)).toBe("nothing");
    expect(visit.state).toMatchObject({ phase: "in_progress", startedAt: visit.now });
    expect(visit.ask(ito, { name: "visit.hold", on: true })).toBe("held");
    expect(visit.ask(ito, { name: "visit.hold", on: true })).toBe("nothing");
    expect(visit.state.held).toBe(true);
    expect(visit.ask(ito, cancel)).toBe("visit_phase");
    visit.now += 20 * minute;
    expect(visit.ask(ito, end)).toBe("ended");
    expect(visit.state).toMatchObject({
      phase: "ended",
      outcome: "completed",
      endedAt: visit.now,
      held: false,
    });
  });

  it("takes nothing more once it has ended, but the survey, notes and what was open", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 });
    visit.come(anna, ito);
    expect(visit.ask(anna, { name: "visit.survey", rating: 5, comment: "" })).toBe("visit_phase");
    visit.ask(ito, end);
    const ended = [
      start,
      end,
      cancel,
      { name: "visit.reschedule", at: at + hour, minutes: 30 },
      { name: "visit.knock" },
      { name: "visit.admit", participant: "ben" },
      { name: "visit.remove", participant: "anna" },
      { name: "visit.lock", on: true },
      { name: "visit.hold", on: true },
      { name: "visit.transfer", to: named(abe) },
      { name: "visit.media", media: "video" },
    ] as const;
    for (const command of ended) expect(visit.ask(ito, command)).toBe("visit_ended");
    expect(arrive(visit)).toBe("visit_ended");
    const before = visit.state;
    expect(visit.pass(1_000 * hour)).toEqual([]);
    expect(visit.state).toBe(before);

    expect(visit.ask(anna, { name: "visit.survey", rating: 5, comment: "Kind" })).toBe("surveyed");
    expect(visit.ask(anna, { name: "visit.survey", rating: 1, comment: "" })).toBe("survey_given");
    expect(visit.state.survey).toMatchObject({ rating: 5, comment: "Kind" });
    expect(visit.ask(ito, { name: "visit.note", body: "Rest.", shared: true })).toBe("noted");
    expect(visit.go(anna, ito)).toEqual(["exited", "exited"]);
  });

  it("is rescheduled or cancelled beforehand", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 });
    expect(visit.ask(desk, { name: "visit.reschedule", at, minutes: 30 })).toBe("nothing");
    expect(visit.ask(desk, { name: "visit.reschedule", at: at + hour, minutes: 30 })).toBe("rescheduled");
    expect(visit.pass(at + noShowMs - visit.now)).toEqual([]);
    expect(visit.ask(desk, cancel)).toBe("ended");
    expect(visit.state).toMatchObject({ phase: "ended", outcome: "cancelled" });
    const begun = new PlayedVisit();
    begun.create({ at, minutes: 30 });
    begun.come(anna);
    expect(begun.ask(desk, { name: "visit.reschedule", at: at + hour, minutes: 30 })).toBe("visit_phase");
  });

  it("ends as a no-show when the patient does not come in time", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 });
    visit.come(ito);
    expect(visit.pass(at + noShowMs - visit.now - 1)).toEqual([]);
    expect(visit.pass(1)).toEqual(["ended"]);
    expect(visit.state).toMatchObject({ outcome: "no_show" });
    const came = new PlayedVisit();
    came.create({ at, minutes: 30 });
    came.come(anna);
    came.go(anna);
    expect(came.pass(24 * hour)).toEqual([]);
  });

  it("ends as interrupted when nobody is there any more, or nobody ever came", () => {
    const visit = new PlayedVisit();
    visit.create();
    visit.come(anna, ito);
    visit.ask(ito, start);
    visit.go(anna);
    expect(visit.pass(5 * hour)).toEqual([]);
    visit.go(ito);
    expect(visit.pass(deserted - 1)).toEqual([]);
    visit.come(anna);
    visit.go(anna);
    expect(visit.pass(deserted)).toEqual(["ended"]);
    expect(visit.state.outcome).toBe("interrupted");

    const empty = new PlayedVisit();
    empty.create();
    empty.ask(ito, start);
    expect(empty.pass(deserted)).toEqual(["ended"]);
  });

  it("is not over at once because nobody was there before it began", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 });
    visit.come(anna);
    visit.go(anna);
    visit.now += 5 * hour;
    expect(visit.ask(ito, start)).toBe("started");
    expect(visit.pass(deserted - 1)).toEqual([]);
    expect(visit.pass(1)).toEqual(["ended"]);
  });

  it("ends once, however much is due at one late moment", () => {
    const visit = new PlayedVisit();
    visit.create();
    visit.invite("i1", "family", 10 * minute);
    visit.invite("i2", "family", 24 * hour);
    visit.come(ito);
    visit.ask(ito, start);
    visit.go(ito);
    expect(visit.pass(48 * hour, "late")).toEqual(["invitationExpired", "ended"]);
    expect(visit.room.due).toBeNull();
    expect(visit.room.faults).toEqual([]);
  });

  it("takes notes, a bounded number", () => {
    const visit = new PlayedVisit();
    visit.create();
    for (let i = 0; i < noteLimit + 5; i += 1) {
      visit.ask(ito, { name: "visit.note", body: `${i}`, shared: false });
    }
    expect(visit.state.notes).toHaveLength(noteLimit);
    expect(visit.state.notes.at(-1)).toEqual({
      body: `${noteLimit + 4}`,
      at: visit.now,
      by: named(ito),
      shared: false,
    });
  });
});

describe("the log of media", () => {
  it("says what was received of whom, and ends with the connection, the wake or the visit", () => {
    const visit = new PlayedVisit();
    visit.create();
    visit.come(anna, ito);
    const media = (by: typeof anna, kind: "video" | "audio" | "none") =>
      visit.ask(by, { name: "visit.media", media: kind });
    expect(media(anna, "video")).toBe("mediaChanged");
    expect(media(anna, "video")).toBe("nothing");
    expect(media(ito, "audio")).toBe("mediaChanged");
    expect(visit.go(anna)).toEqual(["mediaChanged exited"]);
    visit.come(anna);
    media(anna, "audio");
    expect(visit.ask(engine, { name: "visit.wake" })).toBe("woke");
    expect(visit.ask(engine, { name: "visit.wake" })).toBe("nothing");
    visit.come(anna, ito);
    media(ito, "video");
    visit.ask(ito, end);
    const log = visit.state.mediaLog.map(({ person: who, media: kind }) => `${who} ${kind}`);
    expect(log).toEqual([
      "anna video",
      "ito audio",
      "anna none",
      "anna audio",
      "anna none",
      "ito none",
      "ito video",
      "ito none",
    ]);
    expect(Object.values(visit.state.participants).every((one) => one.media === "none")).toBe(true);
  });

  it("is bounded", () => {
    const visit = new PlayedVisit();
    visit.create();
    for (let i = 0; i <= mediaLogLimit; i += 1) {
      visit.ask(ito, { name: "visit.media", media: i % 2 === 0 ? "video" : "audio" });
    }
    expect(visit.state.mediaLog).toHaveLength(mediaLogLimit);
  });
});

describe("a patient sent by a queue", () => {
  it("makes the visit where there is none, and only once", () => {
    const visit = new PlayedVisit();
    expect(arrive(visit)).toBe("created chat.created arrived");
    expect(arrive(visit)).toBe("nothing");
    expect(visit.state).toMatchObject({
      phase: "waiting",
      patient: named(anna),
      clinician: named(ito),
      reason: "a cough",
      origin: { queue: { kind: "waiting", id: "desk" }, transfer: "t1", entry: "e-t1", visit: "v" },
    });
    expect(visit.chat).toEqual({ anna: "member", ito: "admin" });
  });

  it("comes to the visit that was scheduled, with the clinician who admits", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 }, null);
    expect(arrive(visit)).toBe("arrived transferred chat.memberChanged");
    expect(visit.state).toMatchObject({ phase: "waiting", clinician: named(ito) });
    expect(visit.admission(ito)).toBe("admitted");
    const other = new PlayedVisit();
    other.ask(desk, {
      ...{ name: "visit.create", patient: named(ben), clinician: null, reason: "", schedule: null },
    });
    expect(arrive(other)).toBe("forbidden");
  });

  it("does not come any more once that was called back, also where there is no visit yet", () => {
    const visit = new PlayedVisit();
    const decline = { name: "visit.decline", transfer: "t1" } as const;
    expect(visit.ask(engine, decline)).toBe("declined");
    expect(visit.ask(engine, decline)).toBe("nothing");
    expect(arrive(visit)).toBe("entry_gone");
    expect(visit.create()).toBe("already_exists");
    expect(arrive(visit, "t2")).toBe("created chat.created arrived");
    expect(visit.ask(engine, { name: "visit.decline", transfer: "t2" })).toBe("already_exists");
  });

  it("lets the queue know that they came, and that the visit is over, each until it has answered", () => {
    const visit = new PlayedVisit();
    arrive(visit);
    expect(told(visit)).toEqual([]);
    visit.come(ito);
    expect(told(visit)).toEqual([]);
    visit.come(anna);
    const used = { id: "used_t1", transfer: "t1", visit: "v", patient: "anna" };
    expect(told(visit)).toEqual([{ id: "used_t1", to: "desk", name: "queue.used", payload: used }]);
    visit.go(anna);
    visit.come(anna);
    expect(told(visit)).toHaveLength(1);
    visit.ask(ito, start);
    visit.now += 10 * minute;
    visit.ask(ito, end);
    const served = { ...used, id: "served_t1", clinician: "ito", ms: 10 * minute };
    expect(told(visit).at(-1)).toEqual({
      id: "served_t1",
      to: "desk",
      name: "queue.served",
      payload: served,
    });
    for (const errand of visit.room.errands) {
      const report = errand.settle({ ok: true });
      if (report) visit.room.ask(engine, report, visit.now, report.name);
    }
    expect(told(visit)).toEqual([]);
    expect(visit.ask(engine, { name: "visit.report", what: "used", transfer: "t1" })).toBe("nothing");
  });

  it("is told of as come where they were there before, but only since they were sent", () => {
    const present = new PlayedVisit();
    present.create({ at, minutes: 30 });
    present.come(anna);
    arrive(present);
    expect(told(present).map(({ id }) => id)).toEqual(["used_t1"]);

    const tried = new PlayedVisit();
    tried.create({ at, minutes: 30 });
    tried.come(anna);
    tried.go(anna);
    arrive(tried);
    expect(told(tried)).toEqual([]);
    expect(tried.room.due?.at).toBe(at + noShowMs);
    tried.come(anna);
    expect(told(tried).map(({ id }) => id)).toEqual(["used_t1"]);
  });

  it("leaves no queue behind that still waits for the end", () => {
    const visit = new PlayedVisit();
    visit.create({ at, minutes: 30 });
    arrive(visit, "t1", "desk");
    visit.come(anna);
    visit.go(anna);
    arrive(visit, "t2", "eyes", abe);
    expect(told(visit).map(({ id, to }) => `${id} ${to}`)).toEqual(["used_t1 desk", "served_t1 desk"]);
    visit.come(anna);
    visit.ask(abe, end);
    expect(told(visit).map(({ id, to }) => `${id} ${to}`)).toEqual([
      "used_t1 desk",
      "served_t1 desk",
      "used_t2 eyes",
      "served_t2 eyes",
    ]);
  });

  it("is told of in the same words at every repeat, whoever has taken over meanwhile", () => {
    const visit = new PlayedVisit();
    arrive(visit, "t1", "desk");
    arrive(visit, "t2", "eyes", abe);
    const before = told(visit);
    expect(before).toMatchObject([{ id: "served_t1", payload: { clinician: null, ms: null } }]);
    visit.ask(abe, { name: "visit.transfer", to: named(ito) });
    expect(told(visit)).toEqual(before);
  });

  it("tells no queue where none sent the patient", () => {
    const visit = new PlayedVisit();
    visit.create();
    visit.come(anna, ito);
    visit.ask(ito, end);
    expect(told(visit)).toEqual([]);
  });

  it("is told of also after a no-show, without a duration", () => {
    const visit = new PlayedVisit();
    arrive(visit);
    expect(visit.pass(noShowMs)).toEqual(["ended"]);
    expect(told(visit)).toMatchObject([{ id: "served_t1", payload: { ms: null } }]);
    visit.come(anna, person("mori", "guest"));
    expect(told(visit)).toHaveLength(1);
  });
});
