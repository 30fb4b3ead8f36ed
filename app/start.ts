import { buildPageIfStale, pageDirectory } from "../client/web/build-page.ts";
import { ConfigError, describeConfig, loadConfig } from "../core/platform/config.ts";
import { DirectoryInUse } from "../core/platform/database/directory-lock.ts";
import { openPage } from "./page.ts";
import { startServer } from "./server.ts";
import { welcome } from "./welcome.ts";

/** `npm start`: the product with everything on, until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig();
  if (config.logLevel === "debug") console.info(describeConfig(config));
  await buildPageIfStale();
  const server = await startServer(config, { page: openPage(pageDirectory) });
  console.info(welcome(config, server));

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await server.close();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof DirectoryInUse;
  console.error(expected ? error.message : error);
  process.exit(1);
});
