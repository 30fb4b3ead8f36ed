import { describe, expect, it } from "vitest";
import type { Principal } from "../principal.ts";
import { minute } from "../testing/played-room.ts";
import type { QueueCommand } from "./commands.ts";
import { setBackBy } from "./order.ts";
import { abe, anna, ben, chie, desk, engine, ito } from "./testing/people.ts";
import { PlayedQueue, type Unnamed } from "./testing/played-queue.ts";

const admit = (entry: string, clinician: string | null = null) =>
  ({ name: "queue.admit", entry, transfer: `t-${entry}`, visit: `v-${entry}`, clinician }) as const;
const transfer = (entry: string, known = true) =>
  ({ name: "queue.transfer", entry, transfer: `t-${entry}`, to: "eyes", known }) as const;
const remove = (entry: string) => ({ name: "queue.remove", entry, reason: "asked us to" }) as const;
const move = (entry: string, before: string | null) =>
  ({ name: "queue.move", entry, before, reason: "needs a lift home" }) as const;
const prioritise = (entry: string, priority: "emergency" | "urgent" | "normal") =>
  ({ name: "queue.prioritise", entry, priority, reason: "short of breath" }) as const;

function three() {
  const queue = new PlayedQueue();
  const entries = [anna, ben, chie].map((patient) => {
    queue.now += minute;
    return queue.join(patient);
  });
  const [a = "", b = "", c = ""] = entries;
  return { queue, a, b, c };
}

