import { z } from "zod";
import { fileBytesLimit, fileStates, fileVariants, rejectReasons } from "../domain/file/file.ts";
import { roomIdPattern } from "../domain/room.ts";
import { fileId, personId, seq } from "./conversation.ts";
import { at } from "./rest-parts.ts";

const announced = {
  name: z.string().min(1).max(1_000),
  /** Its media type. */
  type: z.string().min(1).max(200),
  bytes: z.int().min(1).max(fileBytesLimit),
  /** SHA-256 of its bytes, in hexadecimal digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"),
};

/** A room that people write in. */
const room = z.object({ kind: z.enum(["chat", "consultation"]), id: z.string().regex(roomIdPattern) });

export const newFile = z.strictObject({ room, ...announced });
export const newFileVersion = z.strictObject(announced);

/** How to send the bytes: to this address (from our root where it begins with `/`), with these headers. */
export const upload = z.object({
  id: fileId,
  version: z.int(),
  upload: z.object({
    method: z.literal("PUT"),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    expiresAt: at,
  }),
});

const version = z.int().min(1);
const variant = z.enum(fileVariants);
/** `reason`: why it was refused. `unscanned`: nothing has looked for viruses in it. `message`: seq of the one that carries it. */
export const fileView = z.object({
  id: fileId,
  room,
  owner: personId,
  version,
  name: z.string(),
  type: z.string(),
  bytes: z.int(),
  state: z.enum(fileStates),
  reason: z.enum(rejectReasons).optional(),
  unscanned: z.boolean().optional(),
  variants: z.array(variant),
  message: seq.nullable(),
  createdAt: at,
});
export const fileViews = z.object({ items: z.array(fileView) });

export const fileParams = z.object({ id: fileId });
/** Without `version`, the newest that was found clean. */
export const newFileLink = z.strictObject({
  variant: variant.default("download"),
  version: version.optional(),
});
export const fileLink = z.object({ url: z.string(), expiresAt: at });
export const contentQuery = z.object({ token: z.string().max(2_000) });
export const uploadParams = z.object({ ticket: z.string().max(2_000) });

export type FileView = z.infer<typeof fileView>;
