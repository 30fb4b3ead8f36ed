import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openTrail } from "../../app/records.ts";
import { runAudit } from "../../app/records-cli.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createS3Store, type S3Store } from "../../core/platform/objects/s3-store.ts";
import { createSealer } from "../../core/platform/records/sealer.ts";
import { createAudit } from "../../core/platform/repositories/audit.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";
import { S3Server, s3Bucket, s3Credentials, s3Region } from "../support/s3-server.ts";

/** `hugmedo audit verify` as an operator calls it, where objects are in a bucket. */
const s3 = new S3Server();
const folder = temporaryFolder("audit-command");
let env: Record<string, string>;
let postgres: Postgres;
let database: Database;
let store: S3Store;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", s3Credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", s3Credentials.secretAccessKey);
  await s3.listen();
  postgres = await startPostgres();
  env = {
    ...{ DATABASE_URL: postgres.url, DATA_DIR: folder.path },
    ...{ S3_BUCKET: s3Bucket, S3_ENDPOINT: s3.url, S3_REGION: s3Region, S3_FORCE_PATH_STYLE: "1" },
  };
  const config = loadConfig(env);
  if (config.s3 === null) throw new Error("no bucket");
  store = createS3Store(config.s3);
  database = await openPostgres(postgres.url, 3);
  const now = Date.now;
  const trail = openTrail({
    ...{ database, ring: await openKeyFile(config.keyFile), objects: store, now, checkpointFile: null },
  });
  const audit = createAudit(database.db, database.tenants);
  for (const org of ["north", "south"])
    await audit.recordAll(
      Array.from({ length: 5 }, (_, i) => ({ org, at: now() + i, actor: "anna", action: "messages.read" })),
    );
  const log = createLogger({ level: "silent", process: "test" });
  await createSealer({
    ...{ ...trail, log, now, everyMs: 50, checkpointEntries: 1, checkpointMs: 1 },
  }).round();
}, 120_000);
afterAll(async () => {
  store.dispose();
  await database.close();
  await postgres.dispose();
  s3.close();
  vi.unstubAllEnvs();
  folder.remove();
});

async function verify(): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const code = await runAudit(["verify", "--json"], { env, print: say, complain: say });
  return { code, said: said.join("\n") };
}

test("the checkpoints that are kept outside are those in the bucket", async () => {
  const { code, said } = await verify();
  expect(JSON.parse(said)).toMatchObject({
    ok: true,
    organisations: [
      { org: "north", links: 5, checkpoints: 1, kept: 1 },
      { org: "south", links: 5, checkpoints: 1, kept: 1 },
    ],
  });
  expect(code).toBe(0);
});

test("an organisation of which the database has nothing any more is found missing", async () => {
  for (const table of ["audit_entry", "audit_seal", "audit_head", "audit_checkpoint"])
    await query(postgres.url, `delete from ${table} where org = 'south'`);
  const { code, said } = await verify();
  expect(code).toBe(1);
  expect(JSON.parse(said)).toMatchObject({
    ok: false,
    organisations: [
      { org: "north", findings: [] },
      {
        org: "south",
        findings: [
          { kind: "checkpoint_missing", n: 5 },
          { kind: "truncated", n: 1, until: 5 },
        ],
      },
    ],
  });
});
