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
  /** The same one after the other, in no order and some perhaps twice: there may be more of them than fit into memory. */
  each(org: string): AsyncIterable<KeptCheckpoint>;
  /** Whose there are. */
  orgs(): Promise<readonly string[]>;
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
  const root = "audit/";
  return withAll({
    keep: (checkpoint) =>
      objects.put(
        `${root}${checkpoint.org}/${String(checkpoint.n).padStart(digits, "0")}`,
        Buffer.from(`${JSON.stringify(checkpoint)}\n`),
      ),
    each: async function* (org) {
      for (const name of await objects.list(`${root}${org}/`))
        yield* parse([(await objects.get(name))?.toString() ?? ""], org);
    },
    orgs: async () => [
      ...new Set((await objects.list(root)).map((name) => name.slice(root.length).split("/", 1)[0] ?? "")),
    ],
  });
}

/** Also at the end of a file, one a line: it may be on a medium that can be added to and not changed. */
export function fileArchive(path: string): CheckpointArchive {
  return withAll({
    keep: async (checkpoint) => {
      const file = await open(path, "a", 0o600);
      try {
        await file.appendFile(`${JSON.stringify(checkpoint)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    each: async function* (org) {
      for await (const text of linesOf(path)) yield* parse([text], org);
    },
    orgs: async () => {
      const orgs = new Set<string>();
      for await (const text of linesOf(path)) for (const { org } of parse([text])) orgs.add(org);
      return [...orgs];
    },
  });
}

/** Kept in every one of them; read from all that can be. */
export function archives(all: readonly CheckpointArchive[]): CheckpointArchive {
  return withAll({
    keep: async (checkpoint) => {
      for (const archive of all) await archive.keep(checkpoint);
    },
    each: async function* (org) {
      for (const archive of all) yield* archive.each(org);
    },
    orgs: async () => [...new Set((await Promise.all(all.map((archive) => archive.orgs()))).flat())],
  });
}

function withAll(archive: Omit<CheckpointArchive, "all">): CheckpointArchive {
  const all = async (org: string) => {
    const found: KeptCheckpoint[] = [];
    for await (const one of archive.each(org)) found.push(one);
    return unique(found);
  };
  return { ...archive, all };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path);
  try {
    for await (const text of file.readLines()) yield text;
  } finally {
    await file.close();
  }
}

/** Checkpoints from a copy, of all organisations: a file of them, or a folder of files. */
export async function readCheckpoints(path: string): Promise<readonly KeptCheckpoint[]> {
  const isFolder = (await stat(path)).isDirectory();
  if (!isFolder) return unique(parse((await readFile(path, "utf8")).split("\n")));
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return unique(parse(texts.flatMap((text) => text.split("\n"))));
}

/** Of one organisation, or of all. */
function parse(texts: readonly string[], org?: string): readonly KeptCheckpoint[] {
  return texts.flatMap((text) => {
    const parsed = shape.safeParse(jsonOf(text));
    return parsed.success && parsed.data.org === (org ?? parsed.data.org) ? [parsed.data] : [];
  });
}

function unique(checkpoints: readonly KeptCheckpoint[]): readonly KeptCheckpoint[] {
  const different = new Map(checkpoints.map((one) => [`${one.org} ${one.n} ${one.signature}`, one]));
  return [...different.values()].sort((a, b) => a.n - b.n || a.at - b.at);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
