import { readFile, writeFile } from "node:fs/promises";
import { printedPage } from "../../core/domain/policy-table.ts";

/** `npm run policies`: writes the table in docs/access.md anew. */
const path = new URL("../../docs/access.md", import.meta.url);
await writeFile(path, printedPage(await readFile(path, "utf8")));
