/** One place, as the model has it. Times are ms since the epoch. */
export interface ModelEntry {
  id: string;
  patient: string;
  /** 0 is the most urgent. */
  urgency: number;
  since: number;
  status: string;
  call: { by: string; at: number; clinician: boolean } | null;
  heldAt: number | null;
  offlineAt: number | null;
  awayAt: number | null;
  missedAt: number | null;
  long: boolean;
  location: string | null;
  visit: string | null;
  going: ModelGoing | null;
  returned: string | null;
}

export interface ModelGoing {
  transfer: string;
  /** "waiting" or "consultation", and the id of the room. */
  kind: string;
  to: string;
  by: string;
  clinician: string | null;
  at: number;
  returning: boolean;
  tries: number;
}

/** Who presses a button. */
export interface ModelStaff {
  id: string;
  clinician: boolean;
}

export interface ModelDuty {
  status: string;
  since: number;
  visit: string | null;
  clinician: boolean;
}

export interface ModelSeconds {
  call: number;
  noShow: number;
  grace: number;
  away: number;
  hold: number;
  long: number;
  clear: number;
}

interface ModelDeadline {
  at: number;
  kind: string;
  entry: ModelEntry | null;
}

/** "ok" where something changed, "nothing" where not, else why not; with who was faster, and when. */
export type Said = string;

/** A queue as a list on paper. Its methods answer as the real one should. */
export class ModelQueue {
  line: ModelEntry[] = [];
  opening = "open";
  until: number | null = null;
  clearAt: number | null = null;
  duty: Record<string, ModelDuty> = {};
  /** Patient → visit. */
  admitted: Record<string, string> = {};
  arrived: string[] = [];
  declined: string[] = [];
  #past: { id: string; by: string | null; at: number }[] = [];
  readonly #seconds: ModelSeconds;

  constructor(seconds: ModelSeconds) {
    this.#seconds = seconds;
  }

  of(patient: string): ModelEntry | undefined {
    return this.line.find((entry) => entry.patient === patient);
  }

  // The patient's side.

  join(id: string, patient: string, visit: string | null, at: number): Said {
    if (this.of(patient)) return "nothing";
    if (this.admitted[patient] !== undefined) return "already_admitted";
    if (this.opening !== "open") return `queue_${this.opening}`;
    this.line.push(freshEntry(id, patient, visit, at));
    return "ok";
  }

  leave(patient: string, at: number): Said {
    const entry = this.of(patient);
    if (!entry) return "nothing";
    return entry.going ? "entry_moving" : this.#end(entry, null, at);
  }

  confirm(patient: string): Said {
    const entry = this.of(patient);
    if (!entry) return "entry_gone";
    if (entry.going || entry.status === "confirmed") return "nothing";
    if (entry.status !== "called") return "entry_not_called";
    entry.status = "confirmed";
    entry.missedAt = null;
    return "ok";
  }

  checkIn(patient: string, location: string): Said {
    const entry = this.of(patient);
    if (!entry) return "entry_gone";
    if (entry.going) return "entry_moving";
    if (entry.location === location) return "nothing";
    entry.location = location;
    entry.missedAt = null;
    return "ok";
  }

  presence(patient: string, online: boolean, at: number): Said {
    const entry = this.of(patient);
    if (!entry || online === (entry.offlineAt === null)) return "nothing";
    entry.offlineAt = online ? null : at;
    if (!online) return "ok";
    entry.missedAt = null;
    entry.awayAt = null;
    if (entry.status === "away") entry.status = "waiting";
    return "ok";
  }

  wake(at: number): Said {
    const here = this.line.filter(({ offlineAt }) => offlineAt === null);
    for (const entry of here) entry.offlineAt = at;
    return here.length > 0 ? "ok" : "nothing";
  }

  // The staff's side.

  call(id: string, by: ModelStaff, at: number): Said {
    const entry = this.#free(id);
    if (typeof entry === "string") return entry;
    if (this.opening === "suspended") return "queue_suspended";
    if (entry.awayAt !== null) return "entry_away";
    if (entry.call)
      return entry.call.by === by.id ? "nothing" : `entry_taken ${entry.call.by} ${entry.call.at}`;
    still(entry);
    entry.status = "called";
    entry.call = { by: by.id, at, clinician: by.clinician };
    return "ok";
  }

