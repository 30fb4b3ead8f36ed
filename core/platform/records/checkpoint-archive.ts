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
  /** The same one after the other, in no order and some perhaps twice: there may be more of them than fit into memory. */
  each(org: string): AsyncIterable<KeptCheckpoint>;
  /** Whose there are. */
  orgs(): Promise<readonly string[]>;
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
const root = "audit/";
const lineOf = (value: object) => `${JSON.stringify(value)}\n`;

/** As objects `audit/<org>/<n>`, anchors as `audit/<org>/anchor-<n>`. */
export function objectArchive(objects: ObjectStore): CheckpointArchive {
  const folder = (org: string) => `${root}${org}/`;
  const nameOf = (org: string, n: number) => `${folder(org)}${String(n).padStart(digits, "0")}`;
  const anchors = (org: string) => `${folder(org)}anchor-`;
  const read = async (name: string): Promise<string> => (await objects.get(name))?.toString() ?? "";
  return withAll({
    keep: (checkpoint) => objects.put(nameOf(checkpoint.org, checkpoint.n), Buffer.from(lineOf(checkpoint))),
    each: async function* (org) {
      for (const name of await objects.list(folder(org))) yield* parse([await read(name)], org);
    },
    orgs: async () => [
      ...new Set((await objects.list(root)).map((name) => name.slice(root.length).split("/", 1)[0] ?? "")),
    ],
    find: async (org, n) => parse([await read(nameOf(org, n))], org)[0] ?? null,
    keepAnchor: (anchor) =>
      objects.put(
        `${anchors(anchor.org)}${String(anchor.n).padStart(digits, "0")}`,
        Buffer.from(lineOf({ anchor })),
      ),
    anchors: async (org) => {
      const names = (await objects.list(folder(org))).filter((name) => name.startsWith(anchors(org)));
      return parseAnchors(await Promise.all(names.map(read)), org);
    },
  });
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
  return withAll({
    keep: (checkpoint) => add(lineOf(checkpoint)),
    each: async function* (org) {
      for await (const text of linesOf(path)) yield* parse([text], org);
    },
    orgs: async () => {
      const orgs = new Set<string>();
      for await (const text of linesOf(path)) for (const { org } of parse([text])) orgs.add(org);
      return [...orgs];
    },
    find: async () => null,
    keepAnchor: (anchor) => add(lineOf({ anchor })),
    anchors: async (org) => {
      const found: Anchor[] = [];
      for await (const text of linesOf(path)) found.push(...parseAnchors([text], org));
      return found;
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
    find: async (org, n) => {
      const found = await Promise.all(all.map((archive) => archive.find(org, n)));
      return found.find((one) => one !== null) ?? null;
    },
    keepAnchor: async (anchor) => {
      for (const archive of all) await archive.keepAnchor(anchor);
    },
    anchors: async (org) => (await Promise.all(all.map((archive) => archive.anchors(org)))).flat(),
  });
}

/** What a copy has, of all organisations: a file of it, or a folder of files. */
export interface CheckpointCopy {
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly anchors: readonly Anchor[];
}

export async function readCopy(path: string): Promise<CheckpointCopy> {
  const lines = await linesIn(path);
  return { checkpoints: unique(parse(lines)), anchors: parseAnchors(lines) };
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

async function linesIn(path: string): Promise<readonly string[]> {
  const isFolder = (await stat(path)).isDirectory();
  if (!isFolder) return (await readFile(path, "utf8")).split("\n");
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.flatMap((text) => text.split("\n"));
}

/** Of one organisation, or of all. */
function parseAnchors(texts: readonly string[], org?: string): readonly Anchor[] {
  return texts.flatMap((text) => {
    const anchor = anchorShape.safeParse(jsonOf(text)).data?.anchor;
    return anchor && anchor.org === (org ?? anchor.org) ? [anchor] : [];
  });
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
