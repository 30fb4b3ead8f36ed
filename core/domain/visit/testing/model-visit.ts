/** "ok" where something changed, "nothing" where not, else why not. */
export type Said = string;

export interface ModelPerson {
  role: string;
  admission: string;
  /** Since when they are here. */
  here: number | null;
  media: string;
  invitation: string | null;
}

interface ModelInvitation {
  role: string;
  status: string;
  expiresAt: number;
  guest: string | null;
}

interface ModelMessage {
  what: string;
  transfer: string;
  queue: string;
}

const noShow = 30 * 60_000;
const deserted = 60 * 60_000;

/** A visit as a sheet of paper on the door. Its methods answer as the real one should. Times are ms since the epoch. */
export class ModelVisit {
  patient: string | null = null;
  clinician: string | null = null;
  phase = "scheduled";
  outcome: string | null = null;
  locked = false;
  held = false;
  people: Record<string, ModelPerson> = {};
  invitations: Record<string, ModelInvitation> = {};
  scheduledAt: number | null = null;
  arrivedAt: number | null = null;
  /** Whether the patient was here since they were last sent. */
  entered = false;
  emptySince: number | null = null;
  origin: { transfer: string; queue: string } | null = null;
  arrived: string[] = [];
  declined: string[] = [];
  /** What the queues have to be told. */
  outbox: ModelMessage[] = [];
  surveyed = false;

  /** Who is inside, and what they are in the conversation. */
  get chat(): Record<string, string> {
    const inside = Object.entries(this.people).filter(([, { admission }]) => admission === "admitted");
    return Object.fromEntries(inside.map(([person, { role }]) => [person, chatRoles[role] ?? "member"]));
  }

  create(patient: string, clinician: string | null, scheduledAt: number | null): Said {
    if (this.patient !== null || this.declined.length > 0) return "already_exists";
    if (patient === clinician) return "invalid_payload";
    this.#make(patient, clinician);
    this.scheduledAt = scheduledAt;
    return "ok";
  }

  arrive(transfer: string, queue: string, patient: string, clinician: string | null, at: number): Said {
    if (this.arrived.includes(transfer)) return "nothing";
    if (this.declined.includes(transfer)) return "entry_gone";
    if (this.patient === null) this.#make(patient, clinician);
    if (this.patient !== patient) return "forbidden";
    if (this.phase === "ended") return "visit_ended";
    this.arrived.push(transfer);
    if (this.origin && this.origin.queue !== queue) this.#tell("served");
    this.origin = { transfer, queue };
    this.arrivedAt = at;
    if (this.phase === "scheduled") this.phase = "waiting";
    this.entered = this.people[patient]?.here != null;
    if (this.entered) this.#tell("used");
    if (clinician !== null) this.#charge(clinician);
    return "ok";
  }

  decline(transfer: string): Said {
    if (this.arrived.includes(transfer)) return "already_exists";
    if (this.declined.includes(transfer)) return "nothing";
    this.declined.push(transfer);
    return "ok";
  }

  report(what: string, transfer: string): Said {
    const before = this.outbox.length;
    this.outbox = this.outbox.filter((message) => message.what !== what || message.transfer !== transfer);
    return this.outbox.length < before ? "ok" : "nothing";
  }

  presence(person: string, online: boolean, at: number): Said {
    if (this.patient === null) return "room_not_found";
    const one = this.people[person];
    if (!one || online === (one.here !== null)) return "nothing";
    one.here = online ? at : null;
    if (!online) one.media = "none";
    this.emptySince = online ? null : this.#emptyFrom(at);
    if (!online || person !== this.patient) return "ok";
    if (this.phase === "scheduled") this.phase = "waiting";
    if (!this.entered && this.phase !== "ended") this.#tell("used");
    this.entered = true;
    return "ok";
  }

  wake(at: number): Said {
    if (this.patient === null) return "room_not_found";
    const here = Object.values(this.people).filter((one) => one.here !== null);
    if (here.length === 0) return "nothing";
    for (const one of Object.values(this.people)) Object.assign(one, { here: null, media: "none" });
    this.emptySince = this.#emptyFrom(at);
    return "ok";
  }

