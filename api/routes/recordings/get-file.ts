import { readFile } from "../../../core/platform/objects/recorded-files.ts";
import { recordedFile, recordingFileParams } from "../../../core/protocol/rest-recordings.ts";
import { endpoint } from "../../endpoint.ts";
import { rangeOf } from "../../http/bytes.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const getRecordingFile = endpoint({
  id: "getRecordingFile",
  method: "get",
  path: "/v1/visits/:id/recordings/:recording/files/:name",
  tag: "visits",
  summary: "A file of a recording",
  description:
    "For the visit's clinicians and administrators; every read is recorded. Takes one Range of bytes; of a range that the " +
    "file does not have, 416.",
  limited: true,
  input: { params: recordingFileParams },
  reply: null,
  replyBytes: true,
  errors: [...commandErrors, "recording_not_found"],
  reads: { action: "recordings.read", itself: true },
  handle: async ({ params: { id, recording, name } }, context) => {
    const { principal, rooms, vault, trace, listings, incoming, setHeader, setStatus, sendBytes } = context;
    const room = { kind: "consultation", id } as const;
    const { org } = principal;
    const asked = await rooms.command(principal, room, "recording.file", { recording, name });
    const { mime, bytes, sha256 } = recordedFile.parse(asked);
    const files = await vault.recordingsOf({ org, ref: room });
    const range = rangeOf(incoming.header("range"), bytes);
    const subject = (await listings.find(org, room))?.subject ?? undefined;
    const detail = { recording, name, ...(range && { range }) };
    await trace([{ room, subject, detail }]);
    setHeader("accept-ranges", "bytes");
    if (range === "unsatisfiable") {
      setHeader("content-range", `bytes */${bytes}`);
      setStatus(416);
      return;
    }
    const { first, last } = range ?? { first: 0, last: bytes - 1 };
    setHeader("content-type", mime);
    setHeader("content-length", String(last - first + 1));
    setHeader("content-disposition", `attachment; filename="recording-${recording}-${name}"`);
    setHeader("etag", `"${sha256}"`);
    if (range) {
      setHeader("content-range", `bytes ${first}-${last}/${bytes}`);
      setStatus(206);
    }
    sendBytes(readFile(files, recording, name, { first, last }));
  },
});
