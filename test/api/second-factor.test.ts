import { decodeJwt } from "jose";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Answer } from "./documented-call.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const minute = 60_000;
let api: ApiFixture;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  api.clock.time += 60 * minute;
  for (const person of ["patient", "desk"]) await api.identity.secondFactors.remove("demo-clinic", person);
  await api.identity.secondFactorRoles.set("demo-clinic", []);
});
afterAll(() => api.close());

const post = (path: string, body: unknown, token?: string) =>
  api.call("POST", path, token === undefined ? { body } : { body, token });
const signIn = (username: string) => post("/v1/auth/token", { username, password: `demo-${username}` });
const answer = (challenge: string, code: string) => post("/v1/auth/second-factor", { challenge, code });
const outcome = ({ status, body }: Answer) => (status < 400 ? status : body.code);

/** The app on a phone. */
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: api.clock.time + steps * 30_000 });

async function enrolled(username: string) {
  const { access_token: token, refresh_token } = (await signIn(username)).body;
  const { secret } = (await post("/v1/me/second-factor", { password: `demo-${username}` }, token)).body;
  const { codes } = (await post("/v1/me/second-factor/confirm", { code: codeOf(secret) }, token)).body;
  api.clock.time += minute;
  return { token, refresh_token, secret, codes };
}

test("it is set up with the password, counts from its first code, and then a sign-in asks for it", async () => {
  const { access_token: token, refresh_token } = (await signIn("patient")).body;
  const state = async () => (await api.call("GET", "/v1/me/second-factor", { token })).body;
  expect(await state()).toEqual({ enabled: false, since: null, recoveryCodesLeft: 0, required: false });

  expect(outcome(await post("/v1/me/second-factor", { password: "guess" }, token))).toBe(
    "credentials_rejected",
  );
  const begun = await post("/v1/me/second-factor", { password: "demo-patient" }, token);
  expect(begun.status).toBe(201);
  const { secret, uri, qr } = begun.body;
  expect(uri).toContain(secret);
  expect(qr).toMatch(/^<svg xmlns.*<\/svg>$/);
  expect((await signIn("patient")).status).toBe(200);

  expect(outcome(await post("/v1/me/second-factor/confirm", { code: "000000" }, token))).toBe(
    "code_rejected",
  );
  const confirmed = await post("/v1/me/second-factor/confirm", { code: codeOf(secret) }, token);
  expect(confirmed.body.codes).toHaveLength(10);
  expect(await state()).toMatchObject({ enabled: true, since: api.clock.time, recoveryCodesLeft: 10 });
  expect(outcome(await post("/v1/me/second-factor", { password: "demo-patient" }, token))).toBe(
    "already_exists",
  );

  // The session that set it up has shown both.
  const refreshed = (await post("/v1/auth/refresh", { refresh_token })).body;
  expect(decodeJwt(refreshed.access_token).amr).toEqual(["pwd", "otp"]);

  const asked = await signIn("patient");
  expect([asked.status, asked.body.code]).toEqual([401, "second_factor_required"]);
  expect(asked.body.challenge).toMatch(/^hmc_[\w-]{43}$/);
  expect(asked.body).not.toHaveProperty("access_token");
  api.clock.time += minute;
  const at = api.clock.time;
  const entered = await answer(asked.body.challenge, codeOf(secret));
  expect(entered.status).toBe(200);
  const claims = decodeJwt(entered.body.access_token);
  expect([claims.amr, claims.auth_time]).toEqual([["pwd", "otp"], at / 1_000]);
  const again = (await post("/v1/auth/refresh", { refresh_token: entered.body.refresh_token })).body;
  expect(decodeJwt(again.access_token)).toMatchObject({ amr: ["pwd", "otp"], auth_time: at / 1_000 });
  const { items } = (await api.call("GET", "/v1/me/sessions", { token: again.access_token })).body;
  expect(items[0].factors).toEqual(["pwd", "otp"]);
  expect(await api.identity.verify(again.access_token)).toMatchObject({ factors: ["pwd", "otp"] });
});

test("a code is good once, a challenge is good once, and both are refused after their time", async () => {
  const { secret } = await enrolled("patient");
  const challenge = async () => (await signIn("patient")).body.challenge;
  const [first, second, third] = [await challenge(), await challenge(), await challenge()];
  const code = codeOf(secret);
  expect(outcome(await answer(first, code))).toBe(200);
  expect(outcome(await answer(second, code))).toBe("code_rejected");
  expect(outcome(await answer(second, codeOf(secret, -1)))).toBe("code_rejected");
  expect(outcome(await answer(second, codeOf(secret, 1)))).toBe(200);
  expect(outcome(await answer(second, codeOf(secret, 2)))).toBe("challenge_expired");
  api.clock.time += 5 * minute;
  expect(outcome(await answer(third, codeOf(secret)))).toBe("challenge_expired");
  expect(outcome(await answer("hmc_nonsense", codeOf(secret)))).toBe("challenge_expired");
  expect(outcome(await answer(await challenge(), codeOf(secret, 2)))).toBe("code_rejected");
});

test("the same code at the same moment lets one in", async () => {
  const { secret } = await enrolled("patient");
  const challenges = await Promise.all(
    [1, 2, 3, 4].map(async () => (await signIn("patient")).body.challenge),
  );
  const answers = await Promise.all(challenges.map((challenge) => answer(challenge, codeOf(secret))));
  expect(answers.map(outcome).sort()).toEqual([200, "code_rejected", "code_rejected", "code_rejected"]);
});

test("guessing ends the challenge after five tries, and is slowed for the person over all of them", async () => {
  const { secret } = await enrolled("patient");
  const wrong = codeOf(secret, 100);
  const { challenge } = (await signIn("patient")).body;
  const tries = [];
  for (let i = 0; i < 6; i += 1) tries.push(outcome(await answer(challenge, wrong)));
  expect(tries).toEqual([...Array(5).fill("code_rejected"), "challenge_expired"]);
  const { challenge: next } = (await signIn("patient")).body;
  for (let i = 0; i < 5; i += 1) expect(outcome(await answer(next, wrong))).toBe("code_rejected");
  const { challenge: third } = (await signIn("patient")).body;
  const slowed = await answer(third, codeOf(secret));
  expect([slowed.status, slowed.body.retryAfterMs]).toEqual([429, 30_000]);
  api.clock.time += 30_000;
  expect(outcome(await answer(third, codeOf(secret)))).toBe(200);
});

test("a recovery code takes the place of the app, once", async () => {
  const { secret, codes } = await enrolled("patient");
  const enter = async (code: string) => answer((await signIn("patient")).body.challenge, code);
  const [lost = "", kept = ""] = codes;
  const entered = await enter(lost.toUpperCase());
  expect(entered.status).toBe(200);
  expect(outcome(await enter(lost))).toBe("code_rejected");
  const token = entered.body.access_token;
  expect((await api.call("GET", "/v1/me/second-factor", { token })).body.recoveryCodesLeft).toBe(9);
  const renewed = await post("/v1/me/second-factor/recovery-codes", { code: codeOf(secret) }, token);
  expect(renewed.body.codes).toHaveLength(10);
  expect(outcome(await enter(kept))).toBe("code_rejected");
  expect(outcome(await enter(renewed.body.codes[3]))).toBe(200);
});

test("it is removed with one of its codes, or by an administrator, who also signs the person out", async () => {
  const { token, secret } = await enrolled("patient");
  expect(outcome(await post("/v1/me/second-factor/remove", { code: codeOf(secret, 50) }, token))).toBe(
    "code_rejected",
  );
  expect(outcome(await post("/v1/me/second-factor/remove", { code: codeOf(secret) }, token))).toBe(204);
  expect(outcome(await post("/v1/me/second-factor/remove", { code: codeOf(secret) }, token))).toBe(
    "not_found",
  );
  expect((await signIn("patient")).status).toBe(200);

  const lost = await enrolled("patient");
  const reset = async (by: string, person: string) =>
    outcome(await api.call("DELETE", `/v1/people/${person}/second-factor`, { token: await api.token(by) }));
  expect(await reset("clinician", "patient")).toBe("forbidden");
  expect(await reset("admin", "nobody")).toBe("not_found");
  expect(await reset("admin", "patient")).toBe(204);
  expect(await reset("admin", "patient")).toBe("not_found");
  expect((await api.call("GET", "/v1/me", { token: lost.token })).body.code).toBe("session_ended");
  expect((await signIn("patient")).status).toBe(200);
});

test("where it is required of a role, who has none sets it up first and can do nothing else", async () => {
  const before = (await signIn("desk")).body;
  const admin = await api.token("admin");
  const require = (roles: readonly string[], token: string) =>
    api.call("PUT", "/v1/organisation/second-factor", { token, body: { roles } });
  expect(outcome(await require(["desk"], before.access_token))).toBe("forbidden");
  for (const role of ["guest", "system", "integrator"]) {
    expect(outcome(await require([role], admin))).toBe("invalid_payload");
  }
  expect((await require(["desk", "desk"], admin)).body).toEqual({ roles: ["desk"] });
  const told = await api.call("GET", "/v1/organisation/second-factor", { token: admin });
  expect(told.body).toEqual({ roles: ["desk"] });

  expect((await signIn("patient")).status).toBe(200);
  const asked = await signIn("desk");
  expect([asked.status, asked.body.code]).toEqual([401, "second_factor_enrolment"]);
  const { challenge } = asked.body;
  expect(outcome(await answer(challenge, "000000"))).toBe("not_found");
  const { secret } = (await post("/v1/auth/second-factor/enrolment", { challenge })).body;
  expect(outcome(await answer(challenge, codeOf(secret, 40)))).toBe("code_rejected");
  const entered = await answer(challenge, codeOf(secret));
  expect(entered.body.recovery_codes).toHaveLength(10);
  expect(decodeJwt(entered.body.access_token).amr).toEqual(["pwd", "otp"]);
  expect(outcome(await post("/v1/auth/second-factor/enrolment", { challenge }))).toBe("challenge_expired");
  expect(outcome(await signIn("desk"))).toBe("second_factor_required");
  // Who signed in with less, before, is asked anew.
  const { refresh_token } = before;
  expect(outcome(await post("/v1/auth/refresh", { refresh_token }))).toBe("session_ended");
});

test("a challenge of somebody who has a second factor cannot be used to set up another", async () => {
  await enrolled("patient");
  const { challenge } = (await signIn("patient")).body;
  expect(outcome(await post("/v1/auth/second-factor/enrolment", { challenge }))).toBe("already_exists");
});

test("what is kept shows no secret, and what is logged no code", async () => {
  const { secret, codes } = await enrolled("patient");
  const logged = JSON.stringify(api.log);
  for (const word of [secret, ...codes]) expect(logged).not.toContain(word);
});
