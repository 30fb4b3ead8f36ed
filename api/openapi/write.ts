import { writeFile } from "node:fs/promises";
import { endpoints } from "../routes/index.ts";
import { describeApi } from "./document.ts";
import { writeOperations, writeRoutes } from "./operations.ts";
import { loadProtocolModules } from "./protocol-modules.ts";

/** `npm run openapi`: writes docs/openapi.json and the client's tables of operations anew. */
const root = new URL("../../", import.meta.url);
await writeFile(new URL("docs/openapi.json", root), `${JSON.stringify(describeApi(endpoints), null, 2)}\n`);
const operations = writeOperations(endpoints, await loadProtocolModules());
await writeFile(new URL("client/sdk/api/operations.ts", root), operations);
await writeFile(new URL("client/sdk/api/routes.ts", root), writeRoutes(endpoints));
