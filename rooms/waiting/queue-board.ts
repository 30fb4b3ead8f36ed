import type { Recorded } from "../../core/domain/feature.ts";
import { mask } from "../../core/domain/masking/mask.ts";
import { personalFields } from "../../core/domain/masking/view.ts";
import { isQueueEvent, type QueueEvent } from "../../core/domain/queue/events.ts";
import { type CheckInField, type Entry, isReady, type QueueState } from "../../core/domain/queue/state.ts";
import {
  DepartureState,
  DutyState,
  EntryState,
  QueueNoticeState,
  WaitingState,
} from "../state/waiting-state.ts";

const departedShown = 20;

/** The queue in the schema. What one event changes is found by the event, however long the queue is. */
export class QueueBoard {
  readonly schema = new WaitingState();
  #shown: QueueState | null = null;

  /** The collections that staff alone see. */
  get shared() {
    const { entries, duty, staff, departed } = this.schema;
    return [entries, duty, staff, departed];
  }

  showAll(state: QueueState): void {
    for (const entry of state.entries.values()) this.#showEntry(state, entry.id);
    this.#showRest(state);
  }

  show(state: QueueState, events: readonly Recorded[]): void {
    const touched = new Set<string>();
    let all = false;
    for (const { event } of events) {
      if (!isQueueEvent(event)) continue;
      all ||= event.type === "queue.woke" || event.type === "queue.configured";
      const entry = entryIn(event);
      if (entry !== null) touched.add(entry);
    }
    for (const id of all ? state.entries : []) touched.add(id[0]);
    for (const id of touched) this.#showEntry(state, id);
    this.#showRest(state);
  }

  #showEntry(state: QueueState, id: string): void {
    const entry = state.entries.get(id);
    const { entries } = this.schema;
    if (!entry) {
      entries.delete(id);
      return;
    }
    const shown = entries.get(id);
    const fields = fieldsOf(state, entry);
    // What is assigned as it was is not sent.
    if (shown) shown.assign(fields);
    else entries.set(id, new EntryState().assign(fields));
  }

  #showRest(state: QueueState): void {
    const before = this.#shown;
    const { schema } = this;
    this.#shown = state;
    const { settings, opening, suspended, nextHours } = state;
    if (settings !== before?.settings) {
      const { title, callSeconds, expectedMinutes, asks } = settings;
      schema.assign({ title, callSeconds, expectedMinutes });
      schema.asks.splice(0, schema.asks.length, ...asks);
    }
    if (opening !== before?.opening || suspended !== before.suspended) {
      const { until, notice } = suspended ?? { until: null, notice: "" };
      schema.assign({ opening, suspendedUntil: until ?? 0, suspendedNotice: notice });
    }
    if (nextHours !== before?.nextHours) schema.nextHours = nextHours ?? 0;
    if (state.staff !== before?.staff) showStaff(schema, state);
    if (state.duty !== before?.duty) showDuty(schema, state);
    if (state.notices !== before?.notices) {
      const notices = state.notices.map(({ body, at }) => new QueueNoticeState().assign({ body, at }));
      schema.notices.splice(0, schema.notices.length, ...notices);
    }
    if (state.departed !== before?.departed) showDeparted(schema, state);
  }
}

function entryIn(event: QueueEvent): string | null {
  return "entry" in event ? event.entry : null;
}

function fieldsOf({ settings }: QueueState, entry: Entry) {
  const { identity, location = "", emergencyContact = "" } = entry.checkIn ?? {};
  const masked = (field: CheckInField, text: string) => mask(personalFields[field], text);
  const { call, hold, leaving } = entry;
  const doer = leaving ? { ...leaving.by, at: leaving.since } : (call ?? hold);
  return {
    id: entry.id,
    patient: entry.patient,
    name: entry.name,
    reason: entry.reason,
    language: entry.language ?? "",
    needs: entry.needs.join("\n"),
    ready: isReady(settings, entry),
    // Everyone who runs the queue sees these, and few of them need to: `queue.unmask` is for who does.
    identity: identity === true ? "confirmed" : masked("identity", identity ?? ""),
    location: masked("location", location),
    emergencyContact: masked("emergencyContact", emergencyContact),
    priority: entry.priority,
    rank: entry.rank,
    status: entry.status,
    joinedAt: entry.joinedAt,
    waitingSince: entry.waitingSince,
    online: entry.offlineSince === null,
    offlineSince: entry.offlineSince ?? 0,
    by: doer?.person ?? "",
    byName: doer?.name ?? "",
    since: doer?.at ?? 0,
    missed: entry.missed,
    longWait: entry.longWait,
    notice: entry.notice?.body ?? "",
    returned: entry.returned ?? "",
    visit: entry.visit ?? "",
  };
}

function showStaff(schema: WaitingState, { staff }: QueueState): void {
  for (const person of [...schema.staff.keys()]) if (!(person in staff)) schema.staff.delete(person);
  for (const [person, name] of Object.entries(staff)) {
    if (schema.staff.get(person) !== name) schema.staff.set(person, name);
  }
}

function showDuty(schema: WaitingState, { duty }: QueueState): void {
  for (const person of [...schema.duty.keys()]) if (!(person in duty)) schema.duty.delete(person);
  for (const [person, { name, status, since, clinician, visit }] of Object.entries(duty)) {
    const fields = { name, status, since, clinician, visit: visit ?? "" };
    const shown = schema.duty.get(person);
    if (shown) shown.assign(fields);
    else schema.duty.set(person, new DutyState().assign(fields));
  }
}

/** Newest last, as the state has them. */
function showDeparted(schema: WaitingState, { departed }: QueueState): void {
  const last = departed.slice(-departedShown);
  const known = new Set(schema.departed.map(({ entry, at }) => `${entry} ${at}`));
  const fresh = last.filter(({ entry, at }) => !known.has(`${entry} ${at}`));
  for (const { entry, patient, name, how, at, by, to } of fresh) {
    const fields = { entry, patient, name, how, at, byName: by?.name ?? "", to: to ?? "" };
    schema.departed.push(new DepartureState().assign(fields));
  }
  while (schema.departed.length > departedShown) schema.departed.shift();
}
