import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey } from "../../core/platform/crypto/data-keys.ts";
import { encodeEvent } from "../../core/platform/journal/codec.ts";
import type { CommandEntry, RoomPart } from "../../core/platform/journal/journal-store.ts";
import type { Asking } from "./asking.ts";
import type { Decided } from "./ledger.ts";
import type { RoomKind } from "./room-kind.ts";

/** Whose part it is, and under which claim. */
interface Writer<Root> {
  readonly kind: RoomKind<Root>;
  readonly ref: RoomRef;
  readonly org: string;
  readonly key: DataKey;
  readonly epoch: number;
}

/** What these commands append to the journal, in the order in which they were decided: `state` is what they lead to. */
export function toPart<Root>(
  { kind, ref, org, key, epoch }: Writer<Root>,
  decided: readonly Decided<Root, Asking>[],
  state: Root,
  firstSeq: number,
): RoomPart {
  const events = decided.flatMap((one) => one.events);
  return {
    ref,
    org,
    epoch,
    firstSeq,
    entries: events.map((recorded) => encodeEvent(key, ref, recorded)),
    commands: decided.flatMap(toCommandEntry),
    listing: null,
    ...kind.indexes(events, state),
  };
}

/** None where a repeat need not be recognised, or nothing came of it. */
function toCommandEntry({ asked, events }: Decided<unknown, Asking>): CommandEntry[] {
  const { by, command, mac } = asked;
  const first = events[0];
  if (!first || command.id === null || mac === null) return [];
  const lastSeq = first.seq + events.length - 1;
  return [{ principal: by.id, id: command.id, mac, firstSeq: first.seq, lastSeq }];
}