  hold(id: string, by: ModelStaff, at: number): Said {
    const entry = this.#free(id, by);
    if (typeof entry === "string") return entry;
    if (entry.heldAt !== null) return "nothing";
    still(entry);
    entry.status = "held";
    entry.heldAt = at;
    return "ok";
  }

  resume(id: string, at: number): Said {
    const entry = this.#free(id);
    if (typeof entry === "string") return entry;
    if (entry.call === null && entry.heldAt === null) return "nothing";
    back(entry, at);
    return "ok";
  }

  move(id: string, before: string | null): Said {
    const entry = this.#free(id);
    if (typeof entry === "string") return entry;
    if (before === id) return "nothing";
    const next = before === null ? null : this.line.find((other) => other.id === before);
    if (next === undefined) return this.#gone(before ?? "");
    if ((this.line[this.line.indexOf(entry) + 1] ?? null) === next) return "nothing";
    this.line.splice(this.line.indexOf(entry), 1);
    this.line.splice(next ? this.line.indexOf(next) : this.line.length, 0, entry);
    return "ok";
  }

  prioritise(id: string, urgency: number): Said {
    const entry = this.#free(id);
    if (typeof entry === "string") return entry;
    if (entry.urgency === urgency) return "nothing";
    entry.urgency = urgency;
    this.line.splice(this.line.indexOf(entry), 1);
    this.#insert(entry);
    return "ok";
  }

  /** A no-show, or removed. */
  release(id: string, by: ModelStaff, at: number): Said {
    const entry = this.#free(id, by);
    return typeof entry === "string" ? entry : this.#end(entry, by.id, at);
  }

  transfer(id: string, transfer: string, to: string | null, by: ModelStaff, at: number): Said {
    const entry = this.#free(id, by);
    if (typeof entry === "string") return entry;
    if (to === null) return "queue_not_found";
    send(entry, { transfer, kind: "waiting", to, by: by.id, clinician: null, at });
    return "ok";
  }

  /** Whoever may be found free for a patient whom the desk admits. */
  get free(): string[] {
    const promised = this.line.map(({ going }) => going?.clinician);
    const able = Object.entries(this.duty).filter(
      ([person, { clinician, status }]) => clinician && status === "available" && !promised.includes(person),
    );
    const longest = Math.min(...able.map(([, { since }]) => since));
    return able.filter(([, { since }]) => since === longest).map(([person]) => person);
  }

  /** `chosen`: whom the real queue has found, for the desk. */
  admit(
    id: string,
    transfer: string,
    visit: string,
    by: ModelStaff,
    at: number,
    chosen: string | null,
  ): Said {
    const entry = this.#free(id, by);
    if (typeof entry === "string") return entry;
    if (entry.awayAt !== null) return "entry_away";
    const clinician = by.clinician ? by.id : (this.free.find((one) => one === chosen) ?? this.free[0]);
    if (clinician === undefined) return "no_clinician";
    const to = entry.visit ?? visit;
    send(entry, { transfer, kind: "consultation", to, by: by.id, clinician, at });
    return "ok";
  }

  setDuty(by: ModelStaff, status: string, at: number): Said {
    if ((this.duty[by.id]?.status ?? "off") === status) return "nothing";
    if (status === "off") delete this.duty[by.id];
    else this.duty[by.id] = { status, since: at, visit: null, clinician: by.clinician };
    return "ok";
  }

  open(): Said {
    if (this.opening === "open") return "nothing";
    this.opening = "open";
    this.until = null;
    this.clearAt = null;
    return "ok";
  }

  close(at: number): Said {
    if (this.opening === "closed") return "nothing";
    this.opening = "closed";
    this.until = null;
    this.clearAt = at + this.#seconds.clear * 1_000;
    return "ok";
  }

  suspend(until: number | null, at: number): Said {
    if (this.opening === "closed") return "queue_closed";
    if (until !== null && until <= at) return "invalid_payload";
    this.opening = "suspended";
    this.until = until;
    return "ok";
  }

  // Between rooms.

