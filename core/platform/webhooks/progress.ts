import { sql } from "kysely";
import type { Db } from "../database/database.ts";
import type { WebhookLevels } from "../telemetry/levels.ts";

const everyMs = 15_000;

/** Looks every few seconds how far webhooks are: whoever reads metrics does not wait for the database. */
export function watchWebhooks(
  db: Db,
  now: () => number,
): { levels(): WebhookLevels | undefined; stop(): void } {
  let seen: WebhookLevels | undefined;
  const look = async (): Promise<void> => {
    seen = await levelsOf(db, now()).catch(() => undefined);
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return { levels: () => seen, stop: () => clearInterval(timer) };
}

async function levelsOf(db: Db, now: number): Promise<WebhookLevels> {
  const { rows } = await sql<{ oldest: number | null; dead: number; stopped: number }>`
    select
      (select min(created_at) from webhook_delivery d join webhook w on w.id = d.webhook
        where d.state = 'pending' and w.state = 'active') as oldest,
      (select count(*)::int from webhook_delivery where state = 'dead') as dead,
      (select count(*)::int from webhook where state <> 'active' and reason <> 'by_hand') as stopped`.execute(
    db,
  );
  const { oldest = null, dead = 0, stopped = 0 } = rows[0] ?? {};
  return { lag: oldest === null ? 0 : Math.max(0, now - oldest) / 1e3, dead, stopped };
}
