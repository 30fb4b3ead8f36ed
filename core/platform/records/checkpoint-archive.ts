import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { KeptCheckpoint } from "../../domain/audit/chain.ts";
import type { ObjectStore } from "../objects/object-store.ts";

/** Where checkpoints are kept outside the database. What is kept there twice is the same. */
export interface CheckpointArchive {
  keep(checkpoint: KeptCheckpoint): Promise<void>;
  /** One organisation's, in order. What cannot be read counts as not there. */
  all(org: string): Promise<readonly KeptCheckpoint[]>;
}

const count = z.int().min(0);
const shape = z.object({
  org: z.string(),
  n: count,
  hash: z.string(),
  at: z.int(),
  previous: count,
  segment: z.string(),
  kid: z.string(),
  signature: z.string(),
  links: z.array(z.object({ n: count, entry: count, hash: z.string() })),
});

const digits = 12;

/** As objects `audit/<org>/<n>`. */
export function objectArchive(objects: ObjectStore): CheckpointArchive {
  const folder = (org: string) => `audit/${org}/`;
  return {
    keep: (checkpoint) =>
      objects.put(
        `${folder(checkpoint.org)}${String(checkpoint.n).padStart(digits, "0")}`,
        Buffer.from(`${JSON.stringify(checkpoint)}\n`),
      ),
    all: async (org) => {
      const texts: string[] = [];
      for (const name of await objects.list(folder(org)))
        texts.push((await objects.get(name))?.toString() ?? "");
      return parse(texts, org);
    },
  };
}

/** Also at the end of a file, one a line: it may be on a medium that can be added to and not changed. */
export function fileArchive(path: string): CheckpointArchive {
  return {
    keep: async (checkpoint) => {
      const file = await open(path, "a", 0o600);
      try {
        await file.appendFile(`${JSON.stringify(checkpoint)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    all: async (org) => parse((await readFile(path, "utf8")).split("\n"), org),
  };
}

/** Kept in every one of them; read from all that can be. */
export function archives(all: readonly CheckpointArchive[]): CheckpointArchive {
  return {
    keep: async (checkpoint) => {
      for (const archive of all) await archive.keep(checkpoint);
    },
    all: async (org) => unique((await Promise.all(all.map((archive) => archive.all(org)))).flat()),
  };
}

/** Checkpoints from a copy: a file of them, or a folder of files. */
export async function readCheckpoints(path: string, org: string): Promise<readonly KeptCheckpoint[]> {
  const isFolder = (await stat(path)).isDirectory();
  if (!isFolder) return parse((await readFile(path, "utf8")).split("\n"), org);
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return parse(
    texts.flatMap((text) => text.split("\n")),
    org,
  );
}

function parse(texts: readonly string[], org: string): readonly KeptCheckpoint[] {
  return unique(
    texts.flatMap((text) => {
      const parsed = shape.safeParse(jsonOf(text));
      return parsed.success && parsed.data.org === org ? [parsed.data] : [];
    }),
  );
}

function unique(checkpoints: readonly KeptCheckpoint[]): readonly KeptCheckpoint[] {
  const different = new Map(checkpoints.map((one) => [`${one.n} ${one.signature}`, one]));
  return [...different.values()].sort((a, b) => a.n - b.n || a.at - b.at);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
