import { randomBytes } from "node:crypto";
import { type Clock, startClock } from "../core/platform/clock.ts";
import type { Config, OidcConfig } from "../core/platform/config.ts";
import { createDataKeys, type DataKeys } from "../core/platform/crypto/data-keys.ts";
import { openKeyFile } from "../core/platform/crypto/key-ring.ts";
import { type Database, openEmbedded, openPostgres } from "../core/platform/database/database.ts";
import { oidcPrincipal } from "../core/platform/identity/claims.ts";
import { createIdentity, type Identity } from "../core/platform/identity/identity.ts";
import { remoteKeys } from "../core/platform/identity/remote-keys.ts";
import type { TrustedIssuer } from "../core/platform/identity/verifier.ts";
import { createGroupCommit, type GroupCommit } from "../core/platform/journal/group-commit.ts";
import { createJournalStore, type JournalStore } from "../core/platform/journal/journal-store.ts";
import { createLogger, type Logger } from "../core/platform/logger.ts";
import { type ChatSummaries, createChatSummaries } from "../core/platform/repositories/chat-summaries.ts";
import { type Conversations, createConversations } from "../core/platform/repositories/conversations.ts";
import { createRoomDues, type RoomDues } from "../core/platform/repositories/room-dues.ts";
import { createRoomOwners, type RoomOwners } from "../core/platform/repositories/room-owners.ts";
import { createSnapshots, type Snapshots } from "../core/platform/repositories/snapshots.ts";
import { createTimerWheel, type TimerWheel } from "../rooms/actor/timer-wheel.ts";

/** Every part of the process, built by hand; what needs another is given it. */
export interface Context {
  readonly config: Config;
  readonly process: string;
  readonly log: Logger;
  readonly database: Database;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly identity: Identity;
  readonly keys: DataKeys;
  readonly journal: JournalStore;
  readonly commits: GroupCommit;
  readonly owners: RoomOwners;
  readonly snapshots: Snapshots;
  readonly dues: RoomDues;
  readonly conversations: Conversations;
  readonly summaries: ChatSummaries;
  /** Gives everything back, in reverse order. */
  close(): Promise<void>;
}

/** Parts that a test puts in the place of ours. */
export interface Overrides {
  readonly log?: Logger;
  readonly journal?: (store: JournalStore) => JournalStore;
  readonly commits?: (journal: JournalStore) => GroupCommit;
  readonly owners?: (owners: RoomOwners) => RoomOwners;
}

const sessionSyncMs = 2_000;
const oidcAlgorithms = ["RS256", "PS256", "ES256", "EdDSA"];

function trustedIssuer(oidc: OidcConfig, { now }: Clock): TrustedIssuer {
  const { issuer, jwks, audience, audienceClaim, tokenType, org, rolesClaim } = oidc;
  return {
    issuer,
    audience,
    audienceClaim,
    type: tokenType,
    algorithms: oidcAlgorithms,
    keys: remoteKeys(jwks, { now }),
    principal: oidcPrincipal({ org, rolesClaim }),
  };
}

/** Opens what the configuration names. Throws when a part cannot be had; nothing stays open then. */
export async function createContext(config: Config, overrides: Overrides = {}): Promise<Context> {
  const undo: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const log = overrides.log ?? createLogger({ level: config.logLevel });
    const database = config.databaseUrl
      ? await openPostgres(config.databaseUrl, config.databasePool)
      : await openEmbedded(config.dataDir);
    undo.push(() => database.close());
    const { db } = database;
    const clock = await startClock(db);
    undo.push(() => clock.stop());
    const wheel = createTimerWheel();
    undo.push(() => wheel.stop());
    const ring = await openKeyFile(config.keyFile);
    const identity = await createIdentity({
      db,
      keyRing: ring,
      logger: log,
      now: clock.now,
      audience: config.tokenAudience,
      allowDemo: config.demo,
      // Other processes on the same database may end sessions too.
      syncEveryMs: database.kind === "postgres" ? sessionSyncMs : null,
      trusted: config.oidc ? [trustedIssuer(config.oidc, clock)] : [],
    });
    undo.push(() => identity.close());
    const keys = createDataKeys(db, ring);
    const store = createJournalStore(database);
    const journal = overrides.journal?.(store) ?? store;
    const owners = createRoomOwners(db);
    return {
      config,
      process: randomBytes(6).toString("hex"),
      log,
      database,
      clock,
      wheel,
      identity,
      keys,
      journal,
      commits: overrides.commits?.(journal) ?? createGroupCommit(journal),
      owners: overrides.owners?.(owners) ?? owners,
      snapshots: createSnapshots(db),
      dues: createRoomDues(db),
      conversations: createConversations(db, keys),
      summaries: createChatSummaries(db, keys, identity.people.names),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