  arrive(transfer: string, from: ModelEntry, at: number): Said {
    if (this.arrived.includes(transfer)) return "nothing";
    if (this.declined.includes(transfer)) return "entry_gone";
    if (this.opening !== "open") return `queue_${this.opening}`;
    if (this.of(from.patient)) return "already_exists";
    if (this.admitted[from.patient] !== undefined) return "already_admitted";
    const { id, patient, visit, urgency, since, location } = from;
    const entry = { ...freshEntry(id, patient, visit, at), urgency, since, location, offlineAt: at };
    this.arrived.push(transfer);
    this.#insert(entry);
    return "ok";
  }

  decline(transfer: string): Said {
    if (this.arrived.includes(transfer)) return "already_exists";
    if (this.declined.includes(transfer)) return "nothing";
    this.declined.push(transfer);
    return "ok";
  }

  /** `code`: null where the entry is in the target. */
  settle(id: string, transfer: string, returning: boolean, code: string | null, at: number): Said {
    const entry = this.line.find((one) => one.id === id);
    if (entry?.going?.transfer !== transfer) return "nothing";
    if (code === null) return this.#over(entry, at);
    if (entry.going.returning !== returning) return "nothing";
    if (!returning) {
      this.#recall(entry, code);
      return "ok";
    }
    entry.going = null;
    entry.returned ??= code;
    if (entry.returned === "visit_ended") entry.visit = null;
    back(entry, at);
    return "ok";
  }

  used(transfer: string, patient: string, visit: string, at: number): Said {
    const going = this.of(patient);
    if (going?.going?.transfer === transfer) this.#over(going, at);
    if (this.admitted[patient] !== visit) return "nothing";
    delete this.admitted[patient];
    return "ok";
  }

  served(transfer: string, patient: string, visit: string, at: number): Said {
    const going = this.of(patient);
    if (going?.going?.transfer === transfer) this.#over(going, at);
    if (this.admitted[patient] === visit) delete this.admitted[patient];
    this.#freeFrom(visit, at);
    return "ok";
  }

  // Time.

  get deadlines(): ModelDeadline[] {
    const own: ModelDeadline[] = [];
    if (this.until !== null) own.push({ at: this.until, kind: "unsuspend", entry: null });
    if (this.clearAt !== null) own.push({ at: this.clearAt, kind: "clear", entry: null });
    for (const entry of this.line) {
      const [first] = this.#deadlinesOf(entry).toSorted((a, b) => a.at - b.at);
      if (first) own.push(first);
    }
    const order = ({ kind, entry }: ModelDeadline) => `${kind} ${entry?.id ?? ""}`;
    return own.sort((a, b) => a.at - b.at || (order(a) < order(b) ? -1 : 1));
  }

  /** What is due until then happens, at `at`: a row of entries, or one thing of the queue's own. */
  fire(until: number, at: number): Said {
    const due = this.deadlines.filter((deadline) => deadline.at <= until);
    const own = due.findIndex(({ entry }) => entry === null);
    const now = own === 0 ? due.slice(0, 1) : due.slice(0, own < 0 ? undefined : own);
    for (const { kind, entry } of now) {
      if (entry) this.#happen(entry, kind, at);
      else if (kind === "unsuspend") this.open();
      else this.#clear(Math.max(until, at), at);
    }
    return now.length > 0 ? "ok" : "nothing";
  }

