import { sql } from "kysely";
import { createApi } from "../api/create-api.ts";
import type { Config } from "../core/platform/config.ts";
import { createContext, type Overrides } from "./context.ts";
import { seedDemo } from "./demo-seed.ts";
import { createGateway, createReader } from "./gateway.ts";
import type { Page } from "./page.ts";
import { createRoomServer } from "./room-server.ts";

export interface RunningServer {
  readonly port: number;
  readonly database: "embedded" | "postgres";
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
    const api = createApi(
      {
        identity,
        rooms: createGateway(rooms.directory),
        conversations: createReader(context),
        checks: [
          {
            name: "database",
            check: async () => {
              await sql`select 1`.execute(database.db);
              return null;
            },
          },
        ],
        logger: log,
        settings: {
          publicAddress: config.publicAddress,
          origins: config.allowedOrigins,
          trustedProxies: config.trustedProxies,
          commandsPerSecond: config.commandsPerSecond,
          scriptHashes: options.page?.scriptHashes ?? [],
        },
      },
      options.page?.serve,
    );
    rooms.mount(api);
    const port = await rooms.listen(config.port, config.host);
    if (config.demo) await seedDemo(context, rooms.directory);
    identity.start();
    return {
      port,
      database: database.kind,
      close: async () => {
        await rooms.close();
        await context.close();
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}