describe("staff at a queue", () => {
  it("call a patient, who keeps the place, and take the call back", () => {
    const { queue, b } = three();
    expect(queue.ask(ito, { name: "queue.call", entry: b })).toBe("called");
    const call = { person: "ito", name: "ITO", at: queue.now, clinician: true };
    expect(queue.entry(ben)).toMatchObject({ status: "called", call });
    expect(queue.line).toEqual(["anna", "ben", "chie"]);
    expect(queue.ask(ito, { name: "queue.call", entry: b })).toBe("nothing");
    expect(queue.ask(ito, { name: "queue.resume", entry: b })).toBe("resumed");
    expect(queue.entry(ben)).toMatchObject({ status: "waiting", call: null });
    expect(queue.ask(ito, { name: "queue.resume", entry: b })).toBe("nothing");
  });

  it("hold a patient, and let them go on", () => {
    const { queue, a } = three();
    expect(queue.ask(ito, { name: "queue.hold", entry: a })).toBe("held");
    expect(queue.entry(anna)).toMatchObject({ status: "held", hold: { person: "ito", at: queue.now } });
    expect(queue.ask(abe, { name: "queue.hold", entry: a })).toBe("nothing");
    expect(queue.ask(abe, { name: "queue.resume", entry: a })).toBe("resumed");
    expect(queue.entry(anna)).toMatchObject({ status: "waiting", hold: null });
  });

  it("call nobody while the queue is paused, nor who is away", () => {
    const { queue, a, b } = three();
    queue.ask(engine, { name: "queue.presence", person: "anna", online: false });
    queue.pass(3 * minute);
    expect(queue.ask(ito, { name: "queue.call", entry: a })).toBe("entry_away");
    expect(queue.ask(ito, admit(a))).toBe("entry_away");
    queue.ask(desk, { name: "queue.suspend", until: null, notice: "" });
    expect(queue.ask(ito, { name: "queue.call", entry: b })).toBe("queue_suspended");
  });

  it("hold also who is away; they are away again afterwards, and released later", () => {
    const { queue, a } = three();
    queue.ask(engine, { name: "queue.presence", person: "anna", online: false });
    expect(queue.pass(3 * minute)).toEqual(["wentAway"]);
    expect(queue.ask(desk, { name: "queue.hold", entry: a })).toBe("held");
    expect(queue.ask(ito, { name: "queue.call", entry: a })).toBe("entry_away");
    queue.now += minute;
    expect(queue.ask(desk, { name: "queue.resume", entry: a })).toBe("resumed");
    expect(queue.entry(anna)).toMatchObject({ status: "away", awaySince: queue.now });
    expect(queue.pass(30 * minute)).toEqual(["left"]);
    expect(queue.room.faults).toEqual([]);
  });

  it("find one who came back while held among those who wait", () => {
    const { queue, a } = three();
    queue.ask(engine, { name: "queue.presence", person: "anna", online: false });
    queue.pass(3 * minute);
    queue.ask(desk, { name: "queue.hold", entry: a });
    queue.ask(engine, { name: "queue.presence", person: "anna", online: true });
    expect(queue.entry(anna)?.status).toBe("held");
    queue.ask(desk, { name: "queue.resume", entry: a });
    expect(queue.entry(anna)?.status).toBe("waiting");
  });

  it("drag an entry before another, or to the end", () => {
    const { queue, a, b, c } = three();
    expect(queue.ask(ito, move(c, a))).toBe("moved");
    expect(queue.line).toEqual(["chie", "anna", "ben"]);
    expect(queue.ask(ito, move(c, null))).toBe("moved");
    expect(queue.line).toEqual(["anna", "ben", "chie"]);
    expect(queue.ask(ito, move(a, b))).toBe("nothing");
    expect(queue.ask(ito, move(c, null))).toBe("nothing");
    expect(queue.ask(ito, move(b, b))).toBe("nothing");
    expect(queue.line).toEqual(["anna", "ben", "chie"]);
  });

  it("do not drag before one who is gone, nor one who is gone", () => {
    const { queue, a, b, c } = three();
    queue.ask(ben, { name: "queue.leave" });
    expect(queue.ask(ito, move(c, b))).toBe("entry_gone");
    expect(queue.ask(ito, move(b, a))).toBe("entry_gone");
    expect(queue.ask(ito, move(c, "elsewhere"))).toBe("entry_not_found");
    queue.ask(abe, remove(a));
    expect(queue.refusal(ito, move(c, a))).toMatchObject({
      code: "entry_gone",
      first: { person: "abe", name: "ABE", at: queue.now },
    });
    expect(queue.line).toEqual(["chie"]);
  });

  it("set a priority: before the less urgent, behind who waits as urgently for longer", () => {
    const { queue, a, b, c } = three();
    expect(queue.ask(ito, prioritise(c, "urgent"))).toBe("prioritised");
    expect(queue.line).toEqual(["chie", "anna", "ben"]);
    expect(queue.ask(ito, prioritise(b, "urgent"))).toBe("prioritised");
    expect(queue.line).toEqual(["ben", "chie", "anna"]);
    expect(queue.ask(ito, prioritise(a, "emergency"))).toBe("prioritised");
    expect(queue.line).toEqual(["anna", "ben", "chie"]);
    expect(queue.ask(ito, prioritise(a, "emergency"))).toBe("nothing");
    expect(queue.ask(ito, prioritise(a, "normal"))).toBe("prioritised");
    expect(queue.line).toEqual(["ben", "chie", "anna"]);
  });

  it("tell whom they set back, and nobody else", () => {
    const { queue, c } = three();
    queue.now += minute;
    queue.ask(ito, prioritise(c, "urgent"));
    const why = [anna, ben, chie].map((patient) => {
      const entry = queue.entry(patient);
      return entry && setBackBy(queue.state, entry)?.why;
    });
    expect(why).toEqual(["priority", "priority", undefined]);
    queue.now += minute;
    queue.join(patientLater);
    const later = queue.entry(patientLater);
    expect(later && setBackBy(queue.state, later)).toBeUndefined();
  });

  it("mark a no-show and remove, with who did it and why", () => {
    const { queue, a, b } = three();
    expect(queue.ask(ito, { name: "queue.noShow", entry: a })).toBe("left");
    expect(queue.ask(desk, remove(b))).toBe("left");
    expect(queue.state.departed).toMatchObject([
      { patient: "anna", how: "noShow", by: { person: "ito" }, reason: null },
      { patient: "ben", how: "removed", by: { person: "desk" }, reason: "asked us to" },
    ]);
    expect(queue.state.tallies.at(-1)).toMatchObject({ joined: 3, abandoned: 2, admitted: 0 });
  });

  it("admit to the visit that was scheduled, or else to a new one, by a clinician", () => {
    const { queue, a } = three();
    expect(queue.ask(ito, admit(a))).toBe("leaving");
    expect(queue.entry(anna)).toMatchObject({
      status: "leaving",
      leaving: {
        transfer: `t-${a}`,
        to: { kind: "consultation", id: `v-${a}` },
        clinician: { person: "ito" },
      },
    });
    queue.ask(ben, { name: "queue.leave" });
    const scheduled = queue.join(ben, { visit: "planned" });
    queue.ask(ito, admit(scheduled));
    expect(queue.entry(ben)?.leaving?.to.id).toBe("planned");
  });

  it("find a clinician for whom the front desk admits: named, or free for longest and not promised", () => {
    const { queue, a, b, c } = three();
    expect(queue.ask(desk, admit(a))).toBe("no_clinician");
    expect(queue.ask(desk, admit(a, "nobody"))).toBe("no_clinician");
    expect(queue.ask(desk, admit(a, "constructor"))).toBe("no_clinician");
    queue.ask(abe, { name: "queue.duty", status: "available" });
    queue.now += minute;
    queue.ask(ito, { name: "queue.duty", status: "available" });
    queue.ask(desk, { name: "queue.duty", status: "available" });
    expect(queue.ask(desk, admit(a))).toBe("leaving");
    expect(queue.entry(anna)?.leaving?.clinician?.person).toBe("abe");
    expect(queue.ask(desk, admit(b))).toBe("leaving");
    expect(queue.entry(ben)?.leaving?.clinician?.person).toBe("ito");
    expect(queue.ask(desk, admit(c))).toBe("no_clinician");
    expect(queue.ask(desk, admit(c, "ito"))).toBe("leaving");
  });

  it("do not admit themselves", () => {
    const queue = new PlayedQueue();
    const both: Principal = { ...ito, roles: ["clinician", "patient"] };
    const entry = queue.join(both);
    expect(queue.ask(both, admit(entry))).toBe("no_clinician");
    expect(queue.ask(abe, admit(entry))).toBe("leaving");
  });

  it("do not transfer to a queue that is not there", () => {
    const { queue, a } = three();
    expect(queue.ask(ito, transfer(a, false))).toBe("queue_not_found");
    expect(queue.entry(anna)?.status).toBe("waiting");
  });

  it("come on duty and go off, and leave the list with the staff", () => {
    const queue = new PlayedQueue();
    const duty = (by: Principal, status: "available" | "away" | "off") =>
      queue.ask(by, { name: "queue.duty", status });
    expect(duty(ito, "off")).toBe("nothing");
    expect(duty(ito, "available")).toBe("dutyChanged");
    expect(duty(ito, "available")).toBe("nothing");
    expect(queue.state.duty).toEqual({
      ito: { name: "ITO", status: "available", since: queue.now, clinician: true, visit: null },
    });
    expect(duty(ito, "away")).toBe("dutyChanged");
    expect(duty(ito, "off")).toBe("dutyChanged");
    expect(queue.state.duty).toEqual({});

    duty(abe, "available");
    const staff = (person: string, on: boolean, personName: string | null = person) =>
      queue.ask(desk, { name: "queue.staff", person, on, personName });
    expect(staff("abe", false)).toBe("staffChanged");
    expect(queue.state.duty).toEqual({});
    expect(Object.keys(queue.state.staff)).toEqual(["ito", "desk"]);
    expect(staff("abe", false)).toBe("nothing");
    expect(staff("mori", true)).toBe("staffChanged");
    expect(staff("mori", true)).toBe("nothing");
    expect(staff("mori", true, "Mori, Dr")).toBe("staffChanged");
    expect(staff("nobody", true, null)).toBe("person_not_found");
    expect(queue.state.staff.mori).toBe("Mori, Dr");
  });
});

