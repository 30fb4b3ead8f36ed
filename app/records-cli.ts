import { access, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Anchor } from "../core/domain/audit/chain.ts";
import type { Finding, FindingKind } from "../core/domain/audit/verifier.ts";
import { ConfigError } from "../core/platform/config/config-error.ts";
import { type Config, loadConfig } from "../core/platform/config.ts";
import { openKeyFile } from "../core/platform/crypto/key-ring.ts";
import { type Database, openEmbedded, openPostgres } from "../core/platform/database/database.ts";
import { createDirectoryStore } from "../core/platform/objects/directory-store.ts";
import { createS3Store } from "../core/platform/objects/s3-store.ts";
import { verifyExport } from "../core/platform/records/audit-export.ts";
import { type CheckpointCopy, readCopy } from "../core/platform/records/checkpoint-archive.ts";
import { type AuditVerdict, verifyAudit } from "../core/platform/records/verify-audit.ts";
import { openTrail } from "./records.ts";

/** What `hugmedo audit` has of the world. */
export interface AuditWorld {
  /** Settings as the server has them; those of this process unless they are given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  complain(line: string): void;
}

const help = `hugmedo audit verify [--org <id>] [--from <n>] [--checkpoints <file or folder>] [--json]
hugmedo audit verify --file <export.jsonl> [--keys <keys.json>] [--json]

Looks whether the audit is as it was written, and says which entry is not. The first form reads the database that
DATABASE_URL (else DATA_DIR) names, with KEY_FILE, as the server's settings do; stop an embedded server first, or ask it:
GET /v1/audit/verify. The second form reads an export (GET /v1/audit/export) and needs neither.

  --org          one organisation; else all
  --from         from this place in the chain on
  --checkpoints  a copy of the checkpoints; else those in the object store and AUDIT_CHECKPOINT_FILE
  --keys         the public keys, as GET /v1/audit/keys gave them; else those in the export, made by whoever made that
  --json         one JSON object

Ends with 0 where nothing is wrong, 1 where something is, 2 where it could not look.`;

const options = {
  org: { type: "string" },
  from: { type: "string" },
  checkpoints: { type: "string" },
  file: { type: "string" },
  keys: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
const keySet = z.object({ keys: z.array(z.record(z.string(), z.string())) });

type Options = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
type Looked = Pick<
  AuditVerdict,
  "org" | "findings" | "links" | "waiting" | "checkpoints" | "last" | "anchor"
>;

/** Runs what was written behind `hugmedo audit`. Returns the exit code. */
export async function runAudit(args: readonly string[], world: AuditWorld): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) return say(world, help, 0);
    if (positionals.join(" ") !== "verify") return complain(world, help);
    const looked =
      values.file === undefined ? await inDatabase(values, world) : [await inFile(values.file, values.keys)];
    report(looked, values.json === true, world);
    return looked.every(({ findings }) => findings.length === 0) ? 0 : 1;
  } catch (error) {
    if (error instanceof Error) return complain(world, error.message);
    throw error;
  }
}

async function inFile(file: string, keyFile: string | undefined): Promise<Looked> {
  const keys =
    keyFile === undefined ? undefined : keySet.parse(JSON.parse(await readFile(keyFile, "utf8"))).keys;
  return verifyExport(await readFile(file, "utf8"), keys);
}

