import { createHash } from "node:crypto";
import { DomainError } from "../../../core/domain/errors.ts";
import { keepPiece } from "../../../core/platform/objects/recorded-files.ts";
import { chunkBytes } from "../../../core/protocol/recording.ts";
import { chunkParams, uploadGranted } from "../../../core/protocol/rest-recordings.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const putRecordingChunk = endpoint({
  id: "putRecordingChunk",
  method: "put",
  path: "/v1/visits/:id/recordings/:recording/segments/:segment/chunks/:index",
  tag: "visits",
  summary: "Keeps a piece of what a browser records",
  description:
    "For the person whose browser the room asked to record this segment, while it does and for 30 seconds after. " +
    "Pieces are counted from 0 and have a `Content-Digest` with their SHA-256 (RFC 9530). A repeat does nothing more.",
  limited: true,
  input: { params: chunkParams },
  bodyBytes: chunkBytes,
  reply: null,
  status: 204,
  errors: [...commandErrors, "recording_not_found"],
  handle: async ({ params }, { principal, rooms, vault, incoming, readBytes }) => {
    const { id, recording, segment, index } = params;
    const room = { kind: "consultation", id } as const;
    const asked = await rooms.command(principal, room, "recording.upload", { recording, segment });
    const { from } = uploadGranted.parse(asked);
    const bytes = await readBytes();
    const digest = createHash("sha256").update(bytes).digest("base64");
    if (bytes.length === 0 || incoming.header("content-digest") !== `sha-256=:${digest}:`) {
      throw new DomainError(
        "invalid_payload",
        "The piece is not what its Content-Digest says. Send it again.",
      );
    }
    const files = await vault.recordingsOf({ org: principal.org, ref: room });
    await keepPiece(files, { recording, segment, index, from }, bytes);
  },
});
