import type { WatchedProcess } from "../cpu.ts";
import type { Account } from "../product.ts";
import { type Clinic, openQueueServer, type QueueServer } from "./clinic.ts";
import { cycle, type DrillName, drillNames } from "./load/drills.ts";
import { type QueueLoad, type Rest, startQueueLoad } from "./load/orders.ts";
import type { DrillResult } from "./load/run.ts";
import type { Options } from "./options.ts";

/** What one size had as results in one round. */
export interface SizeResult {
  readonly rest: Rest;
  readonly drills: Readonly<Record<DrillName, DrillResult>>;
  /** The state was saved in the window of the status commands, so that its share is in their cost. */
  readonly snapshot: boolean;
}

/** One queue of one size with everyone in it: its server, and its load generator in a process beside. */
export class QueueStand {
  readonly size: number;
  readonly connected: number;
  readonly #server: QueueServer;
  readonly #load: QueueLoad;
  readonly #processes: readonly WatchedProcess[];

  private constructor(
    people: { readonly size: number; readonly connected: number },
    parts: {
      readonly server: QueueServer;
      readonly load: QueueLoad;
      readonly processes: readonly WatchedProcess[];
    },
  ) {
    this.size = people.size;
    this.connected = people.connected;
    this.#server = parts.server;
    this.#load = parts.load;
    this.#processes = parts.processes;
  }

  static async open(
    clinic: Clinic,
    size: number,
    options: { readonly connected: number; readonly nodeOptions: readonly string[] },
  ): Promise<QueueStand> {
    const { nodeOptions } = options;
    const server = await openQueueServer(clinic, { database: `queue_${size}`, nodeOptions });
    const load = startQueueLoad();
    const patients = clinic.patients.slice(0, size);
    const here = spreadOver(patients, Math.min(size, options.connected));
    const processes = [
      { name: "server", pid: server.pid, family: false },
      { name: "postgres", pid: clinic.postgres.pid(), family: true },
    ];
    const stand = new QueueStand({ size, connected: here.length }, { server, load, processes });
    try {
      await load.connectPatients({ url: server.url, room: server.room }, here);
      await server.joinAll(patients);
      await load.connectStaff(clinic.staff, size);
      return stand;
    } catch (error) {
      await stand.close();
      throw error;
    }
  }

  async measure({ commands, rest }: Pick<Options, "commands" | "rest">): Promise<SizeResult> {
    const rested = await this.#load.idle(rest, this.#processes);
    const before = await this.#server.snapshotSeq();
    const status = await this.#drill("status", commands);
    const snapshot = (await this.#server.snapshotSeq()) > before;
    const move = await this.#drill("move", commands);
    const prioritise = await this.#drill("prioritise", commands);
    const leave = await this.#drill("leave", commands);
    return { rest: rested, drills: { status, move, prioritise, leave }, snapshot };
  }

  /** Every path is run; and the queue remembers as many changes of its order as it ever will. */
  async warmUp(commands: Options["commands"]): Promise<void> {
    for (const drill of drillNames) {
      await this.#drill(drill, drill === "move" ? commands : { ...commands, reorder: 20 });
    }
  }

  async close(): Promise<void> {
    await this.#load.end();
    await this.#server.stop();
  }

  /** In whole cycles. */
  #drill(drill: DrillName, commands: Options["commands"]): Promise<DrillResult> {
    const wanted = drill === "status" ? commands.status : commands.reorder;
    const count = Math.ceil(wanted / cycle[drill]) * cycle[drill];
    return this.#load.drill(drill, count, this.#processes);
  }
}

function spreadOver(patients: readonly Account[], count: number): readonly Account[] {
  return Array.from({ length: count }, (_, i) => patients[Math.floor((i * patients.length) / count)]).filter(
    (one) => one !== undefined,
  );
}
