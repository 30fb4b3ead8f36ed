import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGuards } from "../resilience/guards.ts";
import { remoteKeys } from "./remote-keys.ts";
import { isTokenFault } from "./verifier.ts";

/** An issuer's JWKS address that can change its keys, fail and hang. */
const site = { keys: [] as JWK[], mode: "serve" as "serve" | "fail" | "hang", asked: 0 };
let server: Server;
let url: string;
const clock = { time: 1_000_000 };

beforeAll(async () => {
  server = createServer((_, response) => {
    site.asked += 1;
    if (site.mode === "hang") return;
    response.statusCode = site.mode === "fail" ? 503 : 200;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: site.keys }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/jwks.json`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function newKey(kid: string): Promise<CryptoKey> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  site.keys.push({ ...(await exportJWK(publicKey)), kid, alg: "ES256" });
  return privateKey;
}

function sign(kid: string, key: CryptoKey): Promise<string> {
  return new SignJWT({ sub: "x" }).setProtectedHeader({ alg: "ES256", kid }).sign(key);
}

function resolver(options: Partial<Parameters<typeof remoteKeys>[1]> = {}) {
  site.mode = "serve";
  site.asked = 0;
  const guards = createGuards({ now: () => clock.time, log: { warn: () => {}, info: () => {} } });
  const guard = guards.guard("identity_provider", { limits: { withinMs: 200, breaker: null } });
  return remoteKeys(url, { now: () => clock.time, timeoutMs: 200, guard, ...options });
}

test("keys are asked for once, and again for a key that is new", async () => {
  const keys = resolver({ cooldownMs: 0 });
  const a = await newKey("a");
  for (let i = 0; i < 3; i += 1) await jwtVerify(await sign("a", a), keys);
  expect(site.asked).toBe(1);
  const b = await newKey("b");
  await jwtVerify(await sign("b", b), keys);
  expect(site.asked).toBe(2);
});

test("a flood of unknown keys does not reach the issuer", async () => {
  const keys = resolver();
  const c = await newKey("c");
  await jwtVerify(await sign("c", c), keys);
  for (let i = 0; i < 10; i += 1) {
    const fault = await jwtVerify(await sign(`made-up-${i}`, c), keys).catch((error: unknown) => error);
    expect(isTokenFault(fault)).toBe(true);
  }
  expect(site.asked).toBe(1);
});

test.each(["fail", "hang"] as const)(
  "while the issuer does %s, the keys known from before go on",
  async (mode) => {
    const keys = resolver({ freshMs: 0 });
    const d = await newKey(`d-${mode}`);
    const token = await sign(`d-${mode}`, d);
    await jwtVerify(token, keys);
    site.mode = mode;
    await jwtVerify(token, keys);
    const asked = site.asked;
    await jwtVerify(token, keys);
    expect(site.asked).toBe(asked);
    site.mode = "serve";
    clock.time += 5_000;
    await jwtVerify(token, keys);
    expect(site.asked).toBe(asked + 1);
  },
);

test("an issuer that was never reached is nobody's fault but its own", async () => {
  const keys = resolver();
  site.mode = "fail";
  const e = await newKey("e");
  const token = await sign("e", e);
  const fault = await jwtVerify(token, keys).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Error);
  expect(isTokenFault(fault)).toBe(false);
  site.mode = "serve";
  clock.time += 5_000;
  await expect(jwtVerify(token, keys)).resolves.toBeDefined();
});
