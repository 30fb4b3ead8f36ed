import type { ClusterControl } from "../api/cluster-port.ts";
import { DomainError } from "../core/domain/errors.ts";
import { type RoomRef, roomKey } from "../core/domain/room.ts";
import type { ProcessRow } from "../core/platform/repositories/processes.ts";
import type { ClusterProcess, RebalancePlan } from "../core/protocol/cluster.ts";
import type { MoveResult } from "../rooms/cluster/bus.ts";
import { leaseMs } from "../rooms/cluster/neighbours.ts";
import { choose, planRebalance } from "../rooms/cluster/placement.ts";
import type { Membership } from "./cluster.ts";
import type { Context } from "./context.ts";

/** What operators ask of the cluster, from whichever process they ask. */
export function createClusterControl(context: Context, membership: Membership): ClusterControl {
  const { processes, owners, log } = context;

  const find = async (id: string): Promise<ProcessRow> => {
    const row = (await processes.list()).find((one) => one.id === id);
    if (!row) throw new DomainError("not_found");
    return row;
  };

  const setDraining = async (id: string, draining: boolean): Promise<ClusterProcess> => {
    if (!(await processes.setDraining(id, draining))) throw new DomainError("not_found");
    return shown(await find(id));
  };

  const moveFrom = async (from: string, ref: RoomRef, to: string, force: boolean): Promise<MoveResult> => {
    if (!membership.bus) throw new DomainError("no_process");
    return membership.bus.to(from).move({ ref, to, force });
  };

  const carryOut = async ({ moves }: Pick<RebalancePlan, "moves">): Promise<void> => {
    for (const { kind, id, from, to } of moves) {
      await moveFrom(from, { kind, id }, to, false).catch((error: unknown) => {
        log.info({ err: error, kind, id }, "a room stays where it is; the plan goes on");
      });
    }
  };

  return {
    processes: async () => (await processes.list()).map(shown),
    rooms: (query) => owners.list(query),
    drain: (id) => setDraining(id, true),
    undrain: (id) => setDraining(id, false),
    move: async (ref, { to, force }) => {
      const owner = await owners.find(ref);
      if (!owner) throw new DomainError("room_not_found");
      const from = owner.process;
      if (from === null) throw new DomainError("room_asleep");
      const all = await processes.list();
      if (to !== null && !all.some(({ id }) => id === to)) throw new DomainError("not_found");
      const target = to ?? choose(all, { seed: roomKey(ref), except: from })?.id;
      if (target === undefined) throw new DomainError("no_process");
      if (target === from) return { ...ref, from, to: target, pauseMs: 0, seats: 0 };
      return { ...ref, from, to: target, ...(await moveFrom(from, ref, target, force)) };
    },
    rebalance: async ({ dryRun }) => {
      const rows = await processes.list();
      const held = await Promise.all(
        rows.map(async ({ id }) => [id, (await owners.held(id)).map(({ ref }) => ref)] as const),
      );
      const plan = planRebalance(rows, new Map(held));
      if (!dryRun) void carryOut(plan);
      return { ...plan, started: !dryRun };
    },
  };
}

function shown({ draining, ...row }: ProcessRow): ClusterProcess {
  return { ...row, state: row.silentMs > leaseMs ? "gone" : draining ? "draining" : "up" };
}
