import { heldRecordings } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { recordsFor } from "./keeper.ts";

export const listHeldRecordings = endpoint({
  id: "listHeldRecordings",
  method: "get",
  path: "/v1/holds/recordings",
  tag: "records",
  summary: "Recordings that are there only because of a hold",
  description:
    "For administrators and auditors: recordings whose time is over since `dueAt`, and whose files a legal hold keeps. They are in no other list, and go " +
    "soon after the hold is lifted. The 1,000 that have been due for longest.",
  input: {},
  reply: heldRecordings,
  errors: ["forbidden"],
  reads: { action: "holds.recordings", subjects: ({ items }) => items.map(({ patient }) => patient) },
  handle: async (_, context) => {
    const records = recordsFor("holds.list", context);
    return { items: await records.heldRecordings(context.principal.org) };
  },
});
