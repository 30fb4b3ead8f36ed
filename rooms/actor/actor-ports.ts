import type { RoomRef } from "../../core/domain/room.ts";
import type { Clock } from "../../core/platform/clock.ts";
import type { DataKey } from "../../core/platform/crypto/data-keys.ts";
import type { GroupCommit } from "../../core/platform/journal/group-commit.ts";
import type { JournalStore } from "../../core/platform/journal/journal-store.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { Snapshots } from "../../core/platform/repositories/snapshots.ts";
import type { Deliver } from "./errand-runner.ts";
import type { Claim } from "./ownership.ts";
import type { RoomWatch } from "./room-watch.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** What every actor of a process works with. */
export interface ActorPorts {
  readonly process: string;
  readonly commits: GroupCommit;
  readonly journal: JournalStore;
  readonly owners: RoomOwners;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly watch?: RoomWatch;
  /** The way to other rooms, for what this one has to have done there. */
  readonly deliver: Deliver;
  /** How long a command may wait for a database that does not answer (ms). */
  readonly patienceMs?: number;
}

/** One room, as activation found it. */
export interface ActorSeed<Root> {
  readonly ref: RoomRef;
  readonly org: string;
  readonly key: DataKey;
  readonly claim: Claim;
  readonly state: Root;
  /** The state includes everything up to this seq. */
  readonly seq: number;
  /** Of the last event (ms). */
  readonly lastAt: number;
}
