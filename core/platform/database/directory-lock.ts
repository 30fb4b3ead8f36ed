import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another process has the directory. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";

  constructor(directory: string) {
    super(
      `Another process is using ${directory}. Stop it, or set DATA_DIR to another directory. ` +
        "To run several processes, set DATABASE_URL.",
    );
  }
}

/**
 * Takes a directory for this process alone and returns how to give it back. The lock is the operating
 * system's, held through an SQLite file in an exclusive transaction, so it ends with the process however
 * that ends. Throws DirectoryInUse.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(directory, "lock"));
  try {
    lock.exec("pragma busy_timeout = 0; begin exclusive");
  } catch {
    lock.close();
    throw new DirectoryInUse(directory);
  }
  return () => lock.close();
}
