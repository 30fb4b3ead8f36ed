import type { z } from "zod";
import { DomainError } from "../../core/domain/errors.ts";
import { hasRole } from "../../core/domain/principal.ts";
import type {
  ArriveInQueue,
  CallEntry,
  CloseQueue,
  ConfirmCall,
  DeclineTransfer,
  HoldEntry,
  LeaveQueue,
  MarkNoShow,
  MoveEntry,
  OpenQueue,
  PrioritiseEntry,
  QueueCommand,
  RemoveEntry,
  ResumeEntry,
  SetDuty,
  SuspendQueue,
  VisitServed,
  VisitUsed,
} from "../../core/domain/queue/commands.ts";
import { measureQueue } from "../../core/domain/queue/metrics.ts";
import { defaultSettings, type QueueSettings, type QueueState } from "../../core/domain/queue/state.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { NewAuditEntry } from "../../core/platform/repositories/audit.ts";
import { type QueueInfoReply, queueRequests, type UnmaskReply } from "../../core/protocol/queue.ts";
import { command, query } from "../actor/request-guards.ts";
import type { Asked, RequestGuard } from "../actor/room-kind.ts";
import { authoriseQueue, runsQueue } from "./queue-policy.ts";

/** What a queue has to look up outside its own state. */
export interface QueueLookups {
  /** The names of an organisation's staff; whoever is not of them is left out. */
  staff(org: string, people: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Whether the organisation has such a room. */
  exists(org: string, ref: RoomRef): Promise<boolean>;
  /** What somebody is in a room of the organisation; null: nothing. */
  role(org: string, ref: RoomRef, person: string): Promise<string | null>;
  /** Resolves once it is durable that somebody saw something. */
  record(entry: Omit<NewAuditEntry, "at">): Promise<void>;
  now(): number;
}

type Guard = RequestGuard<QueueState>;
type Here = Asked<QueueState>;

/** Makes a name of a request, the same for a repeat: 24 hexadecimal digits. */
function nameOf({ mac, by }: Here, what: string, id: string): string {
  return mac(`${what} ${by.id} ${id}`).toString("hex").slice(0, 24);
}

/** How each request of a queue is parsed and completed. */
export function queueGuards(lookups: QueueLookups): Readonly<Record<string, Guard>> {
  return {
    ...patientGuards(lookups),
    ...staffGuards(lookups),
    ...deskGuards(lookups),
    ...unmaskGuard(lookups),
    ...engineGuards(),
  };
}

function patientGuards({ role }: QueueLookups): Readonly<Record<string, Guard>> {
  return {
    "queue.join": command({
      schema: queueRequests["queue.join"],
      prepare: ({ id, reason, language = null, needs = [], visit = null }, here: Here) => {
        const entry = nameOf(here, "entry", id);
        const join = { name: "queue.join", id, entry, reason, language, needs, visit } as const;
        if (visit === null) return join satisfies QueueCommand;
        return role(here.by.org, { kind: "consultation", id: visit }, here.by.id).then((is) => {
          if (is !== "patient") throw new DomainError("room_not_found");
          return join;
        });
      },
    }),
    "queue.checkIn": command({
      schema: queueRequests["queue.checkIn"],
      prepare: ({ id, ...checkIn }, _: Here) =>
        ({ name: "queue.checkIn", id, checkIn }) satisfies QueueCommand,
    }),
    "queue.confirm": plain<ConfirmCall>("queue.confirm", queueRequests["queue.confirm"]),
    "queue.leave": plain<LeaveQueue>("queue.leave", queueRequests["queue.leave"]),
  };
}

function staffGuards({ exists }: QueueLookups): Readonly<Record<string, Guard>> {
  return {
    "queue.call": plain<CallEntry>("queue.call", queueRequests["queue.call"]),
    "queue.hold": plain<HoldEntry>("queue.hold", queueRequests["queue.hold"]),
    "queue.resume": plain<ResumeEntry>("queue.resume", queueRequests["queue.resume"]),
    "queue.move": plain<MoveEntry>("queue.move", queueRequests["queue.move"]),
    "queue.prioritise": plain<PrioritiseEntry>("queue.prioritise", queueRequests["queue.prioritise"]),
    "queue.noShow": plain<MarkNoShow>("queue.noShow", queueRequests["queue.noShow"]),
    "queue.remove": plain<RemoveEntry>("queue.remove", queueRequests["queue.remove"]),
    "queue.admit": command({
      schema: queueRequests["queue.admit"],
      prepare: ({ id, entry, clinician = null }, here: Here) => {
        const transfer = nameOf(here, "transfer", id);
        const visit = nameOf(here, "visit", entry);
        return { name: "queue.admit", id, entry, clinician, transfer, visit } satisfies QueueCommand;
      },
    }),
    "queue.transfer": command({
      schema: queueRequests["queue.transfer"],
      prepare: async ({ id, entry, to }, here: Here) => {
        const known = to !== here.ref.id && (await exists(here.by.org, { kind: "waiting", id: to }));
        const transfer = nameOf(here, "transfer", id);
        return { name: "queue.transfer", id, entry, to, transfer, known } satisfies QueueCommand;
      },
    }),
    "queue.notify": command({
      schema: queueRequests["queue.notify"],
      prepare: ({ id, entry = null, body }, _: Here) =>
        ({ name: "queue.notify", id, entry, body }) satisfies QueueCommand,
    }),
    "queue.open": plain<OpenQueue>("queue.open", queueRequests["queue.open"]),
    "queue.close": plain<CloseQueue>("queue.close", queueRequests["queue.close"]),
    "queue.suspend": plain<SuspendQueue>("queue.suspend", queueRequests["queue.suspend"]),
    "queue.duty": plain<SetDuty>("queue.duty", queueRequests["queue.duty"]),
  };
}

function deskGuards({ staff: staffNames, now }: QueueLookups): Readonly<Record<string, Guard>> {
  return {
    "queue.create": command({
      schema: queueRequests["queue.create"],
      prepare: async ({ id, settings, staff }, { by }: Here) => {
        const known = await staffNames(by.org, staff);
        const named = staff.map((person) => {
          const name = known.get(person);
          if (name === undefined) throw new DomainError("person_not_found");
          return { person, name };
        });
        const all: QueueSettings = { ...defaultSettings, ...settings };
        return { name: "queue.create", id, settings: all, staff: named } satisfies QueueCommand;
      },
    }),
    "queue.configure": command({
      schema: queueRequests["queue.configure"],
      prepare: ({ id, settings, expected }, _: Here) =>
        ({ name: "queue.configure", id, settings, expected }) satisfies QueueCommand,
    }),
    "queue.staff": command({
      schema: queueRequests["queue.staff"],
      prepare: async ({ id, person, on }, { by }: Here) => {
        const personName = (await staffNames(by.org, [person])).get(person) ?? null;
        return { name: "queue.staff", id, person, on, personName } satisfies QueueCommand;
      },
    }),
    "queue.metrics": query({
      schema: queueRequests["queue.metrics"],
      authorise: (_, { state, by }: Here) => authoriseQueue(state, { name: "queue.metrics" }, by),
      answer: async (_, { state }) => measureQueue(state, now()),
    }),
    "queue.settings": query({
      schema: queueRequests["queue.settings"],
      authorise: (_, { state, by }: Here) => authoriseQueue(state, { name: "queue.configure" }, by),
      answer: async (_, { state }) => state.settings,
    }),
    "queue.info": query({
      schema: queueRequests["queue.info"],
      authorise: (_, { state, by }: Here) => authoriseQueue(state, { name: "queue.list" }, by),
      answer: async (_, { state, by }): Promise<QueueInfoReply> => ({
        title: state.settings.title,
        opening: state.opening,
        nextHours: state.nextHours,
        staff: runsQueue(state, by) && !hasRole(by, "patient"),
      }),
    }),
  };
}

/** There is no answer without its entry in the audit. */
function unmaskGuard({ record }: QueueLookups): Readonly<Record<string, Guard>> {
  return {
    "queue.unmask": query({
      schema: queueRequests["queue.unmask"],
      authorise: (_, { state, by }: Here) => authoriseQueue(state, { name: "identifiers.unmask" }, by),
      answer: async ({ entry: id, fields, reason }, { state, by, ref }): Promise<UnmaskReply> => {
        const entry = state.entries.get(id);
        if (!entry) throw new DomainError("entry_not_found");
        const detail = { fields, reason, purpose: reason };
        const { org, id: actor } = by;
        await record({ org, actor, action: "identifiers.unmask", room: ref, subject: entry.patient, detail });
        const { identity, ...rest } = entry.checkIn ?? {};
        const given = { ...rest, ...(typeof identity === "string" ? { identity } : {}) };
        return { values: Object.fromEntries(fields.map((field) => [field, given[field] ?? ""])) };
      },
    }),
  };
}

function engineGuards(): Readonly<Record<string, Guard>> {
  return {
    "queue.arrive": plain<ArriveInQueue>("queue.arrive", queueRequests["queue.arrive"]),
    "queue.decline": plain<DeclineTransfer>("queue.decline", queueRequests["queue.decline"]),
    "queue.used": plain<VisitUsed>("queue.used", queueRequests["queue.used"]),
    "queue.served": plain<VisitServed>("queue.served", queueRequests["queue.served"]),
  };
}

/** A request whose payload says all that the command needs. */
function plain<C extends QueueCommand>(
  name: C["name"],
  schema: z.ZodType<Omit<C, "name"> & { readonly id: string }>,
): Guard {
  return command({ schema, prepare: (payload, _: Here) => ({ ...payload, name }) });
}
