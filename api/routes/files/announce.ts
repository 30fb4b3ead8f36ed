import type { z } from "zod";
import { DomainError, type ErrorCode } from "../../../core/domain/errors.ts";
import { fileTypeOf } from "../../../core/domain/file/file.ts";
import type { NewFile } from "../../../core/platform/files/file-service.ts";
import type { newFileVersion } from "../../../core/protocol/rest-files.ts";

export const announceErrors = [
  "file_type_refused",
  "file_too_large",
  "files_off",
  "busy",
] as const satisfies readonly ErrorCode[];

/** Throws `file_type_refused`. */
export function announcedFile({ name, type, bytes, sha256 }: z.output<typeof newFileVersion>): NewFile {
  const known = fileTypeOf(type);
  if (known === null) throw new DomainError("file_type_refused");
  return { name, type: known, bytes, sha256: Buffer.from(sha256, "hex") };
}
