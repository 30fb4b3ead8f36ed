import { createDataKeys } from "../../core/platform/crypto/data-keys.ts";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../core/platform/database/database.ts";
import { createArrivals } from "../../core/platform/journal/arrivals.ts";
import { createBus } from "../../core/platform/journal/bus.ts";
import { createFeed } from "../../core/platform/journal/feed.ts";
import { createPublicEvents } from "../../core/platform/journal/public-events.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { privateRanges } from "../../core/platform/net/addresses.ts";
import { createOutbound } from "../../core/platform/net/outbound.ts";
import { startDispatcher } from "../../core/platform/webhooks/dispatcher.ts";

/** A process that delivers webhooks and nothing else, to be killed. Arguments: the database's URL, the key file. */
const [url = "", keyFile = ""] = process.argv.slice(-2);
const database = await openPostgres(url, 4);
const log = createLogger({ level: "silent" });
const ring = await openKeyFile(keyFile);
const feed = createFeed({ ...database, keys: createDataKeys(database.tenants, ring), log });
startDispatcher({
  ...{ db: database.db, events: createPublicEvents(feed), feed, ring, log },
  bus: createBus({ feed, arrivals: createArrivals(), log, latest: 20 }),
  outbound: createOutbound({ allowed: privateRanges }),
  now: () => Date.now(),
  times: { lease: 1_000, latest: 50 },
});
console.info("delivering");
