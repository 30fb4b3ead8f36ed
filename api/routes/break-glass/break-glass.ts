import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { glassBroken, breakGlass as request } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";

export const breakGlass = endpoint({
  id: "breakGlass",
  method: "post",
  path: "/v1/break-glass",
  tag: "rooms",
  summary: "Read a visit or a chat that I have no part in, in an emergency",
  description:
    "For clinicians and administrators, of their own organisation, with a reason, for a limited time. It lets them read messages, " +
    "history, a visit's summary and the list of its recordings, and change nothing. Administrators and auditors are alerted, " +
    "and everyone in the room finds it among the accesses to their data.",
  limited: true,
  input: { body: request },
  reply: glassBroken,
  status: 201,
  errors: ["forbidden", "room_not_found", "unavailable"],
  handle: async ({ body: { kind, id: room, reason, minutes } }, context) => {
    const { principal, history, memberships, breakGlass: glasses, audit } = context;
    const { org, id: actor } = principal;
    if (!can(principal, "breakGlass.open", { org })) throw new DomainError("forbidden");
    const ref = { kind, id: room };
    if (!(await history.exists(org, ref))) throw new DomainError("room_not_found");
    const id = glasses.newId();
    const subjects = await memberships.people(org, ref);
    const detail = { purpose: "emergency", breakGlass: id, minutes };
    const entry = { org, actor, action: "breakGlass.open", room: ref, detail };
    // Before anything is opened; one entry at least, also of a room that is empty.
    await audit.recordAll(
      subjects.length === 0 ? [entry] : subjects.map((subject) => ({ ...entry, subject })),
    );
    const { openedAt, expiresAt } = await glasses.open({ org, id, person: actor, ref, reason, minutes });
    return { id, kind, room, openedAt, expiresAt };
  },
});
