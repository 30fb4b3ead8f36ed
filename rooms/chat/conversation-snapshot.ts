import { z } from "zod";
import { type ConversationState, memberRoles } from "../../core/domain/conversation/state.ts";

const seq = z.int().min(0);

/** A conversation's state as a snapshot keeps it: the state itself, as JSON. */
export const conversationSnapshot: z.ZodType<ConversationState> = z.object({
  created: z.boolean(),
  title: z.string(),
  subject: z.string().nullable(),
  members: z.record(z.string(), z.object({ name: z.string(), role: z.enum(memberRoles) })),
  cursors: z.record(z.string(), seq),
  lastSeq: seq,
  lastMessage: seq,
  recent: z.array(z.object({ seq, author: z.string(), deleted: z.boolean() })),
});
