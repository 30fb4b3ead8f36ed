import { createSecretKey, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { trustedIssuer } from "../../app/sign-in.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createIdentity, type Identity } from "../../core/platform/identity/identity.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { openInMemory } from "../support/in-memory.ts";

/** An OIDC provider on this machine: discovery, keys that change, and outages. */
class Provider {
  readonly asked: string[] = [];
  #server: Server | null = null;
  #port = 0;
  #keys: { readonly jwk: JWK; readonly sign: CryptoKey }[] = [];
  /** What it says its name is; null: the truth. */
  claimsToBe: string | null = null;

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}/realms/clinic`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? "");
      const documents: Readonly<Record<string, unknown>> = {
        "/realms/clinic/.well-known/openid-configuration": {
          issuer: this.claimsToBe ?? this.issuer,
          jwks_uri: `${this.issuer}/certs`,
        },
        "/realms/clinic/certs": { keys: this.#keys.map(({ jwk }) => jwk) },
      };
      const found = documents[request.url ?? ""];
      response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(found ?? {}));
    }).listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    this.#port = typeof address === "object" && address ? address.port : 0;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** Signs with a new key from now on; with `drop` the old ones are forgotten. */
  async rotate(drop = false): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const kid = `k${this.asked.length}-${this.#keys.length}`;
    const key = { jwk: { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" }, sign: privateKey };
    this.#keys = drop ? [key] : [key, ...this.#keys];
  }

  token(claims: JWTPayload, now: number, typ: string | null = "at+jwt"): Promise<string> {
    const [key] = this.#keys;
    if (!key) throw new Error("there is no key");
    const header = { alg: "ES256", kid: String(key.jwk.kid), ...(typ === null ? {} : { typ }) };
    const iat = Math.floor(now / 1_000);
    return new SignJWT({ iss: this.issuer, aud: "hugmedo", sub: "emma", iat, exp: iat + 600, ...claims })
      .setProtectedHeader(header)
      .sign(key.sign);
  }
}

const provider = new Provider();
const clock = { time: Date.UTC(2026, 0, 1) };
const keyRing = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
let database: Database;
let identity: Identity;

const keycloak = {
  OIDC_ORG_CLAIM: "clinic",
  OIDC_ROLES_CLAIM: "groups",
  OIDC_ROLES_MAP: "doctors=clinician,front=desk",
};
/** The product's own wiring of these settings. */
function open(settings: Readonly<Record<string, string>>): Promise<Identity> {
  const { oidc } = loadConfig({ OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: "hugmedo", ...settings });
  if (!oidc) throw new Error("no issuer is configured");
  return createIdentity({
    ...{ db: database.db, tenants: database.tenants, keyRing, audience: "hugmedo", allowDemo: false },
    logger: createLogger({ level: "silent" }),
    now: () => clock.time,
    trusted: [trustedIssuer(oidc, { now: () => clock.time, cooldownMs: 0, timeoutMs: 1_000 })],
    trustedOrgs: typeof oidc.org === "string" ? [oidc.org] : [],
  });
}

beforeAll(async () => {
  await provider.start();
  await provider.rotate();
  database = await openInMemory();
  identity = await open(keycloak);
  await identity.people.ensureOrg("north", "North Clinic");
  await identity.people.ensureOrg("south", "South Clinic");
});
beforeEach(() => {
  clock.time += 3_600_000;
});
afterAll(async () => {
  await provider.stop();
  await database.close();
});

const emma = { clinic: "north", name: "Dr. Emma Lindqvist", groups: ["doctors", "admin"], sid: "s1" };
const verify = async (claims: JWTPayload) => identity.verify(await provider.token(claims, clock.time));
const code = (wanted: string) => expect.objectContaining({ code: wanted });

describe("a token of a provider that is asked where its keys are", () => {
  test("stands for a person of the organisation in its claim, with the roles that its groups stand for", async () => {
    const who = await verify(emma);
    expect(who).toMatchObject({ org: "north", name: emma.name, roles: ["clinician"] });
    expect(who.id).toMatch(/^x-[0-9a-f]{30}$/);
    expect(provider.asked.slice(0, 2)).toEqual([
      "/realms/clinic/.well-known/openid-configuration",
      "/realms/clinic/certs",
    ]);
  });

  test("makes its person known at first sight, and name and roles follow the tokens", async () => {
    const { id } = await verify(emma);
    expect(await identity.people.find("north", id)).toMatchObject({
      name: emma.name,
      roles: ["clinician"],
      username: null,
    });
    await verify({ ...emma, name: "Dr. Emma Berg", groups: ["front"] });
    expect(await identity.people.find("north", id)).toMatchObject({ name: "Dr. Emma Berg", roles: ["desk"] });
    expect([...(await identity.people.names("north", [id]))]).toEqual([[id, "Dr. Emma Berg"]]);
  });

  test("is refused for an organisation that is not here, or is named in no way that can be", async () => {
    for (const clinic of ["west", "", "../north", "North", ["north"], undefined, null, "a".repeat(40)]) {
      await expect(verify({ ...emma, sid: "s2", clinic })).rejects.toThrow(code("unauthenticated"));
    }
    expect(await identity.people.orgName("west")).toBeNull();
  });

  test("does not carry a person over into another organisation", async () => {
    await verify({ ...emma, sub: "jonas", sid: "j1" });
    await expect(verify({ ...emma, sub: "jonas", sid: "j2", clinic: "south" })).rejects.toThrow(
      code("session_ended"),
    );
  });

  test("gives no role that nobody mapped, and never that of the engine", async () => {
    expect(
      (await verify({ ...emma, groups: ["admin", "system", "__proto__", "constructor"] })).roles,
    ).toEqual([]);
    expect((await verify({ ...emma, groups: "front doctors" })).roles).toEqual(["clinician", "desk"]);
    expect((await verify({ ...emma, groups: { doctors: true } })).roles).toEqual([]);
  });

  test.each([
    [{ amr: ["pwd"] }, ["pwd"]],
    [{ amr: ["pwd", "otp"] }, ["pwd", "otp"]],
    [{ amr: ["mfa"] }, ["otp"]],
    [{ acr: "phr" }, ["otp"]],
    [{ acr: "1" }, undefined],
    [{}, undefined],
  ])("%j: what was shown for it", async (evidence, factors) => {
    expect((await verify({ ...emma, ...evidence })).factors).toEqual(factors);
  });

  test("belongs to a sign-in that is listed, and can be ended here", async () => {
    const { id, session } = await verify({ ...emma, sub: "maria", sid: "m1", amr: ["pwd", "mfa"] });
    await verify({ ...emma, sub: "maria", sid: "m2" });
    const listed = await identity.sessions.list("north", id);
    expect(listed.map((one) => one.id)).toContain(session);
    expect(listed.find((one) => one.id === session)?.factors).toEqual(["pwd", "otp"]);
    expect(await identity.sessions.revoke("north", id, { only: session })).toBe(1);
    await expect(verify({ ...emma, sub: "maria", sid: "m1" })).rejects.toThrow(code("session_ended"));
    await expect(verify({ ...emma, sub: "maria", sid: "m2" })).resolves.toBeDefined();
    // Also where nobody remembers it.
    const restarted = await open(keycloak);
    clock.time += 2 * 3_600_000;
    const token = await provider.token({ ...emma, sub: "maria", sid: "m1" }, clock.time);
    await expect(restarted.verify(token)).rejects.toThrow(code("session_ended"));
  });

  test("of somebody who was disabled here is refused", async () => {
    const { id } = await verify({ ...emma, sub: "left", sid: "l1" });
    await identity.disable(id);
    clock.time += 61_000;
    await expect(verify({ ...emma, sub: "left", sid: "l1" })).rejects.toThrow(code("session_ended"));
    await expect(verify({ ...emma, sub: "left", sid: "l2" })).rejects.toThrow(code("session_ended"));
  });
});

test("a new key of the provider is found, a dropped one is no good any more", async () => {
  const before = await provider.token(emma, clock.time);
  await provider.rotate();
  await expect(verify(emma)).resolves.toBeDefined();
  await expect(identity.verify(before)).resolves.toBeDefined();
  await provider.rotate(true);
  await expect(verify(emma)).resolves.toBeDefined();
  await expect(identity.verify(before)).rejects.toThrow(code("unauthenticated"));
});

test("while the provider is away, known keys go on; who never asked it says so, and asks again later", async () => {
  const good = await provider.token(emma, clock.time);
  await identity.verify(good);
  await provider.stop();
  await expect(identity.verify(good)).resolves.toBeDefined();
  const fresh = await open(keycloak);
  await expect(fresh.verify(good)).rejects.toThrow(code("unavailable"));
  await provider.start();
  await expect(fresh.verify(good)).rejects.toThrow(code("unavailable"));
  clock.time += 6_000;
  await expect(fresh.verify(good)).resolves.toBeDefined();
});

test("a provider that says it is another one is not believed", async () => {
  provider.claimsToBe = "https://evil.example";
  const other = await open(keycloak);
  await expect(other.verify(await provider.token(emma, clock.time))).rejects.toThrow(code("unavailable"));
  provider.claimsToBe = null;
});

test("Amazon Cognito's access tokens: the app in client_id, groups, no type, and one organisation for all", async () => {
  const cognito = await open({
    ...{ OIDC_JWKS: `${provider.issuer}/certs`, OIDC_AUDIENCE_CLAIM: "client_id", OIDC_TOKEN_TYPE: "any" },
    ...{ OIDC_ORG: "east", OIDC_ROLES_CLAIM: "cognito:groups" },
  });
  const claims = {
    ...{
      aud: "nobody",
      sub: "cognito-emma",
      client_id: "hugmedo",
      token_use: "access",
      origin_jti: "o1",
      username: "emma",
    },
    "cognito:groups": ["clinician", "eu-west-1_pool"],
  };
  const token = (more: JWTPayload = {}) => provider.token({ ...claims, ...more }, clock.time, null);
  const who = await cognito.verify(await token());
  expect(who).toMatchObject({ org: "east", roles: ["clinician"] });
  expect(await cognito.people.find("east", who.id)).toMatchObject({ roles: ["clinician"] });
  await expect(cognito.verify(await token({ token_use: "id" }))).rejects.toThrow(code("unauthenticated"));
  await expect(cognito.verify(await token({ client_id: "another" }))).rejects.toThrow(
    code("unauthenticated"),
  );
});
