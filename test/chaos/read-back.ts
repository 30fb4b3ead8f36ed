import { setTimeout as delay } from "node:timers/promises";
import type { Account } from "../../bench/product.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import { createDataKeys } from "../../core/platform/crypto/data-keys.ts";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../core/platform/database/database.ts";
import type { Line } from "../checker/history.ts";
import { readSteps } from "../durability/steps.ts";
import { readConversation, readRows } from "../durability/store.ts";
import { query } from "../support/postgres.ts";
import type { Stage } from "./stage/stage.ts";
import { readClaims } from "./stage/watch.ts";

/** Nothing was written for so long: what one room has to do in another is done (ms). */
const quietMs = 2_000;
const joinPatience = 10;

/** Resolves when the journal has been quiet for a while, or at the latest after so long (ms). */
export async function journalQuiet({ databaseUrl }: Stage, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  let [last, since] = ["", performance.now()];
  while (performance.now() < end && performance.now() - since < quietMs) {
    const [row] = await query(databaseUrl, "select count(*)::text as n from journal");
    if (row?.n !== last) [last, since] = [String(row?.n), performance.now()];
    await delay(200);
  }
}

/** Everything that is stored: as the product gives it to a newcomer, and as the database has it. */
export async function readStore(
  stage: Stage,
  admin: Account,
  people: ReadonlyMap<string, Account>,
): Promise<Line[]> {
  const { databaseUrl, keyFolder, url } = stage;
  const lines: Line[] = [];
  const steps = await readAllSteps(databaseUrl, keyFolder);
  const clinicians = new Map<string, string>();
  for (const { room, recorded } of steps) {
    const { event } = recorded;
    lines.push({ op: "step", room: roomKey(room), recorded: { ...recorded, event: { ...event } } });
    if ("clinician" in event && isPerson(event.clinician)) clinicians.set(room.id, event.clinician.person);
  }
  const rooms = await query(databaseUrl, "select distinct kind, id from journal where type = 'chat.created'");
  for (const { kind, id } of rooms) {
    const ref: RoomRef = { kind: kind === "chat" ? "chat" : "consultation", id: String(id) };
    const reader = kind === "chat" ? admin : people.get(clinicians.get(ref.id) ?? "");
    if (!reader) throw new Error(`nobody can read ${roomKey(ref)}`);
    lines.push(...(await patiently(() => readConversation(url, reader.token, ref))));
  }
  return [...lines, ...(await readRows(databaseUrl, null)), ...(await readClaims(databaseUrl))];
}

async function readAllSteps(databaseUrl: string, keyFolder: string) {
  const database = await openPostgres(databaseUrl, 2);
  try {
    const keys = createDataKeys(database.tenants, await openKeyFile(`${keyFolder}/master-keys.json`));
    return await readSteps(database.db, keys);
  } finally {
    await database.close();
  }
}

function isPerson(value: unknown): value is { readonly person: string } {
  return typeof value === "object" && value !== null && "person" in value && typeof value.person === "string";
}

/** The stock client gives up at the first refusal. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let left = joinPatience; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1) throw error;
      await delay(500);
    }
  }
}
