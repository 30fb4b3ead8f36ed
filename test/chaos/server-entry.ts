/**
 * The product without its page, composed and ended as `npm start` does it: `server-entry.ts [fault]`, where a fault
 * is put into its composition.
 */
import { startServer } from "../../app/server.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { faults, isFault, mutate } from "../durability/faults.ts";

const [fault] = process.argv.slice(2);
if (fault !== undefined && !isFault(fault)) throw new Error(`there is no fault "${fault}"`);

if (fault !== undefined) mutate(fault);
const server = await startServer(loadConfig(), { overrides: fault === undefined ? {} : faults[fault] });
process.on("SIGTERM", () => void server.close().then(() => process.exit(0)));
console.info(`listening on http://localhost:${server.port}`);
