import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { newFile, upload } from "../../../core/protocol/rest-files.ts";
import { endpoint } from "../../endpoint.ts";
import { announcedFile, announceErrors } from "./announce.ts";

export const createFile = endpoint({
  id: "createFile",
  method: "post",
  path: "/v1/files",
  tag: "files",
  summary: "Announces a file for a room",
  description:
    "For whoever may write there. Send the bytes as the answer says, within a quarter of an hour: exactly as many, with that checksum. Then " +
    "say so (`complete`), and put the id into a message (`chat.send`, `attachments`). Others get it once it has been checked.",
  limited: true,
  input: { body: newFile },
  reply: upload,
  status: 201,
  errors: ["room_not_found", "forbidden", "unavailable", ...announceErrors],
  handle: async ({ body: { room, ...announced } }, { principal, files, conversations, audit }) => {
    const { org, id: actor } = principal;
    const membership = await conversations.membership(org, room, actor);
    if (!membership) throw new DomainError("room_not_found");
    if (!can(principal, "files.create", { org, membership })) throw new DomainError("forbidden");
    const made = await files.announce({ org, ref: room }, actor, announcedFile(announced));
    const detail = { file: made.id, version: made.version };
    await audit.record({ org, actor, action: "files.create", room, detail });
    return made;
  },
});
