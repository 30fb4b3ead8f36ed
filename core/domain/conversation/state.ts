/** What a member may do: an observer reads, a member writes, an admin also manages members and deletes. */
export const memberRoles = ["admin", "member", "observer"] as const;
export type MemberRole = (typeof memberRoles)[number];

export interface Member {
  readonly name: string;
  readonly role: MemberRole;
}

/** What later commands need to know of a message. */
export interface MessageFacts {
  readonly seq: number;
  readonly author: string;
  readonly deleted: boolean;
}

/**
 * A conversation's live state. Its size depends on the members, never on the length of the history:
 * bodies stay in the journal, and `recent` holds the facts of the last messages touched only.
 */
export interface ConversationState {
  readonly created: boolean;
  readonly title: string;
  /** The patient that this conversation is about, whose key then encrypts it. */
  readonly subject: string | null;
  readonly members: Readonly<Record<string, Member>>;
  /** How far each person has read: a seq, never going back, never beyond `lastMessage`; kept when they leave. */
  readonly cursors: Readonly<Record<string, number>>;
  /** Seq of the last event delivered to members; 0 before the first. */
  readonly lastSeq: number;
  /** Seq of the last `chat.message`; 0 before the first. */
  readonly lastMessage: number;
  /** Oldest first, at most `recentLimit`. */
  readonly recent: readonly MessageFacts[];
}

/** More than a room can have in flight, so a fact looked up in the journal is never staler than this. */
export const recentLimit = 256;

export const memberLimit = 500;

export const initialConversation: ConversationState = {
  created: false,
  title: "",
  subject: null,
  members: {},
  cursors: {},
  lastSeq: 0,
  lastMessage: 0,
  recent: [],
};

/** The facts of a message that was touched lately; undefined means: ask the journal. */
export function recentFacts(state: ConversationState, seq: number): MessageFacts | undefined {
  return state.recent.findLast((facts) => facts.seq === seq);
}

export function memberOf(state: ConversationState, person: string): Member | undefined {
  return Object.hasOwn(state.members, person) ? state.members[person] : undefined;
}

/** Who has read the message at `seq`, derived from the cursors. */
export function seenBy(cursors: Readonly<Record<string, number>>, seq: number): string[] {
  return Object.entries(cursors)
    .filter(([, cursor]) => cursor >= seq)
    .map(([person]) => person);
}
