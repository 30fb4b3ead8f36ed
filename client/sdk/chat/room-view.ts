import { memberRoles } from "../../../core/domain/conversation/state.ts";
import { type Entries, listOf } from "../connection/state-parts.ts";
import { keep, keepEach } from "../lib/keep.ts";
import { oneOf } from "../lib/one-of.ts";
import type { ChatMemberView } from "../types.ts";

/** As much of the room's synchronised state as is read here. `ChatState` is of this form. */
export interface ChatStateLike {
  readonly title: string;
  readonly lastSeq: number;
  readonly members: Entries<{ readonly name: string; readonly role: string; readonly online: boolean }>;
  readonly cursors: Entries<number>;
  readonly typing: Entries<boolean>;
}

/** The room's state as plain, immutable values. */
export interface RoomView {
  readonly title: string;
  readonly lastSeq: number;
  readonly members: readonly ChatMemberView[];
  readonly cursors: Readonly<Record<string, number>>;
  /** Who else is typing. */
  readonly typing: readonly string[];
}

export const emptyRoom: RoomView = { title: "", lastSeq: 0, members: [], cursors: {}, typing: [] };

/** Reads the state as `me` sees it; parts that did not change stay the same objects as in `before`. */
export function readRoom(state: ChatStateLike, me: string, before: RoomView): RoomView {
  const { title, lastSeq } = state;
  // What cannot be understood may at least be read.
  const members = listOf(state.members, ({ name, role, online }, person) => {
    return { person, name, role: oneOf(memberRoles, role, "observer"), online };
  });
  const cursors = Object.fromEntries(listOf(state.cursors, (seq, person) => [person, seq] as const));
  const typing = listOf(state.typing, (on, person) => (on && person !== me ? [person] : [])).flat();
  return {
    title,
    lastSeq,
    members: keepEach(before.members, members),
    cursors: keep(before.cursors, cursors),
    typing: keep(before.typing, typing),
  };
}
