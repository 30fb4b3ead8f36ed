/** The product without its page, composed as ever: `server-entry.ts [fault]`, where a fault is put into its journal. */
import { startServer } from "../../app/server.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { faults, isFault } from "./faults.ts";

const [fault] = process.argv.slice(2);
if (fault !== undefined && !isFault(fault)) throw new Error(`there is no fault "${fault}"`);

const server = await startServer(loadConfig(), { overrides: fault === undefined ? {} : faults[fault] });
process.on("SIGTERM", () => void server.close().then(() => process.exit()));
console.info(`listening on http://localhost:${server.port}`);
