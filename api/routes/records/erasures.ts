import { DomainError } from "../../../core/domain/errors.ts";
import {
  erasure,
  erasureParams,
  erasures,
  recordParams,
  requestErasure as request,
} from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { recordsFor, recordsToChange } from "./keeper.ts";

const shown = 200;

export const requestErasure = endpoint({
  id: "requestErasure",
  method: "post",
  path: "/v1/people/:id/erasure",
  tag: "records",
  summary: "Erase a person's data",
  description:
    "For administrators. Executed after `ERASURE_DAYS`, until when it can be cancelled; then it cannot be undone: the person's key is destroyed, and with it " +
    "whatever was written about them. Refused as `held` while a legal hold stands. docs/records.md says what it reaches.",
  limited: true,
  input: { params: erasureParams, body: request },
  status: 202,
  reply: erasure,
  errors: ["forbidden", "person_not_found", "already_exists", "held"],
  handle: async ({ params: { id: person }, body: { reason, confirm } }, context) => {
    if (confirm !== person) throw new DomainError("invalid_payload", "body.confirm: not the person's id");
    const records = await recordsToChange("erasure.request", context, { subject: person });
    const { org, id: by } = context.principal;
    return records.erasures.request({ org, person, reason, by });
  },
});

export const listErasures = endpoint({
  id: "listErasures",
  method: "get",
  path: "/v1/erasures",
  tag: "records",
  summary: "Erasures, newest first",
  description:
    "For administrators and auditors: those that are due, were cancelled, or are done. The latest 200.",
  input: {},
  reply: erasures,
  errors: ["forbidden"],
  reads: { action: "erasure.list", subjects: ({ items }) => items.map(({ person }) => person) },
  handle: async (_, context) => {
    const records = recordsFor("erasure.list", context);
    return { items: await records.erasures.list(context.principal.org, shown) };
  },
});

export const cancelErasure = endpoint({
  id: "cancelErasure",
  method: "delete",
  path: "/v1/erasures/:id",
  tag: "records",
  summary: "Cancel an erasure that has not begun",
  limited: true,
  input: { params: recordParams },
  reply: erasure,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    const records = await recordsToChange("erasure.cancel", context, { detail: { erasure: id } });
    const { org, id: by } = context.principal;
    return records.erasures.cancel(org, id, by);
  },
});
