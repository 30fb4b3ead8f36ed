import { type SchemaType, schema, t } from "@colyseus/schema";

/** A member as everyone in the conversation sees them. `online`: has a connection to the room now. */
export const MemberState = schema({ name: t.string(), role: t.string(), online: t.boolean() }, "Member");

/**
 * What a conversation shows live. Members change at once; `lastSeq`, cursors and typing are coalesced to a
 * few patches a second. Bodies never live here.
 */
export const ChatState = schema(
  {
    title: t.string(),
    /** Seq of the last delivered event. */
    lastSeq: t.number(),
    /** Person id → member. */
    members: t.map(MemberState),
    /** Person id → seq read up to. */
    cursors: t.map("number"),
    /** Ids of the people who are typing. */
    typing: t.map("boolean"),
  },
  "Chat",
);
export type ChatState = SchemaType<typeof ChatState>;
