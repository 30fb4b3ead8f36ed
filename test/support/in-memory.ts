import { existsSync, openAsBlob } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exclusively } from "../../client/web/build-lock.ts";
import {
  type Database,
  imageInMemory,
  openInMemory as openNew,
} from "../../core/platform/database/database.ts";
import { testFolder } from "./demo-data.ts";

/**
 * A new embedded database that is gone when it is closed. Of a test run the first one is made, and the others are copies of it: making one
 * is most of what many tests would wait for.
 */
export async function openInMemory(): Promise<Database> {
  const folder = testFolder();
  if (folder === undefined) return openNew();
  const image = join(folder, "empty-database.tar");
  if (!existsSync(image)) {
    await exclusively(`${image}.lock`, async () => {
      if (existsSync(image)) return;
      await writeFile(`${image}.draft`, Buffer.from(await (await imageInMemory()).arrayBuffer()));
      await rename(`${image}.draft`, image);
    });
  }
  return openNew(await openAsBlob(image));
}
