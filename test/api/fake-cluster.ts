import type { ClusterControl } from "../../api/cluster-port.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { ClusterProcess, ClusterRoom } from "../../core/protocol/cluster.ts";
import { planRebalance } from "../../rooms/cluster/placement.ts";

/** A cluster in memory. What drains or is rebalanced goes on a little whenever somebody looks at the processes. */
export interface FakeCluster extends ClusterControl {
  /** Whom operators then see. Without `told` it is up and quiet. */
  add(id: string, rooms: number, told?: Partial<ClusterProcess>): void;
  change(id: string, told: Partial<ClusterProcess>): void;
  /** The process has ended, and its rooms are forgotten. */
  remove(id: string): void;
  put(ref: RoomRef, process: string | null): void;
  /** Rooms with an admission under way. */
  readonly fragile: Set<string>;
  /** How many rooms move between two looks. */
  pace: number;
  /** What the next looks at the processes fail with. */
  readonly failures: Error[];
  /** What was asked for, in words. */
  readonly acts: string[];
}

export const ids = {
  a: "0a1b2c3d4e5f-00000a",
  b: "0a1b99999999-00000b",
  c: "c0ffee000000-00000c",
} as const;

export function createFakeCluster(): FakeCluster {
  const processes = new Map<string, ClusterProcess>();
  const rooms = new Map<string, ClusterRoom>();
  const wanted: { readonly room: RoomRef; readonly to: string }[] = [];
  const acts: string[] = [];
  const failures: Error[] = [];
  const fragile = new Set<string>();

  const on = (id: string) => [...rooms.values()].filter(({ process }) => process === id);
  const shown = (one: ClusterProcess): ClusterProcess => ({ ...one, rooms: on(one.id).length });
  const find = (id: string): ClusterProcess => {
    const found = processes.get(id);
    if (!found) throw new DomainError("not_found");
    return found;
  };
  const put: FakeCluster["put"] = ({ kind, id }, process) => {
    const epoch = (rooms.get(roomKey({ kind, id }))?.epoch ?? 0) + 1;
    rooms.set(roomKey({ kind, id }), { kind, id, process, epoch });
  };
  const change: FakeCluster["change"] = (id, told) => {
    processes.set(id, { ...find(id), ...told });
  };
  const plan = () => {
    const rows = [...processes.values()].map((one) => ({
      ...shown(one),
      draining: one.state === "draining",
      silentMs: one.state === "gone" ? 60_000 : 0,
    }));
    return planRebalance(rows, new Map(rows.map(({ id }) => [id, on(id)])));
  };
  const goOn = () => {
    for (const { room, to } of wanted.splice(0, cluster.pace)) put(room, to);
    const others = [...processes.values()].filter(({ state }) => state === "up");
    for (const { id } of [...processes.values()].filter(({ state }) => state === "draining"))
      for (const [i, room] of on(id).slice(0, cluster.pace).entries()) {
        const to = others[i % Math.max(1, others.length)];
        if (to && !fragile.has(roomKey(room))) put(room, to.id);
      }
  };

  const cluster: FakeCluster = {
    pace: 10,
    acts,
    failures,
    fragile,
    put,
    change,
    add: (id, count, told = {}) => {
      const quiet = { startedAt: 1_000, silentMs: 120, people: count * 4, load: 0.12, rooms: 0 };
      processes.set(id, {
        id,
        address: `${id.slice(0, 4)}:2567`,
        version: "0.1.0",
        state: "up",
        ...quiet,
        ...told,
      });
      for (let i = 0; i < count; i += 1) put({ kind: "chat", id: `${id.slice(-1)}-${i}` }, id);
    },
    remove: (id) => {
      processes.delete(id);
      for (const room of on(id)) rooms.delete(roomKey(room));
    },
    processes: async () => {
      const failure = failures.shift();
      if (failure) throw failure;
      const seen = [...processes.values()].map(shown);
      goOn();
      return seen;
    },
    rooms: async ({ process, kind, after, limit }) =>
      [...rooms.values()]
        .filter((one) => (process === undefined || one.process === process) && (!kind || one.kind === kind))
        .sort((a, b) => (roomKey(a) < roomKey(b) ? -1 : 1))
        .filter((one) => !after || roomKey(one) > roomKey(after))
        .slice(0, limit),
    drain: async (id) => {
      acts.push(`drain ${id}`);
      if (find(id).state === "up") change(id, { state: "draining" });
      return shown(find(id));
    },
    undrain: async (id) => {
      acts.push(`undrain ${id}`);
      if (find(id).state === "draining") change(id, { state: "up" });
      return shown(find(id));
    },
    move: async (ref, { to, force }) => {
      acts.push(`move ${roomKey(ref)} ${to} ${force}`);
      const room = rooms.get(roomKey(ref));
      if (!room) throw new DomainError("room_not_found");
      if (room.process === null) throw new DomainError("room_asleep");
      if (fragile.has(roomKey(ref)) && !force) throw new DomainError("room_fragile");
      const other = [...processes.values()].find(({ id, state }) => state === "up" && id !== room.process);
      const target = to === null ? other : find(to);
      if (!target) throw new DomainError("no_process");
      put(ref, target.id);
      return { kind: ref.kind, id: ref.id, from: room.process, to: target.id, pauseMs: 12.5, seats: 4 };
    },
    rebalance: async ({ dryRun }) => {
      acts.push(dryRun ? "plan" : "rebalance");
      const planned = plan();
      if (!dryRun) wanted.push(...planned.moves.map(({ kind, id, to }) => ({ room: { kind, id }, to })));
      return { ...planned, started: !dryRun };
    },
  };
  return cluster;
}
