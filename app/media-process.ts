import { createServer } from "node:http";
import { createMonitor } from "../api/create-monitor.ts";
import { ConfigError } from "../core/platform/config/config-error.ts";
import type { Config } from "../core/platform/config.ts";
import { watchDestroyedKeys } from "../core/platform/records/destroyed-keys.ts";
import { createMediaChecks } from "./checks.ts";
import { createContext } from "./context.ts";
import { forgetEveryMs } from "./records.ts";
import type { RunningServer } from "./server.ts";

/** Starts a process that carries calls and has no rooms. Throws when a part cannot be had; nothing stays open then. */
export async function startMediaProcess(config: Config): Promise<RunningServer> {
  const context = await createContext(config);
  const { database, guards, identity, metrics, mediaNodes } = context;
  const { keys, log } = context;
  // It has no rooms; what it records is under people's keys all the same.
  const rekeyed = async (): Promise<void> => {};
  const watch = watchDestroyedKeys({ db: database.db, keys, log, rekeyed, everyMs: forgetEveryMs });
  let draining = false;
  try {
    const { node, note } = mediaNodes;
    if (!node) {
      throw new ConfigError(
        `ROLES: this process is to carry calls. ${note ?? "MEDIA_ORDER leaves mediasoup out."}`,
      );
    }
    const checks = createMediaChecks(context, { node, draining: () => draining });
    const { metricsToken } = config;
    const server = createServer(
      createMonitor({ checks, dependencies: guards.reports, metrics, identity, metricsToken }),
    );
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(config.port, config.host, resolve);
    });
    const address = server.address();
    return {
      port: typeof address === "object" && address ? address.port : config.port,
      database: database.kind,
      notes: [],
      close: async () => {
        draining = true;
        await mediaNodes.drain(config.drainSeconds * 1_000);
        server.close();
        server.closeAllConnections();
        await watch.stop();
        await context.close();
      },
    };
  } catch (error) {
    await watch.stop();
    await context.close();
    throw error;
  }
}