async function inDatabase({ org, from, checkpoints }: Options, { env }: AuditWorld): Promise<Looked[]> {
  const place =
    from === undefined ? 1 : z.coerce.number("--from: a whole number from 1 on").int().min(1).parse(from);
  const config = loadConfig(env);
  // It would be made otherwise, and then no signature is good.
  await access(config.keyFile).catch(() => {
    throw new ConfigError(`KEY_FILE: there is none at ${config.keyFile}. Name the server's.`);
  });
  const database = await openDatabase(config);
  const s3 = config.s3 && createS3Store(config.s3);
  try {
    const now = Date.now;
    const trail = openTrail({
      database,
      ring: await openKeyFile(config.keyFile),
      objects: s3 ?? createDirectoryStore(`${config.dataDir}/objects`),
      now,
      checkpointFile: config.records.checkpointFile,
    });
    const { all, anchors, orgs } =
      checkpoints === undefined ? trail.archive : archiveOf(await readCopy(checkpoints));
    // Whoever took away all that the database has of an organisation would else not be found.
    const known = async (): Promise<readonly string[]> => [
      ...(await trail.chain.standing()).map((one) => one.org),
      ...(await trail.chain.orgs()),
      ...(await orgs()),
    ];
    const places = org === undefined ? [...new Set(await known())].sort() : [org];
    const looked: Looked[] = [];
    for (const one of places) {
      const found = await verifyAudit(
        { chain: trail.chain, isSigned: trail.keys.verify, kept: all, keptAnchors: anchors, now },
        one,
        place,
      );
      if (org !== undefined || !isEmpty(found)) looked.push(found);
    }
    return looked;
  } finally {
    s3?.dispose();
    await database.close();
  }
}

function archiveOf({ checkpoints, anchors }: CheckpointCopy) {
  return {
    all: async (org: string) => checkpoints.filter((one) => one.org === org),
    anchors: async (org: string) => anchors.filter((one) => one.org === org),
    orgs: async () => checkpoints.map(({ org }) => org),
  };
}

/** Nothing was ever recorded there. */
function isEmpty({ links, waiting, checkpoints, kept, findings }: AuditVerdict): boolean {
  return links + waiting + checkpoints + kept + findings.length === 0;
}

function openDatabase({ databaseUrl, dataDir }: Config): Promise<Database> {
  return databaseUrl === null ? openEmbedded(dataDir) : openPostgres(databaseUrl, 2);
}

function report(looked: readonly Looked[], json: boolean, world: AuditWorld): void {
  const ok = looked.every(({ findings }) => findings.length === 0);
  if (json) {
    world.print(JSON.stringify({ ok, organisations: looked }));
    return;
  }
  if (looked.length === 0) world.print("There are no entries yet.");
  for (const { org, findings, links, waiting, checkpoints, last, anchor } of looked) {
    const wrong = findings.length === 0 ? "nothing is wrong" : `${findings.length} found`;
    world.print(
      `${org}: ${links} entries up to ${last.n}, ${checkpoints} checkpoints, ${waiting} not sealed yet: ${wrong}`,
    );
    if (anchor) world.print(`  ${begins(anchor)}`);
    for (const finding of findings) world.print(`  ${describe(finding)}`);
  }
}

function begins({ n, hash, at, before }: Anchor): string {
  const [went, older] = [at, before].map((time) => new Date(time).toISOString());
  return `begins at ${n + 1}, after ${hash}: the ${n} entries before, from before ${older}, went by retention on ${went}`;
}

const words: Readonly<Record<FindingKind, string>> = {
  altered: "is not what was sealed",
  reordered: "changed places",
  deleted: "was sealed and is not there",
  inserted: "stands among sealed entries and was never sealed",
  backdated: "came later than it says",
  unsealed: "waits to be sealed for too long",
  seal_altered: "is as it was; its seal is not",
  seal_missing: "the seal is not there",
  rewritten: "the chain is not the one that was signed",
  truncated: "the chain ends before what was signed",
  checkpoint_forged: "the checkpoint is not signed by a key of ours",
  checkpoint_missing: "the checkpoint is not there",
  anchor_forged: "where the chain is said to begin is not signed by a key of ours",
  anchor_missing: "where the chain begins is not in the database any more",
};

function describe({ kind, n, until, entry, at, other }: Finding): string {
  const place = n === null ? "" : until === undefined || until === n ? ` at ${n}` : ` at ${n} to ${until}`;
  const which = entry === null ? "" : ` entry ${entry}`;
  const when = at === null ? "" : ` of ${new Date(at).toISOString()}`;
  return `${kind}${place}${which}${when}: ${words[kind]}${other === undefined ? "" : `, with entry ${other}`}`;
}

function say(world: AuditWorld, text: string, code: number): number {
  world.print(text);
  return code;
}

function complain(world: AuditWorld, text: string): number {
  world.complain(text);
  return 2;
}
