import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import type { Db } from "../database/database.ts";
import type { Logger } from "../logger.ts";

interface Watch {
  readonly db: Db;
  readonly keys: Pick<DataKeys, "forget">;
  readonly log: Pick<Logger, "warn">;
  /** A room goes on under another key, so whoever has it awake under the old one must let go. */
  readonly rekeyed: (ref: RoomRef) => Promise<void>;
  readonly everyMs: number;
}

/** Positions are given before they are committed: what is a little older is looked at again. */
const overlap = 1_000;

/**
 * Every process forgets a key soon after it was destroyed, whoever did it. Until then the database refuses it already
 * to whoever does not have it in memory.
 */
export function watchDestroyedKeys({ db, keys, log, rekeyed, everyMs }: Watch): {
  look(): Promise<void>;
  stop(): Promise<void>;
} {
  let from: { key: number; room: number } | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  const seen = new Set<string>();

  const look = async (): Promise<void> => {
    const after: { readonly key: number; readonly room: number } = from ?? (await ends(db));
    const destroyed = await db
      .selectFrom("destroyed_key")
      .select(["id", "org", "position"])
      .where("position", ">", after.key - overlap)
      .execute();
    for (const { org, id } of destroyed) keys.forget(org, id);
    const rooms = await db
      .selectFrom("rekeyed_room")
      .select(["kind", "id", "old_key", "position"])
      .where("position", ">", after.room - overlap)
      .execute();
    for (const { kind, id, old_key } of rooms) {
      const name = `${kind}/${id}/${old_key}`;
      if (seen.has(name) || !isRoomKind(kind)) continue;
      await rekeyed({ kind, id });
      seen.add(name);
    }
    from = {
      key: Math.max(after.key, ...destroyed.map(({ position }) => position)),
      room: Math.max(after.room, ...rooms.map(({ position }) => position)),
    };
  };

  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = look()
        .catch((error: unknown) =>
          log.warn({ err: error }, "destroyed keys could not be looked for; trying again"),
        )
        .finally(next);
    }, everyMs);
    timer.unref();
  };
  next();

  return {
    look,
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}

/** What was destroyed before this process began was never in its memory. */
async function ends(db: Db): Promise<{ key: number; room: number }> {
  const [key, room] = await Promise.all([
    db
      .selectFrom("destroyed_key")
      .select(({ fn }) => fn.max("position").as("last"))
      .executeTakeFirst(),
    db
      .selectFrom("rekeyed_room")
      .select(({ fn }) => fn.max("position").as("last"))
      .executeTakeFirst(),
  ]);
  return { key: Number(key?.last ?? 0), room: Number(room?.last ?? 0) };
}
