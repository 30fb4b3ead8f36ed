import { randomBytes } from "node:crypto";
import { type Clock, startClock } from "../core/platform/clock.ts";
import type { Config, MediaConfig } from "../core/platform/config.ts";
import { createDataKeys, type DataKeys } from "../core/platform/crypto/data-keys.ts";
import { type KeyRing, openKeyFile } from "../core/platform/crypto/key-ring.ts";
import { type Database, openEmbedded, openPostgres } from "../core/platform/database/database.ts";
import { createIdentity, type Identity } from "../core/platform/identity/identity.ts";
import { type Arrivals, createArrivals } from "../core/platform/journal/arrivals.ts";
import { createFeed, type JournalFeed } from "../core/platform/journal/feed.ts";
import { createGroupCommit, type GroupCommit } from "../core/platform/journal/group-commit.ts";
import { createJournalStore, type JournalStore } from "../core/platform/journal/journal-store.ts";
import { createLogger, type Logger } from "../core/platform/logger.ts";
import { createDirectoryStore } from "../core/platform/objects/directory-store.ts";
import type { ObjectStore } from "../core/platform/objects/object-store.ts";
import { createS3Store, type S3Store } from "../core/platform/objects/s3-store.ts";
import { createVault, type FileVault, type Vault } from "../core/platform/objects/vault.ts";
import { type Audit, createAudit } from "../core/platform/repositories/audit.ts";
import { type ChatSummaries, createChatSummaries } from "../core/platform/repositories/chat-summaries.ts";
import { createChimeCaptures } from "../core/platform/repositories/chime-captures.ts";
import { type Conversations, createConversations } from "../core/platform/repositories/conversations.ts";
import { createMemberships, type Memberships } from "../core/platform/repositories/memberships.ts";
import { createOrgSettings, type OrgSettings } from "../core/platform/repositories/org-settings.ts";
import { createProcesses, type Processes } from "../core/platform/repositories/processes.ts";
import { createRoomDues, type RoomDues } from "../core/platform/repositories/room-dues.ts";
import { createRoomListings, type RoomListings } from "../core/platform/repositories/room-listings.ts";
import { createRoomOwners, type RoomOwners } from "../core/platform/repositories/room-owners.ts";
import { createSnapshots, type Snapshots } from "../core/platform/repositories/snapshots.ts";
import { createTenantRooms, type TenantRooms } from "../core/platform/repositories/tenant-rooms.ts";
import { type EventLoop, watchEventLoop } from "../core/platform/telemetry/event-loop.ts";
import { createMetrics, type Metrics } from "../core/platform/telemetry/metrics.ts";
import { observedJournal } from "../core/platform/telemetry/observed-journal.ts";
import type { MediaBackend } from "../media/backend.ts";
import { type ChimeBackendParts, createChimeBackend } from "../media/chime/chime-backend.ts";
import { createMediaService, type MediaService, type Patience } from "../media/media-service.ts";
import { createMediasoupBackend } from "../media/mediasoup/mediasoup-backend.ts";
import type { Nodes } from "../media/mediasoup/nodes.ts";
import { createPeerBackend } from "../media/peer/peer-backend.ts";
import { lazyFfmpeg } from "../media/recording/ffmpeg.ts";
import type { RecordingService } from "../media/recording/recording-service.ts";
import packageJson from "../package.json" with { type: "json" };
import { createTimerWheel, type TimerWheel } from "../rooms/actor/timer-wheel.ts";
import { type ClusterRedis, openRedis } from "../rooms/cluster/redis/open-redis.ts";
import { type Contract, openContract } from "./contract.ts";
import { type FilesHere, openFiles } from "./files.ts";
import { type MediaNodesHere, openMediaNodes } from "./media-node.ts";
import { openRecordings } from "./recordings.ts";
import { isMissing, openObjects, openResilience, type Resilience } from "./resilience.ts";
import { announceOver, hearOver, talliesOver, trustedIssuer } from "./sign-in.ts";

