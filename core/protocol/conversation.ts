import { z } from "zod";
import { memberRoles } from "../domain/conversation/state.ts";
import { attachmentLimit } from "../domain/file/file.ts";
import { roomIdPattern } from "../domain/room.ts";

/** A client's own name for a request, unique per room and person: a repeat gets the first result. */
export const commandId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, "8 to 64 letters, digits, - or _");
/** The revisions of what is changed that the change is meant for: otherwise it is `precondition_failed`. */
export const expected = z.array(z.string().max(64)).max(20);
/** A place in a room's order. */
export const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const fileId = z.string().regex(/^[0-9a-f]{24}$/, "the id of a file");
const messageSeq = seq.min(1);
export const personId = z.string().regex(roomIdPattern, "1 to 32 small letters, digits or -");

/** One line. */
export const chatTitle = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, "no control characters")
  .refine((text) => text.isWellFormed(), "no half of a pair");
/** Bounds what is parsed; what a body may contain is the domain's to say. */
const body = z.string().max(1_000_000);
const emoji = z
  .string()
  .max(64)
  .regex(/^\p{RGI_Emoji}$/v, "one emoji");

/** The payload of every request of a conversation. Unknown fields are refused. */
export const chatRequests = {
  "chat.create": z.strictObject({
    id: commandId,
    title: chatTitle,
    members: z.array(z.strictObject({ person: personId, role: z.enum(memberRoles) })).max(500),
    subject: personId.optional(),
  }),
  "chat.send": z.strictObject({
    id: commandId,
    body,
    /** Files that the sender has sent to this room (`POST /v1/files`). With one, the body may be empty. */
    attachments: z
      .array(fileId)
      .max(attachmentLimit)
      .refine((ids) => new Set(ids).size === ids.length, "each file once")
      .optional(),
    replyTo: messageSeq.optional(),
  }),
  "chat.edit": z.strictObject({ id: commandId, of: messageSeq, body }),
  "chat.delete": z.strictObject({ id: commandId, of: messageSeq }),
  "chat.react": z.strictObject({ id: commandId, of: messageSeq, emoji, on: z.boolean() }),
  "chat.member": z.strictObject({ id: commandId, person: personId, role: z.enum(memberRoles).nullable() }),
  "chat.read": z.strictObject({ seq }),
  "chat.resume": z.strictObject({ after: seq }),
  "chat.typing": z.strictObject({ on: z.boolean() }),
} as const;

export type ChatRequestName = keyof typeof chatRequests;
export type ChatPayload<N extends ChatRequestName> = z.infer<(typeof chatRequests)[N]>;
