import { DomainError } from "../../core/domain/errors.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey, DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { decodeSnapshot, snapshotVersion } from "../../core/platform/journal/codec.ts";
import type { Claim } from "./ownership.ts";
import { readTail } from "./recovery.ts";
import { type ActorPorts, RoomActor, type RoomListener } from "./room-actor.ts";
import type { RoomKind } from "./room-kind.ts";

/**
 * Wakes a room here: claims it, and rebuilds its state from the latest snapshot and what came after.
 * Throws `room_not_found`; `room_closed` when another process claims it at the same time.
 */
export async function activate<Root>(
  kind: RoomKind<Root>,
  ref: RoomRef,
  ports: ActorPorts & { readonly keys: DataKeys },
  listener: RoomListener<Root>,
): Promise<{ readonly actor: RoomActor<Root>; readonly claim: Claim }> {
  const owner = await ports.owners.find(ref);
  if (!owner) throw new DomainError("room_not_found");
  const granted = await ports.owners.claim(ref, { process: ports.process, epoch: owner.epoch });
  if (!granted?.incarnation) throw new DomainError("room_closed");
  const claim = { epoch: granted.epoch, incarnation: granted.incarnation };
  const key = await ports.keys.get(owner.keyId);
  const actor = new RoomActor(
    kind,
    { ref, org: owner.org, key, claim, ...(await restore(kind, ref, key, ports)) },
    ports,
    listener,
  );
  return { actor, claim };
}

/** The state as the journal has it: a fold over the snapshot and everything after it. */
export async function restore<Root>(
  kind: RoomKind<Root>,
  ref: RoomRef,
  key: DataKey,
  { snapshots, journal }: Pick<ActorPorts, "snapshots" | "journal">,
): Promise<{ readonly state: Root; readonly seq: number; readonly lastAt: number }> {
  const stored = await snapshots.latest(ref);
  const usable = stored?.version === snapshotVersion ? stored : null;
  const start = usable
    ? kind.restore(decodeSnapshot(key, ref, usable.seq, usable.payload))
    : kind.behaviour.initial;
  const tail = await readTail(journal, key, ref, usable?.seq ?? 0);
  const state = tail.reduce(kind.behaviour.evolve, start);
  return { state, seq: tail.at(-1)?.seq ?? usable?.seq ?? 0, lastAt: tail.at(-1)?.at ?? 0 };
}
