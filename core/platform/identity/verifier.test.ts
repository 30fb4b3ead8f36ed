import {
  base64url,
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { localPrincipal, oidcPrincipal } from "./claims.ts";
import { createTokenVerifier, type TokenVerifier, type TrustedIssuer } from "./verifier.ts";

const now = Date.UTC(2026, 0, 1);
const iat = now / 1_000;
const claims = {
  iss: "hugmedo",
  aud: "hugmedo",
  sub: "patient",
  org: "demo-clinic",
  name: "花",
  roles: ["patient"],
  sid: "s1",
  iat,
  exp: iat + 600,
};
const unauthenticated = expect.objectContaining({ code: "unauthenticated" });

let pair: { publicKey: CryptoKey; privateKey: CryptoKey };
let stranger: typeof pair;
let issuer: TrustedIssuer;
let verify: TokenVerifier;
const ended = new Set<string>();

beforeAll(async () => {
  pair = await generateKeyPair("ES256", { extractable: true });
  stranger = await generateKeyPair("ES256", { extractable: true });
  issuer = {
    issuer: "hugmedo",
    audience: "hugmedo",
    type: "at+jwt",
    algorithms: ["ES256"],
    keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1" }] }),
    principal: localPrincipal,
  };
  verify = verifier([issuer]);
});

function verifier(issuers: readonly TrustedIssuer[]): TokenVerifier {
  return createTokenVerifier({ issuers, now: () => now, sessionAlive: (session) => !ended.has(session) });
}

function sign(
  payload: JWTPayload,
  header: Record<string, string> = {},
  key = pair.privateKey,
): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k1", ...header })
    .sign(key);
}

function without(...names: (keyof typeof claims)[]): JWTPayload {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.some((each) => each === name)));
}

test("a good token gives its principal", async () => {
  expect(await verify(await sign(claims))).toEqual({
    id: "patient",
    org: "demo-clinic",
    name: "花",
    roles: ["patient"],
    session: "s1",
  });
});

test("clocks may differ by five seconds and no more", async () => {
  await expect(verify(await sign({ ...claims, exp: iat - 4 }))).resolves.toBeDefined();
  await expect(verify(await sign({ ...claims, exp: iat - 6 }))).rejects.toThrow(unauthenticated);
  await expect(verify(await sign({ ...claims, nbf: iat + 4 }))).resolves.toBeDefined();
  await expect(verify(await sign({ ...claims, nbf: iat + 6 }))).rejects.toThrow(unauthenticated);
});

test("a token of an ended session is refused as such", async () => {
  ended.add("s2");
  await expect(verify(await sign({ ...claims, sid: "s2" }))).rejects.toThrow(
    expect.objectContaining({ code: "session_ended" }),
  );
});

test("an issuer that cannot be asked for its keys is not the token's fault", async () => {
  const down = verifier([{ ...issuer, keys: () => Promise.reject(new TypeError("fetch failed")) }]);
  await expect(down(await sign(claims))).rejects.toThrow(expect.objectContaining({ code: "unavailable" }));
});

describe("claims that are refused", () => {
  test.each<[string, JWTPayload]>([
    ["expired", { ...claims, exp: iat - 60 }],
    ["without an end", without("exp")],
    ["without a beginning", without("iat")],
    ["for another audience", { ...claims, aud: "another" }],
    ["without an audience", without("aud")],
    ["of another issuer", { ...claims, iss: "https://evil.example" }],
    ["without an issuer", without("iss")],
    ["without a subject", without("sub")],
    ["with a subject that is no id", { ...claims, sub: "../admin" }],
    ["without a session", without("sid")],
    ["without an organisation", without("org")],
    ["of the engine itself", { ...claims, roles: ["system"] }],
    ["with a role that is none", { ...claims, roles: ["root"] }],
    ["with roles that are no list", { ...claims, roles: "admin" }],
  ])("%s", async (_, payload) => {
    await expect(verify(await sign(payload))).rejects.toThrow(unauthenticated);
  });
});

