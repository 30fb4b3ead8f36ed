import { buildPageIfStale, pageDirectory } from "../client/web/build-page.ts";
import { type Config, describeConfig, loadConfig } from "../core/platform/config.ts";
import { startMediaProcess } from "./media-process.ts";
import { openPage } from "./page.ts";
import { type RunningServer, startServer } from "./server.ts";
import { explainFailedStart, welcome } from "./words.ts";

/** Beyond the time for handing over rooms. */
const stopWithinMs = 15_000;

/** `npm start`: the product with everything on, until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig();
  if (config.logLevel === "debug") console.info(describeConfig(config));
  const server = config.roles.includes("rooms")
    ? await startWithPage(config)
    : await startMediaProcess(config);
  console.info(welcome(config, server));

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // Rooms that cannot be sealed in time lose nothing: the journal has everything.
    setTimeout(() => process.exit(1), config.drainSeconds * 1_000 + stopWithinMs).unref();
    await server.close();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
}

async function startWithPage(config: Config): Promise<RunningServer> {
  await buildPageIfStale();
  return startServer(config, { page: openPage(pageDirectory) });
}

main().catch((error: unknown) => {
  console.error(explainFailedStart(error));
  process.exit(1);
});
