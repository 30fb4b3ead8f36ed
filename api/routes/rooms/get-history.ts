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
    "`after=8` is one step of a replay. For auditors and administrators; every read is recorded. What patients gave at check-in is masked, " +
    "and for auditors the names of patients and guests are too.",
  limited: true,
  input: { params: roomParams, query: historyQuery },
  reply: roomHistory,
  errors: ["forbidden", "room_not_found"],
  handle: async ({ params, query: { at, seq, after, limit } }, context) => {
    const { principal, history } = context;
    await requireReader(principal, params, context);
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
  principal: Principal,
  ref: RoomRef,
  { history }: Pick<Context<Principal>, "history">,
): Promise<void> {
  if (!can(principal, "room.history", { org: principal.org })) throw new DomainError("forbidden");
  if (!(await history.exists(principal.org, ref))) throw new DomainError("room_not_found");
}

/** Before anything is read: there is no answer without its entry. */
async function recordRead(
  { principal, audit, listings }: Context<Principal>,
  room: RoomRef,
  detail: Readonly<Record<string, number | undefined>>,
): Promise<void> {
  const listed = await listings.find(principal.org, room);
  const subject = room.kind === "consultation" ? (listed?.subject ?? undefined) : undefined;
  const { org, id: actor } = principal;
  await audit.record({ org, actor, action: "room.history", room, subject, detail });
}

/** Also of people who have left the organisation since. */
async function namesOf(
  { principal, identity: { people } }: Context<Principal>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { org } = principal;
  const asked = [...new Set(ids)];
  const names = new Map(await people.names(org, asked));
  const system = systemPrincipal(org);
  names.set(system.id, system.name);
  const gone = await Promise.all(asked.filter((id) => !names.has(id)).map((id) => people.find(org, id)));
  for (const person of gone) if (person) names.set(person.id, person.name);
  const staff = await people.names(org, asked, staffRoles);
  const shown = ([id, name]: readonly [string, string]) =>
    [
      id,
      staff.has(id) || id === system.id ? name : seenBy(principal, "name", { org, person: id }, name),
    ] as const;
  return new Map([...names].map(shown));
}
