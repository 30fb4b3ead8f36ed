import { DomainError } from "../../../core/domain/errors.ts";
import { fileParams } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { fileErrors, fileFor } from "./access.ts";

export const deleteFile = endpoint({
  id: "deleteFile",
  method: "delete",
  path: "/v1/files/:id",
  tag: "files",
  summary: "Takes back a file that no message carries",
  description: "For its sender. Files in a message go with it (`chat.delete`).",
  limited: true,
  input: { params: fileParams },
  reply: null,
  status: 204,
  errors: fileErrors,
  handle: async ({ params: { id } }, context) => {
    const { principal, files, audit } = context;
    const { org, id: actor } = principal;
    const { ref: room } = await fileFor(context, id, "files.change");
    if (!(await files.removeLoose(org, id, actor))) throw new DomainError("forbidden");
    await audit.record({ org, actor, action: "files.remove", room, detail: { file: id } });
  },
});