  knock(person: string): Said {
    if (this.#closed) return this.#closed;
    const one = this.people[person];
    if (!one || one.admission === "removed") return "room_not_found";
    if (one.admission !== "expected") return "nothing";
    if (this.locked) return "visit_locked";
    one.admission = "knocking";
    return "ok";
  }

  admit(person: string): Said {
    if (this.#closed) return this.#closed;
    const one = this.people[person];
    if (!one || one.admission === "removed") return "participant_not_found";
    if (one.admission === "admitted") return "nothing";
    one.admission = "admitted";
    return "ok";
  }

  remove(person: string): Said {
    if (this.#closed) return this.#closed;
    const one = this.people[person];
    if (!one) return "participant_not_found";
    if (one.admission === "removed") return "nothing";
    if (person === this.patient || person === this.clinician) return "visit_phase";
    Object.assign(one, { admission: "removed", media: "none" });
    return "ok";
  }

  set(what: "locked" | "held", on: boolean): Said {
    if (this.#closed) return this.#closed;
    if (what === "held" && this.phase !== "in_progress") return "visit_not_started";
    if (this[what] === on) return "nothing";
    this[what] = on;
    return "ok";
  }

  invite(id: string, role: string, expiresAt: number): Said {
    if (this.#closed) return this.#closed;
    if (this.invitations[id]) return "nothing";
    this.invitations[id] = { role, status: "open", expiresAt, guest: null };
    return "ok";
  }

  accept(id: string, guest: string, at: number): Said {
    if (this.patient === null) return "room_not_found";
    const invitation = this.invitations[id];
    if (!invitation || invitation.status === "revoked") return "invitation_invalid";
    if (invitation.status === "accepted") return "invitation_used";
    if (invitation.status === "expired" || invitation.expiresAt <= at) return "invitation_expired";
    if (this.#closed) return this.#closed;
    if (this.locked) return "visit_locked";
    Object.assign(invitation, { status: "accepted", guest });
    const { role } = invitation;
    this.people[guest] = { role, admission: "expected", here: null, media: "none", invitation: id };
    return "ok";
  }

  revoke(id: string): Said {
    if (this.patient === null) return "room_not_found";
    const invitation = this.invitations[id];
    if (!invitation) return "invitation_invalid";
    if (invitation.status === "revoked") return "nothing";
    invitation.status = "revoked";
    const guest = invitation.guest === null ? undefined : this.people[invitation.guest];
    if (guest) Object.assign(guest, { admission: "removed", media: "none" });
    return "ok";
  }

  handOver(to: string): Said {
    if (this.#closed) return this.#closed;
    if (to === this.patient) return "invalid_payload";
    if (to === this.clinician) return "nothing";
    this.#charge(to);
    return "ok";
  }

  media(person: string, kind: string): Said {
    if (this.#closed) return this.#closed;
    const one = this.people[person];
    if (one?.admission !== "admitted") return "forbidden";
    if (one.media === kind) return "nothing";
    one.media = kind;
    return "ok";
  }

  reschedule(to: number): Said {
    if (this.#closed) return this.#closed;
    if (this.phase !== "scheduled") return "visit_phase";
    if (this.scheduledAt === to) return "nothing";
    this.scheduledAt = to;
    return "ok";
  }

  start(at: number): Said {
    if (this.#closed) return this.#closed;
    if (this.phase === "in_progress") return "nothing";
    this.phase = "in_progress";
    this.emptySince = null;
    this.emptySince = this.#emptyFrom(at);
    return "ok";
  }

  end(outcome: string): Said {
    if (this.#closed) return this.#closed;
    if (outcome === "cancelled" && this.phase === "in_progress") return "visit_phase";
    this.#over(outcome);
    return "ok";
  }

  survey(): Said {
    if (this.patient === null) return "room_not_found";
    if (this.phase !== "ended") return "visit_phase";
    if (this.surveyed) return "survey_given";
    this.surveyed = true;
    return "ok";
  }

  /** Soonest first. */
  get deadlines(): { at: number; happen: () => void }[] {
    if (this.phase === "ended") return [];
    const open = Object.values(this.invitations).filter(({ status }) => status === "open");
    const dues = open.map((invitation) => ({
      at: invitation.expiresAt,
      happen: () => {
        invitation.status = "expired";
      },
    }));
    const from = Math.max(this.scheduledAt ?? 0, this.arrivedAt ?? 0);
    if (this.phase !== "in_progress" && !this.entered && from > 0) {
      dues.push({ at: from + noShow, happen: () => this.#over("no_show") });
    }
    if (this.phase === "in_progress" && this.emptySince !== null) {
      dues.push({ at: this.emptySince + deserted, happen: () => this.#over("interrupted") });
    }
    return dues.sort((a, b) => a.at - b.at);
  }

  fire(until: number): Said {
    const due = this.deadlines.filter(({ at }) => at <= until);
    for (const { happen } of due) if (this.phase !== "ended") happen();
    return due.length > 0 ? "ok" : "nothing";
  }

  get #closed(): Said | null {
    if (this.patient === null) return "room_not_found";
    return this.phase === "ended" ? "visit_ended" : null;
  }

  #make(patient: string, clinician: string | null): void {
    this.patient = patient;
    this.clinician = clinician;
    this.people[patient] = { ...inside, role: "patient" };
    if (clinician !== null) this.people[clinician] = { ...inside, role: "clinician" };
  }

  #charge(clinician: string): void {
    if (this.clinician === clinician) return;
    this.clinician = clinician;
    this.people[clinician] = {
      ...inside,
      ...this.people[clinician],
      role: "clinician",
      admission: "admitted",
    };
  }

  #over(outcome: string): void {
    this.phase = "ended";
    this.outcome = outcome;
    this.held = false;
    for (const one of Object.values(this.people)) one.media = "none";
    this.#tell("served");
  }

  #tell(what: string): void {
    if (this.origin) this.outbox.push({ what, ...this.origin });
  }

  #emptyFrom(at: number): number | null {
    const empty = Object.values(this.people).every(({ here }) => here === null);
    return empty ? (this.emptySince ?? at) : this.emptySince;
  }
}

const inside = { admission: "admitted", here: null, media: "none", invitation: null };
const chatRoles: Readonly<Record<string, string>> = { clinician: "admin", observer: "observer" };
