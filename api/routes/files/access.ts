import { DomainError, type ErrorCode } from "../../../core/domain/errors.ts";
import { fileVariants } from "../../../core/domain/file/file.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { StoredFile } from "../../../core/platform/repositories/files.ts";
import type { FileView } from "../../../core/protocol/rest-files.ts";
import type { Services } from "../../endpoint.ts";
import type { Shown } from "../../http/trace-reads.ts";
import { patientOf } from "../rooms/patient-of.ts";

export const fileErrors = [
  "file_not_found",
  "forbidden",
  "unavailable",
] as const satisfies readonly ErrorCode[];

type Asked = Pick<Services, "files" | "conversations"> & { readonly principal: Principal };

/**
 * A file that this person may do this with, as a member of its room at this moment. Before a message carries it, nobody but its sender
 * learns that it is there. Throws `file_not_found`, `forbidden`.
 */
export async function fileFor(
  { files, conversations, principal }: Asked,
  id: string,
  action: Extract<Action, `files.${string}`>,
): Promise<StoredFile> {
  const { org, id: person } = principal;
  const file = await files.find(org, id);
  const membership = file && (await conversations.membership(org, file.ref, person));
  if (!file || !membership || (file.seq === null && file.owner !== person)) {
    throw new DomainError("file_not_found");
  }
  if (!can(principal, action, { org, membership, author: file.owner })) throw new DomainError("forbidden");
  return file;
}

/** Whose data a file's name and state are: its owner's, and in a visit the patient's. */
export async function shownFile(
  { id: file, ref: room, owner }: StoredFile,
  context: Pick<Services, "listings"> & { readonly principal: Principal },
): Promise<Shown[]> {
  const subjects = new Set([owner, await patientOf(room, context)]);
  return [...subjects].filter((one) => one !== null).map((subject) => ({ room, subject, detail: { file } }));
}

/** A file as it is shown. */
export function viewOf(file: StoredFile): FileView {
  const { id, ref, owner, version, name, type, bytes, state, reason, scanned, variants, seq, createdAt } =
    file;
  const { kind } = ref;
  if (kind === "waiting") throw new DomainError("file_not_found");
  return {
    ...{ id, room: { kind, id: ref.id }, owner, version, name, type, state, createdAt, message: seq },
    bytes: variants.download?.bytes ?? bytes,
    ...(reason === null ? {} : { reason }),
    ...(state === "clean" && !scanned ? { unscanned: true } : {}),
    variants: fileVariants.filter((variant) => variants[variant] !== undefined),
  };
}
