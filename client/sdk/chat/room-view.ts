import { type MemberRole, memberRoles } from "../../../core/domain/conversation/state.ts";
import type { ChatMemberView } from "../types.ts";

interface Entries<V> {
  forEach(visit: (value: V, key: string) => void): void;
}

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
  const members: ChatMemberView[] = [];
  state.members.forEach(({ name, role, online }, person) => {
    members.push({ person, name, role: isRole(role) ? role : "observer", online });
  });
  const cursors: [string, number][] = [];
  state.cursors.forEach((seq, person) => {
    cursors.push([person, seq]);
  });
  const typing: string[] = [];
  state.typing.forEach((on, person) => {
    if (on && person !== me) typing.push(person);
  });
  return {
    title: state.title,
    lastSeq: state.lastSeq,
    members: sameMembers(members, before.members) ? before.members : members,
    cursors: sameCursors(cursors, before.cursors) ? before.cursors : Object.fromEntries(cursors),
    typing: sameTexts(typing, before.typing) ? before.typing : typing,
  };
}

/** What cannot be understood may at least be read. */
function isRole(role: string): role is MemberRole {
  return memberRoles.some((known) => known === role);
}

function sameMembers(now: readonly ChatMemberView[], before: readonly ChatMemberView[]): boolean {
  return now.length === before.length && now.every((member, at) => sameMember(member, before[at]));
}

function sameMember(a: ChatMemberView, b: ChatMemberView | undefined): boolean {
  return a.person === b?.person && a.name === b.name && a.role === b.role && a.online === b.online;
}

function sameCursors(now: readonly [string, number][], before: RoomView["cursors"]): boolean {
  return now.length === Object.keys(before).length && now.every(([person, seq]) => before[person] === seq);
}

function sameTexts(now: readonly string[], before: readonly string[]): boolean {
  return now.length === before.length && now.every((text, at) => text === before[at]);
}
