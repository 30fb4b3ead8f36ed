import { createApi } from "../api/create-api.ts";
import type { S3Config } from "../core/platform/config/s3.ts";
import type { Config } from "../core/platform/config.ts";
import { openBreakGlass } from "./break-glass.ts";
import { createChecks } from "./checks.ts";
import { createClusterControl } from "./cluster-control.ts";
import { createContext, type Overrides } from "./context.ts";
import { seedDemo } from "./demo-seed.ts";
import { openEvents } from "./events.ts";
import { createAuditLog, createGateway, createHistory, createMediaOrders, createReader } from "./gateway.ts";
import type { Page } from "./page.ts";
import { startProjections } from "./projections.ts";
import { createRecords } from "./records.ts";
import { createRoomServer } from "./room-server.ts";
import { openSearch } from "./search.ts";

export interface RunningServer {
  readonly port: number;
  readonly database: "embedded" | "postgres";
  /** What is off, and why: for whoever starts it. */
  readonly notes: readonly string[];
  /** Ends in good order: rooms are sealed, clients told to come again, the database closed. */
  close(): Promise<void>;
}

/** Starts the whole product in this process. Throws when a part cannot be had; nothing stays open then. */
export async function startServer(
  config: Config,
  options: { readonly page?: Page; readonly overrides?: Overrides } = {},
): Promise<RunningServer> {
  const context = await createContext(config, options.overrides);
  const { log, database, identity } = context;
  try {
    const rooms = createRoomServer(context);
    const searching = openSearch(context);
    const events = openEvents(context);
    const { eraser, retained } = context.files.records;
    const gateway = createGateway(rooms.directory, context);
    const records = createRecords(context, {
      letGo: rooms.letGo,
      ask: gateway.system,
      erasers: [searching.eraser, eraser],
      retained: [retained],
    });
    const api = createApi(
      {
        identity,
        rooms: gateway,
        conversations: createReader(context),
        listings: context.listings,
        memberships: context.memberships,
        breakGlass: openBreakGlass(context),
        history: createHistory(context),
        audit: createAuditLog(context),
        idempotency: context.contract.idempotency,
        limits: context.contract.limits,
        records,
        vault: context.vault,
        files: context.files.service,
        media: createMediaOrders(context),
        ...events,
        cluster: createClusterControl(context, rooms.membership),
        checks: createChecks(context, rooms.membership),
        dependencies: context.guards.reports,
        search: searching.search,
        metrics: context.metrics,
        logger: log,
        settings: {
          publicAddress: config.publicAddress,
          origins: config.allowedOrigins,
          trustedProxies: config.trustedProxies,
          requestsPerOrg: config.limits.requestsPerOrg,
          metricsToken: config.metricsToken,
          connectSources: connectSources(config),
          scriptHashes: options.page?.scriptHashes ?? [],
        },
      },
      options.page?.serve,
    );
    rooms.mount(api);
    const port = await rooms.listen(config.port, config.host);
    if (config.demo) await seedDemo(context, rooms.directory);
    identity.start();
    records.start();
    const projections = startProjections(context, events.bus, [searching.projection]);
    searching.follow(projections.projector);
    return {
      port,
      database: database.kind,
      notes: context.mediaNodes.note === null ? [] : [context.mediaNodes.note],
      close: async () => {
        await events.close();
        await Promise.all([context.mediaNodes.drain(config.drainSeconds * 1_000), rooms.close()]);
        await Promise.all([projections.close(), searching.close(), records.stop()]);
        await context.close();
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Where browsers send files to, if that is not here. */
function uploadSources({ bucket, region, uploadEndpoint, forcePathStyle }: S3Config): string[] {
  if (uploadEndpoint === null) return [];
  const { protocol, host } = new URL(uploadEndpoint || `https://s3.${region}.amazonaws.com`);
  return [`${protocol}//${forcePathStyle ? "" : `${bucket}.`}${host}`];
}

/** Where else the page connects to. */
function connectSources({ redisUrl, publicAddress, media, s3 }: Config): string[] {
  return [
    ...(s3 ? uploadSources(s3) : []),
    // Processes that were not told how they are reached are on this machine, on a port each.
    ...(redisUrl && !publicAddress ? ["ws://localhost:*"] : []),
    ...(media.order.includes("chime") ? ["https://*.chime.aws", "wss://*.chime.aws"] : []),
  ];
}
