import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createDataKeys, type DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { Rooms } from "./folded-rooms.ts";
import { readSteps } from "./steps.ts";

/** The journal of processes, read beside them. */
export class ClinicJournal {
  readonly #database: Database;
  readonly #keys: DataKeys;

  private constructor(database: Database, keys: DataKeys) {
    this.#database = database;
    this.#keys = keys;
  }

  /** Their master keys are in their data directory; so one of them has to have been started before. */
  static async open(databaseUrl: string, dataDir: string): Promise<ClinicJournal> {
    const database = await openPostgres(databaseUrl, 2);
    const ring = await openKeyFile(join(dataDir, "master-keys.json"));
    return new ClinicJournal(database, createDataKeys(database.tenants, ring));
  }

  async rooms(): Promise<Rooms> {
    return new Rooms(await readSteps(this.#database.db, this.#keys));
  }

  /** Reads until it is as wanted. */
  async until(wanted: (rooms: Rooms) => boolean, withinMs = 30_000): Promise<Rooms> {
    for (const end = performance.now() + withinMs; ; await delay(50)) {
      const rooms = await this.rooms();
      if (wanted(rooms)) return rooms;
      if (performance.now() > end) throw new Error(`it never came to be; the journal says:\n${rooms.story}`);
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
