import { setTimeout as delay } from "node:timers/promises";
import type { Recorded } from "../../core/domain/feature.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey } from "../../core/platform/crypto/data-keys.ts";
import { decodeEvent } from "../../core/platform/journal/codec.ts";
import type { JournalStore } from "../../core/platform/journal/journal-store.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { Asking, RecordedCommand } from "./asking.ts";
import { type Claim, reclaim } from "./ownership.ts";

interface Wound {
  readonly why: "repeated" | "unknown";
  readonly ref: RoomRef;
  readonly key: DataKey;
  readonly claim: Claim;
  /** The last seq known to be durable. */
  readonly after: number;
  readonly ports: { readonly process: string; readonly owners: RoomOwners; readonly journal: JournalStore };
  /** Who waits, now. */
  stillOpen(): readonly Asking[];
  /** Called after every try that failed, with why. */
  failed(cause: unknown): void;
  stopped(): boolean;
}

interface Mended {
  readonly claim: Claim;
  /** What turned out to be durable beyond `after`. */
  readonly tail: readonly Recorded[];
  /** Which of the open commands the journal has. */
  readonly recorded: readonly RecordedCommand[];
}

const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Finds out what the journal has of a room after an append of which that is not known. Goes on until the
 * database answers. null: another owner has the room.
 */
export async function mend(wound: Wound): Promise<Mended | null> {
  for (let attempt = 0; ; attempt += 1) {
    if (wound.stopped()) return null;
    try {
      return await attemptToMend(wound);
    } catch (cause) {
      wound.failed(cause);
      await delay(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt));
    }
  }
}

async function attemptToMend({
  why,
  ref,
  key,
  claim,
  after,
  ports,
  stillOpen,
}: Wound): Promise<Mended | null> {
  const { owners, journal, process } = ports;
  const held = why === "repeated" ? claim : await reclaim(owners, ref, process, claim);
  if (!held) return null;
  const tail = await readTail(journal, key, ref, after);
  const wanted = stillOpen().flatMap(({ by, command, mac }) =>
    command.id === null || mac === null ? [] : [{ principal: by.id, id: command.id }],
  );
  const recorded = wanted.length > 0 ? await journal.findCommands(ref, wanted) : [];
  return { claim: held, tail, recorded };
}

const pageSize = 1_000;

/** Everything that the journal has of a room after a seq. */
export async function readTail(
  journal: JournalStore,
  key: DataKey,
  ref: RoomRef,
  after: number,
): Promise<Recorded[]> {
  const tail: Recorded[] = [];
  for (let from = after; ; ) {
    const page = await journal.read(ref, from, pageSize);
    for (const entry of page) tail.push(decodeEvent(key, ref, entry));
    if (page.length < pageSize) return tail;
    from = page.at(-1)?.seq ?? from;
  }
}
