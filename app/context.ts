import type { Config } from "../core/platform/config.ts";
import { createDataKeys, type DataKeys } from "../core/platform/crypto/data-keys.ts";
import type { Identity } from "../core/platform/identity/identity.ts";
import { type Audit, createAudit } from "../core/platform/repositories/audit.ts";
import { type ChatSummaries, createChatSummaries } from "../core/platform/repositories/chat-summaries.ts";
import { type Conversations, createConversations } from "../core/platform/repositories/conversations.ts";
import { createMemberships, type Memberships } from "../core/platform/repositories/memberships.ts";
import { createOrgSettings, type OrgSettings } from "../core/platform/repositories/org-settings.ts";
import { createProcesses, type Processes } from "../core/platform/repositories/processes.ts";
import { createRoomDues, type RoomDues } from "../core/platform/repositories/room-dues.ts";
import { createRoomListings, type RoomListings } from "../core/platform/repositories/room-listings.ts";
import { createRoomOwners, type RoomOwners } from "../core/platform/repositories/room-owners.ts";
import { createSnapshots, type Snapshots } from "../core/platform/repositories/snapshots.ts";
import { type Closing, createClosing } from "./closing.ts";
import { type Contract, openContract } from "./contract.ts";
import { type FilesHere, openFiles } from "./files.ts";
import { type Ground, type GroundOverrides, openGround } from "./ground.ts";
import { openIdentity } from "./identity.ts";
import { type JournalHere, type JournalOverrides, openJournal } from "./journal.ts";
import { type MediaHere, type MediaOverrides, openMedia } from "./media.ts";
import { openStorage, type Storage } from "./storage.ts";

/** Every part of the process, built by hand; what needs another is given it. */
export interface Context extends Ground, JournalHere, Storage, MediaHere {
  readonly config: Config;
  readonly processes: Processes;
  readonly identity: Identity;
  readonly keys: DataKeys;
  readonly owners: RoomOwners;
  readonly snapshots: Snapshots;
  readonly dues: RoomDues;
  readonly conversations: Conversations;
  readonly summaries: ChatSummaries;
  readonly memberships: Memberships;
  readonly listings: RoomListings;
  readonly audit: Audit;
  readonly contract: Contract;
  readonly orgSettings: OrgSettings;
  /** What people send each other. */
  readonly files: FilesHere;
  /** Gives everything back, in reverse order. */
  close(): Promise<void>;
}

/** Parts that a test puts in the place of ours. */
export interface Overrides extends GroundOverrides, JournalOverrides, MediaOverrides {
  readonly owners?: (owners: RoomOwners) => RoomOwners;
}

/** Opens what the configuration names. Throws when a part cannot be had; nothing stays open then. */
export async function createContext(config: Config, overrides: Overrides = {}): Promise<Context> {
  const closing = createClosing();
  try {
    return { ...(await open(config, overrides, closing)), close: closing.close };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function open(config: Config, overrides: Overrides, closing: Closing): Promise<Omit<Context, "close">> {
  const ground = await openGround(config, overrides, closing);
  const { database, ring, log } = ground;
  const { db, tenants } = database;
  const audit = createAudit(db, tenants);
  const identity = await openIdentity(config, ground, audit, closing);
  const keys = createDataKeys(tenants, ring);
  const contract = openContract({ database, ring, log, redisUrl: config.redisUrl, limits: config.limits });
  closing.later(() => contract.close());
  const storage = openStorage(config, ground, keys, closing);
  const files = openFiles(config, { ...ground, ...storage, keys, audit });
  closing.later(() => files.stop());
  const orgSettings = createOrgSettings(tenants);
  const owners = createRoomOwners(db);
  return {
    ...ground,
    ...openJournal(ground, keys, overrides),
    ...storage,
    ...(await openMedia(config, ground, { vault: storage.vault, orgSettings }, overrides, closing)),
    config,
    processes: createProcesses(db),
    identity,
    keys,
    owners: overrides.owners?.(owners) ?? owners,
    snapshots: createSnapshots(db),
    dues: createRoomDues(db),
    conversations: createConversations(tenants, keys),
    summaries: createChatSummaries(tenants, keys, identity.people.names),
    memberships: createMemberships(tenants),
    listings: createRoomListings(tenants),
    audit,
    contract,
    orgSettings,
    files,
  };
}
