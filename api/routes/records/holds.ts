import type { Hold } from "../../../core/platform/records/holds.ts";
import { hold, holds, placeHold as placeRequest, recordParams } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { recordsFor, recordsToChange } from "./keeper.ts";

export const listHolds = endpoint({
  id: "listHolds",
  method: "get",
  path: "/v1/holds",
  tag: "records",
  summary: "What may not be removed",
  description: "For administrators and auditors: the legal holds that stand.",
  input: {},
  reply: holds,
  errors: ["forbidden"],
  reads: { action: "holds.list", subjects: ({ items }) => items.map(({ person }) => person) },
  handle: async (_, context) => {
    const records = recordsFor("holds.list", context);
    return { items: (await records.holds.list(context.principal.org)).map(present) };
  },
});

export const placeHold = endpoint({
  id: "placeHold",
  method: "post",
  path: "/v1/holds",
  tag: "records",
  summary: "Place a legal hold on a person or a room",
  description:
    "For administrators. While it stands, nothing of that person or room is removed: not by retention, not by erasure. What shares a key with it is held too.",
  limited: true,
  input: { body: placeRequest },
  status: 201,
  reply: hold,
  errors: ["forbidden", "person_not_found", "room_not_found"],
  handle: async ({ body: { person, room, reason } }, context) => {
    const on = room === undefined ? { person: person ?? "" } : { room };
    const records = await recordsToChange("holds.place", context, { room, subject: person });
    const { org, id } = context.principal;
    return present(await records.holds.place({ org, on, reason, by: id }));
  },
});

export const liftHold = endpoint({
  id: "liftHold",
  method: "delete",
  path: "/v1/holds/:id",
  tag: "records",
  summary: "Lift a legal hold",
  description: "For administrators. What became due meanwhile goes within minutes.",
  limited: true,
  input: { params: recordParams },
  status: 204,
  reply: null,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id: hold } }, context) => {
    const records = await recordsToChange("holds.lift", context, { detail: { hold } });
    const { org, id } = context.principal;
    await records.holds.lift(org, hold, id);
  },
});

function present({ on, ...rest }: Hold) {
  const person = "person" in on ? on.person : null;
  const room = "room" in on ? on.room : null;
  return { ...rest, person, room };
}
