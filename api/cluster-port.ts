import type { RoomKindName, RoomRef } from "../core/domain/room.ts";
import type { ClusterProcess, ClusterRoom, MoveOutcome, RebalancePlan } from "../core/protocol/cluster.ts";

/** The processes of the cluster and the rooms on them, for operators. Every failure is a DomainError. */
export interface ClusterControl {
  processes(): Promise<readonly ClusterProcess[]>;
  /** In the order of their addresses. `process`: only those awake there. `after`: the last of the page before. */
  rooms(query: ClusterRoomsQuery): Promise<readonly ClusterRoom[]>;
  /** From now on it takes no new rooms and hands those it has to the others. Throws `not_found`. */
  drain(process: string): Promise<ClusterProcess>;
  undrain(process: string): Promise<ClusterProcess>;
  /** Resolves when the room is there. Throws `room_not_found`, `not_found`, `room_asleep`, `room_fragile`, `no_process`. */
  move(ref: RoomRef, options: { readonly to: string | null; readonly force: boolean }): Promise<MoveOutcome>;
  /** Evens out rooms over the processes; with `dryRun` it only says how. It goes on after the answer. */
  rebalance(options: { readonly dryRun: boolean }): Promise<RebalancePlan>;
}

interface ClusterRoomsQuery {
  readonly process?: string | undefined;
  readonly kind?: RoomKindName | undefined;
  readonly after?: RoomRef | undefined;
  readonly limit: number;
}
