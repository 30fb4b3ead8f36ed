import { fileParams, fileView } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { fileErrors, fileFor, viewOf } from "./access.ts";

export const completeFile = endpoint({
  id: "completeFile",
  method: "post",
  path: "/v1/files/:id/complete",
  tag: "files",
  summary: "Says that the bytes of a file were sent",
  description: "For its sender. From then on it is being checked. A repeat does nothing more.",
  limited: true,
  input: { params: fileParams },
  reply: fileView,
  errors: [...fileErrors, "file_incomplete"],
  handle: async ({ params: { id } }, context) => {
    await context.files.complete(await fileFor(context, id, "files.change"));
    return viewOf(await fileFor(context, id, "files.change"));
  },
});
