import { createHash } from "node:crypto";
import { DomainError } from "../../../core/domain/errors.ts";
import { fileBytesLimit } from "../../../core/domain/file/file.ts";
import { uploadParams } from "../../../core/protocol/rest-files.ts";
import { openEndpoint } from "../../endpoint.ts";

export const putUpload = openEndpoint({
  id: "putUpload",
  method: "put",
  path: "/v1/uploads/:ticket",
  tag: "files",
  summary: "Takes the bytes of a file that was announced",
  description:
    "Once, at the address that announcing it gave out, and with the headers that came with that. Other bytes than those announced are refused.",
  input: { params: uploadParams },
  bodyBytes: fileBytesLimit,
  reply: null,
  status: 204,
  errors: [
    "upload_expired",
    "invalid_payload",
    "unsupported_media_type",
    "payload_too_large",
    "busy",
    "unavailable",
  ],
  handle: async ({ params: { ticket } }, { files, incoming, readBytes }) => {
    const file = await files.awaited(ticket);
    const { bytes } = file;
    const sha256 = Buffer.from(file.sha256);
    const digest = `sha-256=:${sha256.toString("base64")}:`;
    const asAnnounced =
      incoming.header("content-length") === String(bytes) && incoming.header("content-digest") === digest;
    if (!asAnnounced) throw new DomainError("invalid_payload", other);
    const leave = files.enter(bytes);
    try {
      const content = await readBytes();
      if (content.length !== bytes || !createHash("sha256").update(content).digest().equals(sha256)) {
        throw new DomainError("invalid_payload", other);
      }
      await files.receive(file, content);
    } finally {
      leave();
    }
  },
});

const other = "These bytes are not those that were announced. Announce the file again, and send it as it is.";