/** Every part of the process, built by hand; what needs another is given it. */
export interface Context {
  readonly config: Config;
  /** This process's id in the cluster: new with every start. */
  readonly process: string;
  readonly version: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The ways to what is outside this process. */
  readonly guards: Resilience;
  readonly eventLoop: EventLoop;
  /** null: this process is alone. */
  readonly redis: ClusterRedis | null;
  readonly processes: Processes;
  readonly database: Database;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly identity: Identity;
  readonly ring: KeyRing;
  readonly keys: DataKeys;
  readonly journal: JournalStore;
  readonly commits: GroupCommit;
  /** The journal in the order of its commits. */
  readonly feed: JournalFeed;
  /** Says that this process has appended something. */
  readonly arrivals: Arrivals;
  readonly owners: RoomOwners;
  readonly tenantRooms: TenantRooms;
  readonly snapshots: Snapshots;
  readonly dues: RoomDues;
  readonly conversations: Conversations;
  readonly summaries: ChatSummaries;
  readonly memberships: Memberships;
  readonly listings: RoomListings;
  readonly audit: Audit;
  readonly contract: Contract;
  readonly orgSettings: OrgSettings;
  /** What carries calls. */
  readonly media: MediaService;
  readonly mediaNodes: MediaNodesHere;
  readonly objects: ObjectStore;
  /** The same, where objects are in a bucket; null: in a directory. */
  readonly s3: S3Store | null;
  /** What was recorded, encrypted. */
  readonly vault: Vault & FileVault;
  /** What people send each other. */
  readonly files: FilesHere;
  /** Makes the files of recordings. */
  readonly recordings: RecordingService;
  /** Gives everything back, in reverse order. */
  close(): Promise<void>;
}

/** Parts that a test puts in the place of ours. */
export interface Overrides {
  readonly log?: Logger;
  readonly clock?: (clock: Clock) => Clock;
  readonly journal?: (store: JournalStore) => JournalStore;
  readonly commits?: (journal: JournalStore) => GroupCommit;
  readonly media?: (backends: readonly MediaBackend[]) => readonly MediaBackend[];
  readonly recordings?: (vault: Vault) => RecordingService;
  readonly patience?: Patience;
  readonly owners?: (owners: RoomOwners) => RoomOwners;
}

const packageVersion = packageJson.version;
const sessionSyncMs = 500;

function createBackends(
  { order, chime, ...turn }: MediaConfig,
  nodes: Nodes,
  { now }: Clock,
  parts: ChimeBackendParts,
): MediaBackend[] {
  const makers: Readonly<Record<MediaConfig["order"][number], () => MediaBackend | null>> = {
    chime: () => chime && createChimeBackend(chime, parts),
    mediasoup: () => createMediasoupBackend({ nodes, turn, now }),
    peer: () => createPeerBackend(turn, now),
  };
  return order.flatMap((name) => makers[name]() ?? []);
}

