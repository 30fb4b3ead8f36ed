import { DomainError } from "../../../core/domain/errors.ts";
import { maskEvent, maskRecord } from "../../../core/domain/masking/mask-record.ts";
import { seenBy } from "../../../core/domain/masking/view.ts";
import { can } from "../../../core/domain/policy.ts";
import { type Principal, type Role, systemPrincipal } from "../../../core/domain/principal.ts";
import type { RoomRef } from "../../../core/domain/room.ts";
import type { Moment } from "../../../core/platform/repositories/room-history.ts";
import { historyQuery, roomHistory, roomParams } from "../../../core/protocol/rest.ts";
import { type Context, endpoint } from "../../endpoint.ts";
import { presentPayload } from "../../projections/past-rooms.ts";
import { inEmergency } from "./in-emergency.ts";
import { patientOf } from "./patient-of.ts";

/** Whoever is one of these is known by name to those whom they treat. */
const staffRoles: readonly Role[] = ["clinician", "desk", "admin", "operator", "auditor", "integrator"];
const present: Moment = { seq: Number.MAX_SAFE_INTEGER };

export const getHistory = endpoint({
  id: "getRoomHistory",
  method: "get",
  path: "/v1/rooms/:kind/:id/history",
  tag: "rooms",
  summary: "A room as it was at a moment, and what led there",
  description:
    "`at` (a time) or `seq` (an event) names the moment, itself included; without, it is now. `state` is the " +
    "room as it was then; `items` are the events after `after`, oldest first, up to the moment. So `seq=9` with " +
    "`after=8` is one step of a replay. For auditors and administrators, and for whoever broke the glass; every read is recorded. What patients gave at check-in is masked, " +
    "and for auditors the names of patients and guests are too.",
  limited: true,
  input: { params: roomParams, query: historyQuery },
  reply: roomHistory,
  errors: ["forbidden", "room_not_found"],
  reads: { action: "room.history", itself: true },
  handle: async ({ params, query: { at, seq, after, limit } }, context) => {
    const { principal, history } = context;
    await requireReader(context, params);
    await recordRead(context, params, { at, seq, after, limit });
    const moment: Moment = at !== undefined ? { at } : seq !== undefined ? { seq } : present;
    const past = await history.stateAt(principal.org, params, moment);
    const until = { seq: past?.seq ?? 0 };
    const events = await history.events(principal.org, params, { after, limit: limit + 1, until });
    const shown = events.slice(0, limit);
    const names = await namesOf(
      context,
      shown.map(({ by }) => by),
    );
    const items = shown.map((event) => {
      const { seq, at, by, type } = event;
      const byName = names.get(by) ?? null;
      return { seq, at, by, byName, type, payload: maskEvent(principal, presentPayload(event)) };
    });
    const last = shown.at(-1);
    const next = events.length > limit && last ? String(last.seq) : null;
    return {
      seq: until.seq,
      at: past?.at ?? null,
      state: maskRecord(principal, principal.org, past?.state ?? null),
      items,
      next,
    };
  },
});

/** Rooms of other organisations are as if they were not there. */
async function requireReader(
  context: Pick<Context<Principal>, "principal" | "history" | "breakGlass" | "audit">,
  ref: RoomRef,
): Promise<void> {
  const { principal, history } = context;
  const may = can(principal, "room.history", { org: principal.org });
  if (!may && !(await inEmergency(context, "room.history", ref))) throw new DomainError("forbidden");
  if (!(await history.exists(principal.org, ref))) throw new DomainError("room_not_found");
}

/** Before anything is read: there is no answer without its entry. */
async function recordRead(
  context: Context<Principal>,
  room: RoomRef,
  detail: Readonly<Record<"at" | "seq" | "after" | "limit", number | undefined>>,
): Promise<void> {
  const subject = (await patientOf(room, context)) ?? undefined;
  await context.trace([{ room, subject, detail }]);
}

/** Also of people who have left the organisation since; as the reader may see them. */
async function namesOf(
  { principal, identity: { people } }: Context<Principal>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { org } = principal;
  const asked = [...new Set(ids)];
  const [all, staff] = await Promise.all([people.names(org, asked), people.names(org, asked, staffRoles)]);
  const gone = await Promise.all(asked.filter((id) => !all.has(id)).map((id) => people.find(org, id)));
  const left = gone.filter((person) => person !== null);
  const wasStaff = left.filter(({ roles }) => roles.some((role) => staffRoles.includes(role)));
  const known = new Set([...staff.keys(), ...wasStaff.map(({ id }) => id)]);
  const names = [...all, ...left.map(({ id, name }) => [id, name] as const)].map(
    ([id, name]) =>
      [id, known.has(id) ? name : seenBy(principal, "name", { org, person: id }, name)] as const,
  );
  const system = systemPrincipal(org);
  return new Map([...names, [system.id, system.name]]);
}
