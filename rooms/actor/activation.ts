import { DomainError } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey, DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { decodeSnapshot, snapshotVersion } from "../../core/platform/journal/codec.ts";
import type { ActorPorts } from "./actor-ports.ts";
import type { Claim } from "./ownership.ts";
import { readTail } from "./recovery.ts";
import { RoomActor, type RoomListener } from "./room-actor.ts";
import type { RoomKind } from "./room-kind.ts";

type Ports = ActorPorts & { readonly keys: DataKeys };

/** A room as the journal has it, loaded by a process that does not own it yet. */
export interface Loaded<Root> {
  readonly ref: RoomRef;
  readonly org: string;
  readonly key: DataKey;
  /** Of the owner at the time. */
  readonly epoch: number;
  readonly state: Root;
  readonly seq: number;
  readonly lastAt: number;
}

/** A room that was loaded and is now ours. `tail`: what was committed in between. */
export interface Activated<Root> {
  readonly actor: RoomActor<Root>;
  readonly claim: Claim;
  readonly tail: readonly Recorded[];
}

/**
 * Wakes a room here: claims it, and rebuilds its state from the latest snapshot and what came after. With `epoch`
 * only from the owner of that epoch. Throws `room_not_found`; `room_closed` when another process claims it first.
 */
export async function activate<Root>(
  kind: RoomKind<Root>,
  ref: RoomRef,
  ports: Ports,
  listener: RoomListener<Root>,
  epoch?: number,
): Promise<Activated<Root>> {
  const begun = performance.now();
  const owner = await ports.owners.find(ref);
  if (!owner) throw new DomainError("room_not_found");
  const [{ claim }, key] = await Promise.all([
    claimRoom(ref, epoch ?? owner.epoch, ports),
    ports.keys.get(owner.org, owner.keyId),
  ]);
  const restored = await restore(kind, ref, key, ports);
  const actor = new RoomActor(kind, { ref, org: owner.org, key, claim, ...restored }, ports, listener);
  const replaced = owner.process !== null && owner.process !== ports.process;
  ports.watch?.woken(performance.now() - begun, replaced);
  return { actor, claim, tail: [] };
}

/** Rebuilds a room that another process owns. Throws `room_not_found`. */
export async function load<Root>(kind: RoomKind<Root>, ref: RoomRef, ports: Ports): Promise<Loaded<Root>> {
  const owner = await ports.owners.find(ref);
  if (!owner) throw new DomainError("room_not_found");
  const key = await ports.keys.get(owner.org, owner.keyId);
  const restored = await restore(kind, ref, key, ports);
  return { ref, org: owner.org, key, epoch: owner.epoch, ...restored };
}

/**
 * Claims a loaded room from the owner of that epoch, which has come to a stand, and takes in what that has written
 * since. Throws `room_closed` when the owner has changed.
 */
export async function takeOver<Root>(
  kind: RoomKind<Root>,
  loaded: Loaded<Root>,
  epoch: number,
  ports: Ports,
  listener: RoomListener<Root>,
): Promise<Activated<Root>> {
  const { ref, key, seq } = loaded;
  const { claim, lastSeq } = await claimRoom(ref, epoch, ports);
  const tail = lastSeq > seq ? await readTail(ports.journal, key, ref, seq) : [];
  const last = tail.at(-1);
  const seed = {
    ...loaded,
    claim,
    state: tail.reduce(kind.behaviour.evolve, loaded.state),
    seq: last?.seq ?? seq,
    lastAt: last?.at ?? loaded.lastAt,
  };
  return { actor: new RoomActor(kind, seed, ports, listener), claim, tail };
}

async function claimRoom(
  ref: RoomRef,
  epoch: number,
  { owners, process }: Ports,
): Promise<{ readonly claim: Claim; readonly lastSeq: number }> {
  const granted = await owners.claim(ref, { process, epoch });
  if (!granted?.incarnation) throw new DomainError("room_closed");
  const claim = { epoch: granted.epoch, incarnation: granted.incarnation };
  return { claim, lastSeq: granted.nextSeq - 1 };
}

/** The state as the journal has it: a fold over the snapshot and everything after it. */
export async function restore<Root>(
  kind: RoomKind<Root>,
  ref: RoomRef,
  key: DataKey,
  { snapshots, journal }: Pick<ActorPorts, "snapshots" | "journal">,
): Promise<{ readonly state: Root; readonly seq: number; readonly lastAt: number }> {
  const stored = await snapshots.latest(ref);
  // One from before the key was changed cannot be opened, also when it was saved since.
  const usable = stored?.version === snapshotVersion && stored.seq >= key.since ? stored : null;
  const start = usable
    ? kind.restore(decodeSnapshot(key, ref, usable.seq, usable.payload))
    : kind.behaviour.initial;
  const seq = usable?.seq ?? 0;
  // With the last event that the snapshot includes: the room's time goes on from there.
  const events = await readTail(journal, key, ref, Math.max(0, seq - 1));
  const state = events.filter((recorded) => recorded.seq > seq).reduce(kind.behaviour.evolve, start);
  const last = events.at(-1);
  return { state, seq: last?.seq ?? seq, lastAt: last?.at ?? 0 };
}
