import type { Migration, MigrationProvider } from "kysely/migration";
import { up as rooms } from "./001-rooms.ts";
import { up as identity } from "./002-identity.ts";
import { up as listingsAndAudit } from "./003-listings-and-audit.ts";
import { up as guests } from "./004-guests.ts";
import { up as cluster } from "./005-cluster.ts";
import { up as mediaNodes } from "./006-media-nodes.ts";
import { up as media } from "./007-media.ts";
import { up as tenancy } from "./008-tenancy.ts";
import { up as people } from "./009-people.ts";
import { up as signIn } from "./010-sign-in.ts";
import { up as contract } from "./011-contract.ts";
import { up as files } from "./012-files.ts";
import { up as search } from "./013-search.ts";
import { up as records } from "./014-records.ts";
import { up as events } from "./015-events.ts";
import { up as retention } from "./016-retention.ts";
import { up as feedTimeline } from "./019-feed-timeline.ts";

/** In order, forward only: a migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  "001-rooms": { up: rooms },
  "002-identity": { up: identity },
  "003-listings-and-audit": { up: listingsAndAudit },
  "004-guests": { up: guests },
  "005-cluster": { up: cluster },
  "006-media-nodes": { up: mediaNodes },
  "007-media": { up: media },
  "008-tenancy": { up: tenancy },
  "009-people": { up: people },
  "010-sign-in": { up: signIn },
  "011-contract": { up: contract },
  "012-files": { up: files },
  "013-search": { up: search },
  "014-records": { up: records },
  "015-events": { up: events },
  "016-retention": { up: retention },
  "019-feed-timeline": { up: feedTimeline },
};

export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations };
