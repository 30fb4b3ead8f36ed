import { createHmac, createPrivateKey, createPublicKey, sign as signBytes } from "node:crypto";
import { base64url, EncryptJWT, exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

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

/** A token with exactly these texts in it, signed by the key of our own issuer. */
async function signedByUs(header: string, payload: string): Promise<string> {
  const key = createPrivateKey({ key: { ...(await api.privateKey()) }, format: "jwk" });
  const text = `${base64url.encode(header)}.${base64url.encode(payload)}`;
  const signature = signBytes("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

/** What attackers send, as the collections of attacks on JWTs have it. Each is a token, or several. */
async function attacks(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { header, claims, seconds } = {
    header: part(good, 0),
    claims: part(good, 1),
    seconds: api.clock.time / 1_000,
  };
  const [head = "", payload = "", signature = ""] = good.split(".");
  const mine = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(mine.publicKey);
  const byMe = (extra: object) =>
    new SignJWT({ ...claims, roles: ["admin"] })
      .setProtectedHeader({ ...header, ...extra })
      .sign(mine.privateKey);
  const unsigned = (extra: object, end = "") => `${encode({ ...header, ...extra })}.${payload}.${end}`;
  const ours = (extra: object, more: object = {}) =>
    signedByUs(JSON.stringify({ ...header, ...more }), JSON.stringify({ ...claims, ...extra }));
  const published = (await api.call("GET", "/.well-known/jwks.json")).body.keys[0];
  const pem = createPublicKey({ key: published, format: "jwk" }).export({ type: "spki", format: "pem" });
  const hmac = (alg: string, secret: string | Buffer) => {
    const text = `${encode({ ...header, alg })}.${payload}`;
    return `${text}.${createHmac(alg.replace("HS", "sha"), secret).update(text).digest("base64url")}`;
  };
  const zero = (length: number, fill = 0) => Buffer.alloc(length, fill).toString("base64url");
  const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  const encrypted = await new EncryptJWT(claims)
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: "at+jwt" })
    .encrypt(new Uint8Array(32));
  return {
    "alg none, however it is spelt": ["none", "None", "NONE", "nOnE", "none ", "", "null"].flatMap((alg) => [
      unsigned({ alg }),
      unsigned({ alg }, signature),
    ]),
    "alg that is no text, or not ours": [
      null,
      [],
      ["ES256"],
      {},
      1,
      true,
      "ES384",
      "ES256K",
      "EdDSA",
      "RS256",
      "PS256",
      "A256KW",
    ].map((alg) => unsigned({ alg }, signature)),
    "HMAC with our public key in every form": ["HS256", "HS384", "HS512"].flatMap((alg) => [
      hmac(alg, pem),
      hmac(alg, String(pem).trim()),
      hmac(alg, JSON.stringify(published)),
      hmac(alg, Buffer.from(published.x, "base64url")),
      hmac(alg, published.kid),
      hmac(alg, ""),
    ]),
    "a key of the attacker's in the header": await Promise.all([
      byMe({ jwk }),
      byMe({ jwk: { ...jwk, kid: published.kid } }),
      byMe({ jku: `${api.url}/.well-known/jwks.json`, kid: "mine" }),
      byMe({ x5u: "http://127.0.0.1:9/key.pem" }),
      byMe({ x5c: ["MIIB"] }),
    ]),
    "names of keys that lead elsewhere": await Promise.all(
      [
        "../../../../dev/null",
        "/dev/null",
        "' or 1=1 --",
        "x' union select 'AA' --",
        "__proto__",
        "constructor",
        "",
        "\u0000",
        "|id",
        "a".repeat(2_000),
      ].map((kid) => byMe({ kid })),
    ),
    "no signature, or one that fits any": [
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${head}.${payload}..`,
      ...[zero(64), zero(64, 255), zero(63), zero(65), zero(1), zero(0), zero(128)].map(
        (end) => `${head}.${payload}.${end}`,
      ),
      `${head}.${payload}.${Buffer.from(order + order, "hex").toString("base64url")}`,
      `${head}.${payload}.${Buffer.from("3006020100020100", "hex").toString("base64url")}`,
    ],
    "well signed, of another type": await Promise.all(
      ["JWT", "jwt", "id+jwt", "dpop+jwt", "", "at+jwt ", "logout+jwt"].map((typ) => ours({}, { typ })),
    ),
    "well signed, with extensions that change how it is read": await Promise.all([
      ours({}, { b64: false, crit: ["b64"] }),
      ours({}, { b64: false }).then((token) => token.replace(payload, JSON.stringify(claims).slice(0, 20))),
      ours({}, { crit: ["exp"] }),
      ours({}, { crit: [] }),
      ours({}, { crit: ["x"], x: 1 }),
      ours({}, { crit: "b64" }),
      ours({}, { zip: "DEF" }).then((token) => `${token}A`),
    ]),
    "well signed, for another audience": await Promise.all(
      [
        [],
        ["another"],
        [["hugmedo"]],
        { 0: "hugmedo" },
        null,
        "",
        "hugmedo ",
        "HUGMEDO",
        "hugmedo,another",
        true,
      ].map((aud) => ours({ aud })),
    ),
    "well signed, at another time": await Promise.all([
      ours({ exp: seconds - 6 }),
      ours({ nbf: seconds + 6 }),
      ours({ exp: String(seconds + 600) }),
      ours({ exp: null }),
      ours({ exp: [seconds + 600] }),
      ours({ nbf: "0" }),
      ours({ iat: {} }),
    ]),
    "well signed, for somebody who cannot be": await Promise.all([
      ours({ sub: "../admin" }),
      ours({ sub: ["admin"] }),
      ours({ roles: ["system"] }),
      ours({ roles: { 0: "admin", length: 1 } }),
      ours({ org: "' or 1=1" }),
      ours({ iss: "another" }),
      ours({ iss: [claims.iss] }),
      ours({ iss: "__proto__" }),
      ours({ amr: ["root"] }),
    ]),
    "keys that are there twice": [
      `${base64url.encode(JSON.stringify(header).replace("{", '{"alg":"none",').replace('"ES256"', '"none"'))}.${payload}.`,
      `${base64url.encode(JSON.stringify(header).replace("}", ',"alg":"none"}'))}.${payload}.${signature}`,
      `${head}.${base64url.encode(JSON.stringify(claims).replace("}", ',"roles":["admin"]}'))}.${signature}`,
    ],
    "something else than a signed token": [
      encrypted,
      `${encode({ ...header, cty: "JWT" })}.${base64url.encode(good)}.${signature}`,
      await signedByUs(JSON.stringify({ ...header, cty: "JWT" }), good),
      await signedByUs(JSON.stringify(header), "[]"),
      await signedByUs(JSON.stringify(header), "null"),
      await signedByUs(JSON.stringify(header), '"admin"'),
      await signedByUs(JSON.stringify(header), "{"),
      await signedByUs("null", JSON.stringify(claims)),
      await signedByUs("[]", JSON.stringify(claims)),
      JSON.stringify({ payload, protected: head, signature }).replaceAll(/\s/g, ""),
      "a.b.c",
      "..",
      ".",
      "....",
      "null",
      "undefined",
      "%00",
    ],
    "cut, or with something more": [
      ...[1, 5, 20].map((less) => good.slice(0, -less)),
      good.slice(1),
      `${good}.${signature}`,
      `${good}.`,
      `.${good}`,
      `${head}..${signature}`,
      `.${payload}.${signature}`,
      `${signature}.${payload}.${head}`,
      `${head}.${payload}.${signature.replace(/^./, "!")}`,
      good.toUpperCase(),
    ],
    "far too long": [
      `${head}.${base64url.encode(JSON.stringify({ ...claims, x: "a".repeat(7_000) }))}.${signature}`,
      await ours({ x: "a".repeat(8_000) }),
      "a".repeat(12_000),
      `${".".repeat(10_000)}`,
    ],
  };
}

test("every known attack on tokens is refused with one and the same answer", async () => {
  good = await api.token("patient");
  const tried = await attacks();
  let count = 0;
  const seen = new Set<string>();
  for (const [name, tokens] of Object.entries(tried)) {
    for (const token of tokens) {
      const { status, body } = await api.call("GET", "/v1/me", {
        headers: { authorization: `Bearer ${token}` },
      });
      expect([status, body.code], `${name}: ${token.slice(0, 300)}`).toEqual([401, "unauthenticated"]);
      seen.add(JSON.stringify({ ...body, instance: "" }));
      count += 1;
    }
  }
  expect(seen.size).toBe(1);
  expect(count).toBeGreaterThan(120);
  expect((await api.call("GET", "/v1/me", { token: good })).status).toBe(200);
});
