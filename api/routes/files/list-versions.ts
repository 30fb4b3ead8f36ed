import { fileParams, fileViews } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { fileErrors, fileFor, shownFile, viewOf } from "./access.ts";

export const listFileVersions = endpoint({
  id: "listFileVersions",
  method: "get",
  path: "/v1/files/:id/versions",
  tag: "files",
  summary: "The versions of a file, newest first",
  input: { params: fileParams },
  reply: fileViews,
  errors: fileErrors,
  reads: { action: "files.view", itself: true },
  handle: async ({ params: { id } }, context) => {
    const file = await fileFor(context, id, "files.read");
    await context.trace(await shownFile(file, context));
    const versions = await context.files.versions(file.org, id);
    return { items: versions.map(viewOf) };
  },
});
