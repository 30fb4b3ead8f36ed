import { writeFile } from "node:fs/promises";
import { endpoints } from "../routes/index.ts";
import { describeApi } from "./document.ts";

/** `npm run openapi`: writes docs/openapi.json anew. */
const path = new URL("../../docs/openapi.json", import.meta.url);
await writeFile(path, `${JSON.stringify(describeApi(endpoints), null, 2)}\n`);
