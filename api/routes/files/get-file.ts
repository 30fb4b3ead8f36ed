import { fileParams, fileView } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { fileErrors, fileFor, shownFile, viewOf } from "./access.ts";

export const getFile = endpoint({
  id: "getFile",
  method: "get",
  path: "/v1/files/:id",
  tag: "files",
  summary: "What a file is, and where it stands",
  description:
    "For members of its room; before a message carries it, for its sender. `state`: `awaiting` has not come, `quarantined` and `scanning` are " +
    "being checked, `clean` can be had, `rejected` was refused for its `reason`.",
  input: { params: fileParams },
  reply: fileView,
  errors: fileErrors,
  reads: { action: "files.view", itself: true },
  handle: async ({ params: { id } }, context) => {
    const file = await fileFor(context, id, "files.read");
    await context.trace(await shownFile(file, context));
    return viewOf(file);
  },
});