/** Opens what the configuration names. Throws when a part cannot be had; nothing stays open then. */
export async function createContext(config: Config, overrides: Overrides = {}): Promise<Context> {
  const undo: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const self = `${config.processName}-${randomBytes(3).toString("hex")}`;
    const log = overrides.log ?? createLogger({ level: config.logLevel, process: self });
    const metrics = createMetrics();
    const eventLoop = watchEventLoop((seconds) => metrics.eventLoopLag.observe(seconds));
    undo.push(() => eventLoop.stop());
    const database = config.databaseUrl
      ? await openPostgres(config.databaseUrl, config.databasePool)
      : await openEmbedded(config.dataDir);
    undo.push(() => database.close());
    const { db, tenants } = database;
    const started = await startClock(db);
    undo.push(() => started.stop());
    const clock = overrides.clock?.(started) ?? started;
    const guards = openResilience(config, { now: clock.now, log });
    undo.push(() => guards.stop());
    const redis = config.redisUrl
      ? await openRedis(config.redisUrl, { log, record: guards.watch("redis") })
      : null;
    undo.push(() => redis?.close());
    const wheel = createTimerWheel();
    undo.push(() => wheel.stop());
    const ring = await openKeyFile(config.keyFile);
    const audit = createAudit(db, tenants);
    const identity = await createIdentity({
      db,
      tenants,
      keyRing: ring,
      logger: log,
      now: clock.now,
      audience: config.tokenAudience,
      allowDemo: config.demo,
      // Other processes on the same database may end sessions too.
      syncEveryMs: database.kind === "postgres" ? sessionSyncMs : null,
      announce: announceOver(redis),
      sharedTallies: talliesOver(redis),
      observe: (outcome) => metrics.signIns.of({ outcome }).add(),
      audit,
      trusted: config.oidc
        ? [trustedIssuer(config.oidc, { now: clock.now, guard: guards.guard("identity_provider") })]
        : [],
      trustedOrgs: config.oidc && typeof config.oidc.org === "string" ? [config.oidc.org] : [],
    });
    undo.push(() => identity.close());
    await hearOver(redis, identity);
    const keys = createDataKeys(tenants, ring);
    const contract = openContract({ database, ring, log, redisUrl: config.redisUrl, limits: config.limits });
    undo.push(() => contract.close());
    const store = createJournalStore(database);
    const arrivals = createArrivals();
    const journal = observedJournal(overrides.journal?.(store) ?? store, metrics);
    const commits = overrides.commits?.(journal) ?? createGroupCommit(journal, { appended: arrivals.notify });
    metrics.watch({
      pools: database.pools,
      appendsWaiting: () => commits.stats.waiting,
      dependencies: guards,
    });
    const owners = createRoomOwners(db);
    const s3 = config.s3 && createS3Store(config.s3);
    undo.push(() => s3?.dispose());
    const bare = s3 ?? createDirectoryStore(`${config.dataDir}/objects`);
    const objects = openObjects(guards, bare, s3 !== null);
    const tenantRooms = createTenantRooms(tenants);
    const vault = createVault({ objects, rooms: tenantRooms, keys });
    const findFfmpeg = lazyFfmpeg(config.ffmpegBin, guards.guard("ffmpeg", { isFault: isMissing }));
    const here = { process: self, version: packageVersion, database, ring, clock, log, metrics };
    const parts = { ...here, vault, findFfmpeg };
    const mediaNodes = await openMediaNodes(config, parts);
    undo.push(() => mediaNodes.close());
    const captures = createChimeCaptures(db);
    const backends = createBackends(config.media, mediaNodes.nodes, clock, { captures, log });
    const recordings =
      overrides.recordings?.(vault) ??
      openRecordings(config.media, { vault, findFfmpeg, captures, log }, undo);
    const files = openFiles(config, { database, keys, ring, vault, objects, s3, audit, clock, guards, log });
    undo.push(() => files.stop());
    const orgSettings = createOrgSettings(tenants);
    undo.push(() => {
      for (const backend of backends) backend.dispose?.();
    });
    return {
      config,
      process: self,
      version: packageVersion,
      log,
      metrics,
      eventLoop,
      guards,
      redis,
      processes: createProcesses(db),
      database,
      clock,
      wheel,
      identity,
      ring,
      keys,
      journal,
      commits,
      feed: createFeed({ ...database, keys, log }),
      arrivals,
      owners: overrides.owners?.(owners) ?? owners,
      tenantRooms,
      snapshots: createSnapshots(db),
      dues: createRoomDues(db),
      conversations: createConversations(tenants, keys),
      summaries: createChatSummaries(tenants, keys, identity.people.names),
      memberships: createMemberships(tenants),
      listings: createRoomListings(tenants),
      audit,
      files,
      contract,
      mediaNodes,
      objects,
      s3,
      vault,
      recordings,
      orgSettings,
      media: createMediaService(overrides.media?.(backends) ?? backends, log, overrides.patience, {
        guards,
        orders: orgSettings.mediaOrder,
        joined: (backend, afterMs) => metrics.callJoin.of({ backend }).observe(afterMs / 1e3),
      }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
