import { type AttachedFile, type FileVariant, fileBytesLimit } from "../../../core/domain/file/file.ts";
import type { FileView } from "../../../core/protocol/rest-files.ts";
import * as routes from "../api/routes.ts";
import type { AuthSession } from "../auth-session.ts";
import { HugMeDoError, unreachable } from "../errors.ts";
import { putBytes } from "./put-bytes.ts";
import type { FileRoom, SendOptions, SentFiles } from "./types.ts";

/** Browsers do not know the types of all files; their names say them. */
const typesByEnding: Readonly<Record<string, string>> = {
  csv: "text/csv",
  md: "text/plain",
  log: "text/plain",
  m4a: "audio/mp4",
  opus: "audio/ogg",
  odt: "application/vnd.oasis.opendocument.text",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  odp: "application/vnd.oasis.opendocument.presentation",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};

/** Sends files in the person's name: announces each, sends its bytes to where the server says, and says so. */
export class LiveFiles implements SentFiles {
  private readonly auth: AuthSession;
  private readonly origin: string;

  constructor(auth: AuthSession, origin: string) {
    this.auth = auth;
    this.origin = origin;
  }

  async send(
    room: FileRoom,
    name: string,
    content: Blob,
    { progress, signal }: SendOptions = {},
  ): Promise<AttachedFile> {
    if (content.size > fileBytesLimit) throw new HugMeDoError("file_too_large");
    const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    const type = typesByEnding[ending] ?? (content.type || "application/octet-stream");
    const body = { room, name, type, bytes: content.size, sha256: await digestOf(content) };
    signal?.throwIfAborted();
    const { id, upload } = await this.auth.call(routes.createFile, { body }, signal && { signal });
    try {
      await putBytes(new URL(upload.url, this.origin).href, upload.headers, content, { progress, signal });
      const {
        name: known,
        type: found,
        bytes,
      } = await this.auth.call(routes.completeFile, { params: { id } });
      return { id, name: known, type: found, bytes };
    } catch (error) {
      // What did not come is forgotten by the server too, if it is not told.
      this.remove(id).catch(() => undefined);
      throw error;
    }
  }

  look(id: string): Promise<FileView> {
    return this.auth.call(routes.getFile, { params: { id } });
  }

  async link(id: string, variant: FileVariant = "download"): Promise<string> {
    const { url } = await this.auth.call(routes.linkFile, { params: { id }, body: { variant } });
    return new URL(url, this.origin).href;
  }

  remove(id: string): Promise<void> {
    return this.auth.call(routes.deleteFile, { params: { id } });
  }
}

async function digestOf(content: Blob): Promise<string> {
  const bytes = await content.arrayBuffer().catch((error: unknown) => {
    throw new HugMeDoError("file_incomplete", undefined, { cause: error });
  });
  try {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch (error) {
    throw unreachable(error);
  }
}
