import { createHmac } from "node:crypto";
import { base64url, generateKeyPair, importJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./support.ts";

let api: ApiFixture;
let good: string;

beforeAll(async () => {
  api = await startApi();
  good = await api.token("patient");
});
afterAll(() => api.close());

const part = (token: string, index: number) =>
  JSON.parse(new TextDecoder().decode(base64url.decode(token.split(".")[index] ?? "")));
const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

/** A token of our form, signed by a key that is not ours. */
async function forge(claims: JWTPayload, header: Readonly<Record<string, string>>): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256");
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", ...header }).sign(privateKey);
}

async function expectRefused(token: string, code = "unauthenticated"): Promise<void> {
  for (const [method, path] of [
    ["GET", "/v1/me"],
    ["GET", "/v1/rooms/chat/demo/messages"],
    ["POST", "/v1/rooms/chat/demo/commands"],
  ] as const) {
    const { status, body, headers } = await api.call(method, path, { token });
    expect(status).toBe(401);
    expect(body.code).toBe(code);
    expect(headers.get("www-authenticate")).toBe('Bearer realm="hugmedo"');
  }
}

test("the good token is good", async () => {
  expect((await api.call("GET", "/v1/me", { token: good })).status).toBe(200);
  expect(part(good, 0)).toMatchObject({ alg: "ES256", typ: "at+jwt" });
});

test("no token, or something else in its place", async () => {
  expect((await api.call("GET", "/v1/me")).body.code).toBe("unauthenticated");
  for (const authorization of [
    "Bearer",
    "Bearer ",
    "Basic cGF0aWVudDpkZW1v",
    good,
    `Token ${good}`,
    `Bearer ${good} x`,
  ]) {
    const { status, body } = await api.call("GET", "/v1/me", { headers: { authorization } });
    expect(status).toBe(401);
    expect(body.code).toBe("unauthenticated");
  }
  expect((await api.call("GET", `/v1/me?access_token=${good}`)).status).toBe(401);
});

test("expired", async () => {
  const token = await api.token("patient");
  api.clock.time += 604_000;
  expect((await api.call("GET", "/v1/me", { token })).status).toBe(200);
  api.clock.time += 2_000;
  await expectRefused(token);
  good = await api.token("patient");
});

test("tampered", async () => {
  const [head, , signature] = good.split(".");
  await expectRefused(`${head}.${encode({ ...part(good, 1), sub: "admin", roles: ["admin"] })}.${signature}`);
  const at = good.length - 20;
  await expectRefused(good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1));
});

test("for another audience, or by another issuer, even well signed by our own key", async () => {
  const key = await ourPrivateKey();
  const sign = (claims: JWTPayload) => new SignJWT(claims).setProtectedHeader(part(good, 0)).sign(key);
  expect((await api.call("GET", "/v1/me", { token: await sign(part(good, 1)) })).status).toBe(200);
  await expectRefused(await sign({ ...part(good, 1), aud: "another" }));
  await expectRefused(await sign({ ...part(good, 1), iss: "another" }));
  await expectRefused(await sign({ ...part(good, 1), roles: ["system"] }));
});

test("of another type", async () => {
  const key = await ourPrivateKey();
  for (const typ of ["JWT", "id+jwt"]) {
    await expectRefused(
      await new SignJWT(part(good, 1)).setProtectedHeader({ ...part(good, 0), typ }).sign(key),
    );
  }
});

test("alg: none", async () => {
  const [, payload] = good.split(".");
  await expectRefused(`${encode({ ...part(good, 0), alg: "none" })}.${payload}.`);
});

test("signed by HMAC with our public key", async () => {
  const { body } = await api.call("GET", "/.well-known/jwks.json");
  for (const secret of [JSON.stringify(body.keys[0]), JSON.stringify(body)]) {
    const text = `${encode({ ...part(good, 0), alg: "HS256" })}.${good.split(".")[1]}`;
    await expectRefused(`${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`);
  }
});

test("of an unknown key, or of a stranger's under our key's name", async () => {
  const { alg: _alg, ...header } = part(good, 0);
  await expectRefused(await forge(part(good, 1), { ...header, kid: "unknown" }));
  await expectRefused(await forge(part(good, 1), header));
});

test("of a session that has ended", async () => {
  const token = await api.token("patient");
  await api.call("POST", "/v1/auth/logout", { token });
  await expectRefused(token, "session_ended");
});

test("the published keys verify our tokens, and hold no secret", async () => {
  const { body, headers } = await api.call("GET", "/.well-known/jwks.json");
  expect(headers.get("cache-control")).toBe("public, max-age=300");
  expect(body.keys.map((key: { kid: string }) => key.kid)).toContain(part(good, 0).kid);
  for (const key of body.keys) expect(key).not.toHaveProperty("d");
});

/** Taken from the database through the identity's own key ring; see `signing-keys.ts`. */
async function ourPrivateKey() {
  const key = await importJWK(await api.privateKey(), "ES256");
  if (key instanceof Uint8Array) throw new Error("not a key pair");
  return key;
}
