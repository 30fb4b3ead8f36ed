import { fileParams, newFileVersion, upload } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { fileErrors, fileFor } from "./access.ts";
import { announcedFile, announceErrors } from "./announce.ts";

export const addVersion = endpoint({
  id: "addFileVersion",
  method: "post",
  path: "/v1/files/:id/versions",
  tag: "files",
  summary: "Announces another version of a file",
  description: "For its sender. The one before is shown until this one has been checked, and is kept.",
  limited: true,
  input: { params: fileParams, body: newFileVersion },
  reply: upload,
  status: 201,
  errors: [...fileErrors, ...announceErrors, "already_exists"],
  handle: async ({ params: { id }, body }, context) => {
    const { principal, files, audit } = context;
    const { org, id: actor } = principal;
    const file = await fileFor(context, id, "files.change");
    const made = await files.announce(file, actor, announcedFile(body), file);
    const detail = { file: id, version: made.version };
    await audit.record({ org, actor, action: "files.create", room: file.ref, detail });
    return made;
  },
});
