import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Anchor, KeptCheckpoint } from "../../domain/audit/chain.ts";
import type { ObjectStore } from "../objects/object-store.ts";

/** Where checkpoints are kept outside the database. What is kept there twice is the same. */
export interface CheckpointArchive {
  keep(checkpoint: KeptCheckpoint): Promise<void>;
  /** One organisation's, in order. What cannot be read counts as not there. */
  all(org: string): Promise<readonly KeptCheckpoint[]>;
  /** One by its place; null: it is not there, or this archive is not looked through for one. */
  find(org: string, n: number): Promise<KeptCheckpoint | null>;
  /** Where a chain begins since something went by retention. */
  keepAnchor(anchor: Anchor): Promise<void>;
  anchors(org: string): Promise<readonly Anchor[]>;
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

const anchorShape = z.object({
  anchor: z.object({
    org: z.string(),
    n: count,
    hash: z.string(),
    at: z.int(),
    before: z.int(),
    kid: z.string(),
    signature: z.string(),
  }),
});

const digits = 12;
const lineOf = (value: object) => `${JSON.stringify(value)}\n`;

/** As objects `audit/<org>/<n>`, anchors as `audit/<org>/anchor-<n>`. */
export function objectArchive(objects: ObjectStore): CheckpointArchive {
  const folder = (org: string) => `audit/${org}/`;
  const nameOf = (org: string, n: number) => `${folder(org)}${String(n).padStart(digits, "0")}`;
  const anchorOf = (org: string, n: number) => `${folder(org)}anchor-${String(n).padStart(digits, "0")}`;
  const read = async (names: readonly string[]): Promise<string[]> => {
    const texts: string[] = [];
    for (const name of names) texts.push((await objects.get(name))?.toString() ?? "");
    return texts;
  };
  return {
    keep: (checkpoint) => objects.put(nameOf(checkpoint.org, checkpoint.n), Buffer.from(lineOf(checkpoint))),
    all: async (org) => parse(await read(await objects.list(folder(org))), org),
    find: async (org, n) => parse(await read([nameOf(org, n)]), org)[0] ?? null,
    keepAnchor: (anchor) => objects.put(anchorOf(anchor.org, anchor.n), Buffer.from(lineOf({ anchor }))),
    anchors: async (org) => {
      const names = await objects.list(folder(org));
      return parseAnchors(await read(names.filter((name) => name.startsWith(`${folder(org)}anchor-`))), org);
    },
  };
}

/** Also at the end of a file, one a line: it may be on a medium that can be added to and not changed. */
export function fileArchive(path: string): CheckpointArchive {
  const add = async (line: string): Promise<void> => {
    const file = await open(path, "a", 0o600);
    try {
      await file.appendFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
  };
  const lines = async () => (await readFile(path, "utf8")).split("\n");
  return {
    keep: (checkpoint) => add(lineOf(checkpoint)),
    all: async (org) => parse(await lines(), org),
    find: async () => null,
    keepAnchor: (anchor) => add(lineOf({ anchor })),
    anchors: async (org) => parseAnchors(await lines(), org),
  };
}

/** Kept in every one of them; read from all that can be. */
export function archives(all: readonly CheckpointArchive[]): CheckpointArchive {
  return {
    keep: async (checkpoint) => {
      for (const archive of all) await archive.keep(checkpoint);
    },
    all: async (org) => unique((await Promise.all(all.map((archive) => archive.all(org)))).flat()),
    find: async (org, n) => {
      const found = await Promise.all(all.map((archive) => archive.find(org, n)));
      return found.find((one) => one !== null) ?? null;
    },
    keepAnchor: async (anchor) => {
      for (const archive of all) await archive.keepAnchor(anchor);
    },
    anchors: async (org) => (await Promise.all(all.map((archive) => archive.anchors(org)))).flat(),
  };
}

/** Checkpoints from a copy: a file of them, or a folder of files. */
export async function readCheckpoints(path: string, org: string): Promise<readonly KeptCheckpoint[]> {
  return parse(await linesOf(path), org);
}

/** Likewise where chains begin. */
export async function readAnchors(path: string, org: string): Promise<readonly Anchor[]> {
  return parseAnchors(await linesOf(path), org);
}

async function linesOf(path: string): Promise<string[]> {
  const isFolder = (await stat(path)).isDirectory();
  if (!isFolder) return (await readFile(path, "utf8")).split("\n");
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.flatMap((text) => text.split("\n"));
}

function parseAnchors(texts: readonly string[], org: string): readonly Anchor[] {
  return texts.flatMap((text) => {
    const parsed = anchorShape.safeParse(jsonOf(text));
    return parsed.success && parsed.data.anchor.org === org ? [parsed.data.anchor] : [];
  });
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