  #deadlinesOf(entry: ModelEntry): ModelDeadline[] {
    const { status, call, heldAt, offlineAt, awayAt, missedAt, long, since, going } = entry;
    const { call: callFor, grace, noShow, away, hold, long: longWait } = this.#seconds;
    const due = (kind: string, from: number | null | undefined, seconds: number) =>
      from == null ? [] : [{ at: from + seconds * 1_000, kind, entry }];
    // Half a minute, a minute, two, four … and at last every hour.
    if (going) return due("recall", going.at, recalls(going.tries));
    return [
      ...(status === "called" ? due("unanswered", call?.at, callFor) : []),
      ...(status === "waiting" || status === "confirmed" ? due("away", offlineAt, grace) : []),
      ...(status === "waiting" ? due("noShow", missedAt, noShow) : []),
      ...(status === "away" ? due("release", awayAt, away) : []),
      ...(status === "held" ? due("resume", heldAt, hold) : []),
      ...(long || status === "called" || status === "confirmed" ? [] : due("longWait", since, longWait)),
    ];
  }

  #happen(entry: ModelEntry, kind: string, at: number): void {
    if (kind === "longWait") entry.long = true;
    if (kind === "recall") this.#recall(entry, null);
    if (kind === "resume") back(entry, at);
    if (kind === "noShow" || kind === "release") this.#end(entry, null, at);
    if (kind === "unanswered") {
      back(entry, at);
      entry.missedAt ??= at;
    }
    if (kind === "away") {
      still(entry);
      entry.status = "away";
      entry.awayAt = at;
    }
  }

  #clear(until: number, at: number): void {
    for (const entry of this.line.filter(({ going }) => !going)) this.#end(entry, null, at);
    this.clearAt = this.line.length > 0 ? until + this.#seconds.clear * 1_000 : null;
  }

  // Shared.

  /** The entry, if it can be acted on, also by this person. */
  #free(id: string, by?: ModelStaff): ModelEntry | Said {
    const entry = this.line.find((one) => one.id === id);
    if (!entry) return this.#gone(id);
    const { going, call } = entry;
    if (going) return `entry_taken ${going.by} ${going.at}`;
    if (by && call?.clinician && call.by !== by.id) return `entry_taken ${call.by} ${call.at}`;
    return entry;
  }

  #gone(id: string): Said {
    const past = this.#past.findLast((one) => one.id === id);
    if (!past) return "entry_not_found";
    return past.by === null ? "entry_gone" : `entry_gone ${past.by} ${past.at}`;
  }

  #end(entry: ModelEntry, by: string | null, at: number): Said {
    this.line.splice(this.line.indexOf(entry), 1);
    this.#past.push({ id: entry.id, by, at });
    return "ok";
  }

  /** The entry is in its target. */
  #over(entry: ModelEntry, at: number): Said {
    const { going, patient } = entry;
    if (!going) return "nothing";
    this.#end(entry, going.by, at);
    if (going.kind === "waiting") return "ok";
    this.admitted[patient] = going.to;
    this.#freeFrom(going.to, at);
    const { clinician } = going;
    if (clinician) this.duty[clinician] = { status: "in_visit", since: at, visit: going.to, clinician: true };
    return "ok";
  }

  #freeFrom(visit: string, at: number): void {
    for (const duty of Object.values(this.duty)) {
      if (duty.visit === visit) Object.assign(duty, { status: "available", since: at, visit: null });
    }
  }

  #recall(entry: ModelEntry, code: string | null): void {
    if (!entry.going) return;
    entry.going.returning = true;
    entry.going.tries += 1;
    entry.returned = code ?? entry.returned;
  }

  /** Before the first who is less urgent, or as urgent and came later. */
  #insert(entry: ModelEntry): void {
    const behind = this.line.findIndex(
      ({ urgency, since }) => urgency > entry.urgency || (urgency === entry.urgency && since > entry.since),
    );
    this.line.splice(behind < 0 ? this.line.length : behind, 0, entry);
  }
}

function freshEntry(id: string, patient: string, visit: string | null, at: number): ModelEntry {
  return {
    ...{ id, patient, visit, since: at, urgency: 2, status: "waiting", call: null, heldAt: null },
    ...{
      offlineAt: null,
      awayAt: null,
      missedAt: null,
      long: false,
      location: null,
      going: null,
      returned: null,
    },
  };
}

function recalls(tries: number): number {
  let seconds = 30;
  for (let i = 1; i <= tries; i += 1) seconds += i <= 6 ? seconds : 3_600;
  return seconds;
}

function still(entry: ModelEntry): void {
  entry.call = null;
  entry.heldAt = null;
}

/** Where it was before anything was done with it. */
function back(entry: ModelEntry, at: number): void {
  still(entry);
  entry.status = entry.awayAt === null ? "waiting" : "away";
  if (entry.awayAt !== null) entry.awayAt = at;
}

function send(entry: ModelEntry, going: Omit<ModelGoing, "returning" | "tries">): void {
  still(entry);
  entry.status = "leaving";
  entry.returned = null;
  entry.going = { ...going, returning: false, tries: 0 };
}