const patientLater: Principal = { ...anna, id: "dai", name: "DAI" };

type Press = (entry: string) => Unnamed<QueueCommand>;
const call: Press = (entry) => ({ name: "queue.call", entry });
const hold: Press = (entry) => ({ name: "queue.hold", entry });
const noShow: Press = (entry) => ({ name: "queue.noShow", entry });
const buttons: [string, Press][] = [
  ["admit", admit],
  ["transfer", transfer],
  ["remove", remove],
  ["no-show", noShow],
];

describe("two staff at one moment", () => {
  it.each<[string, Press]>([["call", call], ...buttons])(
    "one wins and the other is told who and when: %s",
    (_, press) => {
      const { queue, a } = three();
      expect(queue.refusal(ito, press(a))).toBeNull();
      const first = { person: "ito", name: "ITO", at: queue.now };
      queue.now += 5;
      const lost = queue.refusal(abe, press(a));
      expect(lost).toMatchObject({ code: expect.stringMatching(/^entry_(taken|gone)$/), first });
      const gone = press(a).name === "queue.remove" || press(a).name === "queue.noShow";
      expect(lost?.code).toBe(gone ? "entry_gone" : "entry_taken");
      expect(queue.room.journal.filter(({ by }) => by === "abe")).toEqual([]);
    },
  );

  it.each<[string, Press]>([["hold", hold], ...buttons])("a clinician's call is theirs: %s", (_, press) => {
    const { queue, a } = three();
    queue.ask(ito, { name: "queue.call", entry: a });
    const first = { person: "ito", name: "ITO", at: queue.now };
    queue.now += 5;
    expect(queue.refusal(abe, press(a))).toMatchObject({ code: "entry_taken", first });
    queue.ask(anna, { name: "queue.confirm" });
    expect(queue.refusal(abe, press(a))).toMatchObject({ code: "entry_taken", first });
    expect(queue.refusal(ito, press(a))).toBeNull();
  });

  it("what the front desk has called is for any clinician", () => {
    const { queue, a } = three();
    queue.ask(desk, { name: "queue.call", entry: a });
    expect(queue.ask(abe, admit(a))).toBe("leaving");
  });

  it("an entry of another queue, or one that left, is not acted on", () => {
    const { queue, a } = three();
    queue.ask(anna, { name: "queue.leave" });
    for (const press of [call, hold, ...buttons.map(([, button]) => button)]) {
      expect(queue.ask(ito, press(a))).toBe("entry_gone");
      expect(queue.ask(ito, press("of-another-queue"))).toBe("entry_not_found");
    }
    expect(queue.ask(ito, { name: "queue.resume", entry: a })).toBe("entry_gone");
    expect(queue.ask(ito, prioritise(a, "urgent"))).toBe("entry_gone");
    expect(queue.ask(ito, { name: "queue.notify", entry: a, body: "hello" })).toBe("entry_gone");
  });
});
