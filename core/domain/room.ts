export const roomKinds = ["chat", "waiting", "consultation"] as const;
export type RoomKindName = (typeof roomKinds)[number];

/** A room's address: the id is unique within its kind. */
export interface RoomRef {
  readonly kind: RoomKindName;
  readonly id: string;
}

export const roomIdPattern = /^[a-z0-9-]{1,32}$/;

export function isRoomKind(value: unknown): value is RoomKindName {
  return roomKinds.some((kind) => kind === value);
}

/** `chat:demo`, for maps and logs. */
export function roomKey(ref: RoomRef): string {
  return `${ref.kind}:${ref.id}`;
}
