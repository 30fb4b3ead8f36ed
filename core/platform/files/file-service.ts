import { randomBytes } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../../domain/errors.ts";
import { type FileType, type FileVariant, fileVariants, type KnownFile } from "../../domain/file/file.ts";
import { fileNameOf } from "../../domain/file/name.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { StoredVariant } from "../database/file-tables.ts";
import type { Arrivals, ObjectStore } from "../objects/object-store.ts";
import { type PartRange, putParts, readParts } from "../objects/parts.ts";
import { type FileVault, numbered, type VaultRoom } from "../objects/vault.ts";
import { type Files, newFileId, type StoredFile } from "../repositories/files.ts";
import { createByteBudget } from "./byte-budget.ts";
import { createTickets } from "./tickets.ts";

export interface NewFile {
  readonly name: string;
  readonly type: FileType;
  readonly bytes: number;
  readonly sha256: Buffer;
}

/** How the bytes are to be sent. */
export interface UploadGrant {
  readonly method: "PUT";
  /** From our root where it begins with `/`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: number;
}

export interface Upload {
  readonly id: string;
  readonly version: number;
  readonly upload: UploadGrant;
}

/** For whom a link is good, and to what. */
export interface LinkTarget {
  readonly org: string;
  readonly person: string;
  readonly session: string;
  readonly file: string;
  readonly version: number;
  readonly variant: FileVariant;
  /** Why it was asked for, as the audit has it. */
  readonly purpose: string;
}

/** Files of rooms. Who may do what is settled by whoever asks. */
export interface FileService extends Pick<Files, "find" | "versions" | "removeLoose"> {
  /** Of one file. */
  readonly maxBytes: number;
  /** Whether files are taken at all. */
  readonly on: boolean;
  /** Announces a file, or with `of` another version of one. Throws `files_off`, `file_too_large`, `busy`. */
  announce(room: VaultRoom, owner: string, file: NewFile, of?: StoredFile): Promise<Upload>;
  /** What a way in that we gave out is good for. Throws `upload_expired`. */
  awaited(ticket: string): Promise<StoredFile>;
  /** Makes room in memory for what is to come; returns how to give it back. Throws `busy`. */
  enter(file: StoredFile): () => void;
  /** Keeps what came that way; whether it is what was announced has been seen. Throws `upload_expired`: it came before. */
  receive(file: StoredFile, content: Buffer): Promise<void>;
  /** Says that the bytes were sent. Throws `file_incomplete`. */
  complete(file: StoredFile): Promise<void>;
  link(target: LinkTarget): { readonly url: string; readonly expiresAt: number };
  /** Throws `link_expired`. */
  readLink(ticket: string): LinkTarget;
  read(file: StoredFile, variant: StoredVariant, range: PartRange): Promise<AsyncIterable<Buffer>>;
  /** Keeps files for a message that is about to be committed; those that it may carry, in the order of `ids`. */
  attach(
    room: VaultRoom,
    owner: string,
    command: string,
    ids: readonly string[],
  ): Promise<readonly KnownFile[]>;
}

export interface FileServiceParts {
  readonly files: Files;
  readonly vault: FileVault;
  readonly objects: ObjectStore;
  /** null: files come through us. */
  readonly arrivals: Arrivals | null;
  readonly ring: Pick<KeyRing, "derive">;
  readonly now: () => number;
  readonly settings: { readonly on: boolean; readonly maxBytes: number };
  /** There is something to check. */
  readonly wake: () => void;
}

const uploadSeconds = 15 * 60;
const linkSeconds = 5 * 60;
/** Of files that come through us at the same time. */
const mostBytesAtOnce = 256 * 1024 * 1024;
const mostBytesOfOne = 64 * 1024 * 1024;
/** Of one person, announced and not sent. */
const mostAwaited = 50;

const uploadTicket = z.strictObject({ org: z.string(), file: z.string(), version: z.int(), until: z.int() });
const linkTicket = z.strictObject({
  ...{ org: z.string(), person: z.string(), session: z.string(), file: z.string(), version: z.int() },
  ...{ variant: z.enum(fileVariants), purpose: z.string(), until: z.int() },
});

export function createFileService(parts: FileServiceParts): FileService {
  const { files, vault, objects, arrivals, ring, now, settings, wake } = parts;
  const uploads = createTickets(ring, "file uploads", uploadTicket);
  const links = createTickets(ring, "file links", linkTicket);

  const coming = createByteBudget({
    ofAll: mostBytesAtOnce,
    ofEach: Math.max(mostBytesOfOne, settings.maxBytes),
  });

  const grant = async (org: string, file: string, version: number, made: NewFile): Promise<UploadGrant> => {
    const expiresAt = now() + uploadSeconds * 1_000;
    if (arrivals) {
      const { type, bytes, sha256 } = made;
      const name = incomingName(file, version);
      const granted = await arrivals.grant({ name, type, bytes, sha256, seconds: uploadSeconds });
      return { method: "PUT", ...granted, expiresAt };
    }
    const ticket = uploads.issue({ org, file, version, until: expiresAt });
    const headers = {
      "content-type": "application/octet-stream",
      "content-digest": `sha-256=:${made.sha256.toString("base64")}:`,
    };
    return { method: "PUT", url: `/v1/uploads/${ticket}`, headers, expiresAt };
  };

  return {
    maxBytes: settings.maxBytes,
    on: settings.on,
    find: files.find,
    versions: files.versions,
    removeLoose: files.removeLoose,
    announce: async (room, owner, file, of) => {
      if (!settings.on) throw new DomainError("files_off");
      if (file.bytes > settings.maxBytes) {
        const mebibytes = Math.floor(settings.maxBytes / 1024 / 1024);
        throw new DomainError(
          "file_too_large",
          `This file is larger than ${mebibytes} MB. Send a smaller one.`,
        );
      }
      if ((await files.awaited(room.org, owner)) >= mostAwaited) {
        throw new DomainError("busy", undefined, { retryAfterMs: 60_000 });
      }
      const id = of?.id ?? newFileId();
      const version = (of?.version ?? 0) + 1;
      const name = fileNameOf(file.name, file.type);
      const upload = await grant(room.org, id, version, file);
      const incoming = arrivals !== null;
      await files.add(room, owner, { ...file, id, version, name, incoming, seconds: uploadSeconds });
      return { id, version, upload };
    },
    awaited: async (ticket) => {
      const read = uploads.read(ticket);
      const found = read && read.until > now() ? await files.find(read.org, read.file, read.version) : null;
      if (found?.state !== "awaiting" || found.expired) throw new DomainError("upload_expired");
      return found;
    },
    enter: ({ org, owner, bytes }) => coming.enter(`${org} ${owner}`, bytes),
    receive: async (file, content) => {
      const { id, version } = file;
      const room = await vault.filesOf(file);
      // What comes twice is the same: the digest was announced.
      await putParts(room, originalFolder(id, version), content);
      if (!(await files.arrived(file.org, id, version))) throw new DomainError("upload_expired");
      wake();
    },
    complete: async (file) => {
      if (file.state !== "awaiting") return;
      const { org, id, version, incoming } = file;
      const there = incoming && (await objects.list(incomingFolder(id, version))).length > 0;
      if (!there) throw new DomainError("file_incomplete");
      await files.arrived(org, id, version);
      wake();
    },
    link: (target) => {
      const until = now() + linkSeconds * 1_000;
      const ticket = links.issue({ ...target, until });
      return { url: `/v1/files/${target.file}/content?token=${ticket}`, expiresAt: until };
    },
    readLink: (ticket) => {
      const read = links.read(ticket);
      if (!read || read.until <= now()) throw new DomainError("link_expired");
      const { until: _, ...target } = read;
      return target;
    },
    read: async (file, { folder }, range) => {
      const room = await vault.filesOf(file);
      return readParts(room, (index) => `${folder}${numbered(index)}`, range);
    },
    attach: async (room, owner, command, ids) => {
      const reserved = await files.reserve(room, owner, command, ids);
      return ids.flatMap((id) => {
        const file = reserved.find((one) => one.id === id);
        return file ? { id, name: file.name, type: file.type, bytes: file.bytes, state: file.state } : [];
      });
    },
  };
}

/** Where a file lands that is sent past us: not encrypted by us, and only until it is taken in. */
export function incomingFolder(file: string, version: number): string {
  return `incoming/${file}-${version}/`;
}

export function incomingName(file: string, version: number): string {
  return `${incomingFolder(file, version)}bytes`;
}

/** In the room's vault: a file as it came. */
export function originalFolder(file: string, version: number): string {
  return `${file}/${version}/original/`;
}

/** What was made of it; a name of its own for each time that it is made. */
export function variantFolder(file: string, version: number, variant: FileVariant): string {
  return `${file}/${version}/${variant}-${randomBytes(4).toString("hex")}/`;
}
