import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { LinkTarget } from "../../../core/platform/files/file-service.ts";
import type { StoredFile } from "../../../core/platform/repositories/files.ts";
import { contentQuery, fileParams } from "../../../core/protocol/rest-files.ts";
import { type Context, openEndpoint, type Services } from "../../endpoint.ts";
import { rangeOf } from "../../http/bytes.ts";
import { disposition } from "./disposition.ts";

/** What is served runs nothing, loads nothing, and is in no page of others. */
const confined = {
  "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cache-control": "private, no-store",
  "accept-ranges": "bytes",
} as const;

export const getContent = openEndpoint({
  id: "getFileContent",
  method: "get",
  path: "/v1/files/:id/content",
  tag: "files",
  summary: "A file's content, by a link",
  description:
    "Whoever has the link (`links`), for as long as its person is signed in and a member of the room. Every download is recorded. Takes one Range of " +
    "bytes. Everything is sent to be saved, but for previews, which we have drawn ourselves.",
  input: { params: fileParams, query: contentQuery },
  reply: null,
  replyBytes: true,
  errors: ["link_expired", "unavailable"],
  reads: { action: "files.read", itself: true },
  handle: async ({ params: { id }, query: { token } }, context) => {
    const { files, incoming, setHeader, setStatus, sendBytes } = context;
    const target = files.readLink(token);
    const { org, version, variant } = target;
    const file = target.file === id ? await files.find(org, id, version) : null;
    const stored = file?.state === "clean" ? file.variants[variant] : undefined;
    if (!file || !stored || !(await isStillGood(target, file, context)))
      throw new DomainError("link_expired");
    const { bytes, type, sha256 } = stored;
    const range = rangeOf(incoming.header("range"), bytes);
    await recordRead(target, file, { version, variant, ...(range && { range }) }, context);
    for (const [name, value] of Object.entries(confined)) setHeader(name, value);
    if (range === "unsatisfiable") {
      setHeader("content-range", `bytes */${bytes}`);
      setStatus(416);
      return;
    }
    const { first, last } = range ?? { first: 0, last: bytes - 1 };
    setHeader("content-type", type.startsWith("text/") ? "text/plain" : type);
    setHeader("content-length", String(last - first + 1));
    setHeader("content-disposition", disposition(variant === "preview" ? "inline" : "attachment", file.name));
    setHeader("etag", `"${sha256}"`);
    if (range) {
      setHeader("content-range", `bytes ${first}-${last}/${bytes}`);
      setStatus(206);
    }
    sendBytes(await files.read(file, stored, { first, last }));
  },
});

/** Whoever was given it is signed in still, and a member of the room. */
async function isStillGood(
  { org, person, session }: LinkTarget,
  file: Pick<StoredFile, "ref">,
  { identity, conversations }: Services,
): Promise<boolean> {
  if (!identity.sessions.isAlive(session)) return false;
  const membership = await conversations.membership(org, file.ref, person);
  const principal = { org, id: person, name: "", roles: [], session };
  return can(principal, "files.read", { org, membership });
}

/** Whose data it is: whom the room is about, and who sent it. */
async function recordRead(
  { org, person, purpose }: LinkTarget,
  { id: file, ref: room, owner }: StoredFile,
  detail: Readonly<Record<string, unknown>>,
  { trace, listings }: Context<null>,
): Promise<void> {
  const patients = await listings.patients(org, [room]);
  const subjects = new Set([...patients.values(), owner]);
  const shown = [...subjects].map((subject) => ({ room, subject, purpose, detail: { file, ...detail } }));
  await trace(shown, { org, id: person });
}
