import type { Role } from "../core/domain/principal.ts";
import { openKeyFile } from "../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../core/platform/database/database.ts";
import { createIdentity } from "../core/platform/identity/identity.ts";
import { createLogger } from "../core/platform/logger.ts";
import type { Postgres } from "../test/support/postgres.ts";
import { type Server, startServer } from "../test/support/server.ts";
import { mapAtOnce } from "./at-once.ts";

const audience = "hugmedo";
const org = "bench";
const connections = 10;
const tokenLifetime = 12 * 3_600_000;

/** A person with a token that outlasts the benchmark. */
export interface Account {
  readonly person: string;
  readonly token: string;
  /** Good for a further one. */
  readonly refreshToken: string;
}

export interface ProductOptions {
  readonly databaseUrl: string;
  /** Where the server keeps its master keys, over all its starts. */
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for the server's Node. */
  readonly nodeOptions?: readonly string[];
}

/** The product as `npm start` runs it, on a PostgreSQL. */
export function startProduct({
  databaseUrl,
  dataDir,
  env = {},
  nodeOptions = [],
}: ProductOptions): Promise<Server> {
  return startServer({
    dataDir,
    nodeOptions,
    env: { DATABASE_URL: databaseUrl, LOG_LEVEL: "warn", DEMO: "0", ...env },
  });
}

export function databaseUrl(postgres: Postgres, name: string): string {
  return `postgres://postgres@127.0.0.1:${postgres.port}/${name}`;
}

/** Through the product's own identity, without passwords: hashing hundreds of them would take minutes. */
export async function seedAccounts(
  url: string,
  dataDir: string,
  people: readonly string[],
  role: Role,
): Promise<readonly Account[]> {
  const database = await openPostgres(url, connections);
  const identity = await createIdentity({
    db: database.db,
    tenants: database.tenants,
    keyRing: await openKeyFile(`${dataDir}/master-keys.json`),
    logger: createLogger({ level: "warn" }),
    now: Date.now,
    audience,
    allowDemo: false,
    accessLifetimeMs: tokenLifetime,
  });
  const about = { org, roles: [role], demo: false, password: null };
  try {
    await identity.people.ensureOrg(org, "Benchmark");
    return await mapAtOnce(people, connections, async (person) => {
      await identity.people.add({ id: person, username: person, name: person, ...about });
      const { refreshToken } = await identity.sessions.open(person);
      const signedIn = await identity.refresh(refreshToken);
      return { person, token: signedIn.accessToken, refreshToken: signedIn.refreshToken };
    });
  } finally {
    identity.close();
    await database.close();
  }
}

/** A POST of the REST API; throws unless it succeeds. */
export async function post(
  url: string,
  token: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (response.ok && typeof answer === "object" && answer !== null) return { ...answer };
  throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
}