describe("forgeries that are refused", () => {
  test("a changed payload", async () => {
    const [head, , signature] = (await sign(claims)).split(".");
    const payload = base64url.encode(JSON.stringify({ ...claims, roles: ["admin"] }));
    await expect(verify(`${head}.${payload}.${signature}`)).rejects.toThrow(unauthenticated);
  });

  test("a changed signature", async () => {
    const token = await sign(claims);
    const at = token.lastIndexOf(".") + 10;
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    await expect(verify(changed)).rejects.toThrow(unauthenticated);
  });

  test("another's key under our kid", async () => {
    await expect(verify(await sign(claims, {}, stranger.privateKey))).rejects.toThrow(unauthenticated);
  });

  test("an unknown kid", async () => {
    await expect(verify(await sign(claims, { kid: "k2" }))).rejects.toThrow(unauthenticated);
  });

  test("alg: none", async () => {
    await expect(verify(new UnsecuredJWT(claims).encode())).rejects.toThrow(unauthenticated);
    const [, payload] = (await sign(claims)).split(".");
    for (const alg of ["none", "None", "NONE"]) {
      const head = base64url.encode(JSON.stringify({ alg, typ: "at+jwt", kid: "k1" }));
      await expect(verify(`${head}.${payload}.`)).rejects.toThrow(unauthenticated);
    }
  });

  test("our public key taken for an HMAC secret", async () => {
    const jwk = JSON.stringify(await exportJWK(pair.publicKey));
    for (const secret of [await exportSPKI(pair.publicKey), jwk]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "k1" })
        .sign(new TextEncoder().encode(secret));
      await expect(verify(token)).rejects.toThrow(unauthenticated);
    }
  });

  test("a key that the token brings along", async () => {
    const jwk = await exportJWK(stranger.publicKey);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k1", jwk })
      .sign(stranger.privateKey);
    await expect(verify(token)).rejects.toThrow(unauthenticated);
  });

  test("another type of token", async () => {
    for (const typ of ["JWT", "id+jwt", "refresh"]) {
      await expect(verify(await sign(claims, { typ }))).rejects.toThrow(unauthenticated);
    }
    const untyped = await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .sign(pair.privateKey);
    await expect(verify(untyped)).rejects.toThrow(unauthenticated);
  });

  test.each(["", ".", "..", "a.b.c", "x".repeat(10_000), "null", "e30.e30.", "\u0000"])(
    "not a token: %j",
    async (token) => {
      await expect(verify(token)).rejects.toThrow(unauthenticated);
    },
  );

  test("a good token that is too long to look at", async () => {
    await expect(verify(await sign({ ...claims, pad: "x".repeat(8_192) }))).rejects.toThrow(unauthenticated);
  });
});

describe("an OIDC issuer", () => {
  const iss = "https://id.example/pool";
  const outside: JWTPayload = {
    iss,
    aud: "hugmedo",
    sub: "a1b2c3d4-0000-1111-2222-333344445555",
    name: "Outside",
    roles: ["clinician", "janitor", "system"],
    sid: "abc",
    iat,
    exp: iat + 600,
  };
  const oidc = (given: Partial<TrustedIssuer> = {}) =>
    verifier([
      issuer,
      {
        ...issuer,
        issuer: iss,
        type: null,
        principal: oidcPrincipal({ org: "clinic", rolesClaim: "roles" }),
        ...given,
      },
    ]);

  test("its people get ids and roles of ours, and sessions that cannot be taken for ours", async () => {
    const principal = await oidc()(await sign(outside, { typ: "JWT" }));
    expect(principal).toEqual({
      id: expect.stringMatching(/^x-[0-9a-f]{30}$/),
      org: "clinic",
      name: "Outside",
      roles: ["clinician"],
      session: expect.stringMatching(/^x-[0-9a-f]{30}$/),
    });
    expect(await oidc()(await sign(outside))).toEqual(principal);
    expect((await oidc()(await sign({ ...outside, sub: "another" }))).id).not.toBe(principal.id);
  });

  test("its tokens are not taken for ours, nor ours for its", async () => {
    const other = oidc({
      keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(stranger.publicKey)), kid: "k1" }] }),
    });
    await expect(other(await sign(claims, {}, stranger.privateKey))).rejects.toThrow(unauthenticated);
    await expect(other(await sign(outside))).rejects.toThrow(unauthenticated);
    await expect(other(await sign(outside, {}, stranger.privateKey))).resolves.toBeDefined();
  });

  test("its ID tokens are no access tokens", async () => {
    await expect(oidc()(await sign({ ...outside, token_use: "id" }))).rejects.toThrow(unauthenticated);
    await expect(oidc()(await sign({ ...outside, token_use: "access" }))).resolves.toBeDefined();
    for (const mark of [{ typ: "ID" }, { typ: "Refresh" }, { at_hash: "x" }, { c_hash: "x" }]) {
      await expect(oidc()(await sign({ ...outside, ...mark }))).rejects.toThrow(unauthenticated);
    }
    await expect(oidc()(await sign({ ...outside, typ: "Bearer" }))).resolves.toBeDefined();
  });

  test("the audience may stand in client_id", async () => {
    const cognito = oidc({ audienceClaim: "client_id" });
    const { aud: _none, ...bare } = outside;
    await expect(cognito(await sign({ ...bare, client_id: "hugmedo" }))).resolves.toBeDefined();
    await expect(cognito(await sign({ ...bare, client_id: "another" }))).rejects.toThrow(unauthenticated);
    await expect(cognito(await sign(outside))).rejects.toThrow(unauthenticated);
  });
});
