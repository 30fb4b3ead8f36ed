import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./support.ts";

const minute = 60_000;
const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
let api: ApiFixture;

beforeAll(async () => {
  api = await startApi({ trustedProxies: 1 });
  await api.identity.people.ensureOrg("other-clinic", "Other Clinic");
  await api.identity.people.add({
    ...{ id: "stranger", org: "other-clinic", username: "stranger", name: "Stranger" },
    ...{ roles: ["admin"], demo: false, password: null },
  });
});
beforeEach(async () => {
  api.clock.time += 60 * minute;
  for (const person of ["patient", "patient2"])
    await api.identity.sessions.revoke("demo-clinic", person, { except: null });
});
afterAll(() => api.close());

interface In {
  readonly token: string;
  readonly refresh: string;
  readonly session: string;
}

async function signIn(username: string, headers: Readonly<Record<string, string>> = {}): Promise<In> {
  const body = { username, password: `demo-${username}` };
  const answer = await api.call("POST", "/v1/auth/token", { body, headers });
  const { access_token: token, refresh_token: refresh } = answer.body;
  return { token, refresh, session: String(decodeJwt(token).sid) };
}

const items = async (path: string, token: string) => (await api.call("GET", path, { token })).body.items;
const statusOf = async (token: string) => (await api.call("GET", "/v1/me", { token })).status;

test("I see where I am signed in: since when, with what, from where, and which is this one", async () => {
  const begun = api.clock.time;
  const first = await signIn("patient", { "user-agent": firefox, "x-forwarded-for": "203.0.113.77" });
  const second = await signIn("patient", {
    "user-agent": "curl/8.5.0",
    "x-forwarded-for": "2001:db8:12:3456::1",
  });
  api.clock.time += minute;
  const body = { refresh_token: first.refresh };
  const { access_token: token } = (await api.call("POST", "/v1/auth/refresh", { body })).body;
  await signIn("patient2");

  expect(await items("/v1/me/sessions", token)).toEqual([
    {
      ...{ id: first.session, startedAt: begun, refreshedAt: begun + minute, current: true },
      ...{ agent: "Firefox · Windows", network: "203.0.113.0/24", factors: ["pwd"] },
    },
    {
      ...{ id: second.session, startedAt: begun, refreshedAt: begun, current: false },
      ...{ agent: "curl", network: "2001:db8:12::/48", factors: ["pwd"] },
    },
  ]);
});

test("I end one of them: its tokens are refused, and it is in the list no more", async () => {
  const [mine, lost] = [await signIn("patient"), await signIn("patient")];
  const gone: string[] = [];
  const stop = api.identity.sessions.onEnded((session) => gone.push(session));
  expect((await api.call("DELETE", `/v1/me/sessions/${lost.session}`, { token: mine.token })).status).toBe(
    204,
  );
  stop();
  expect(gone).toEqual([lost.session]);
  expect([await statusOf(lost.token), await statusOf(mine.token)]).toEqual([401, 200]);
  const refreshed = await api.call("POST", "/v1/auth/refresh", { body: { refresh_token: lost.refresh } });
  expect(refreshed.body.code).toBe("session_ended");
  expect(await items("/v1/me/sessions", mine.token)).toHaveLength(1);
  const again = await api.call("DELETE", `/v1/me/sessions/${lost.session}`, { token: mine.token });
  expect([again.status, again.body.code]).toEqual([404, "not_found"]);
});

test("I end all others, and stay", async () => {
  const all = [await signIn("patient"), await signIn("patient"), await signIn("patient")];
  const [mine] = all;
  const other = await signIn("patient2");
  const { body } = await api.call("DELETE", "/v1/me/sessions", { token: mine?.token ?? "" });
  expect(body).toEqual({ ended: 2 });
  expect(await Promise.all(all.map(({ token }) => statusOf(token)))).toEqual([200, 401, 401]);
  expect(await statusOf(other.token)).toBe(200);
});

test("nobody ends another's by its id", async () => {
  const [mine, theirs] = [await signIn("patient"), await signIn("patient2")];
  const ends = async (id: string) =>
    (await api.call("DELETE", `/v1/me/sessions/${id}`, { token: mine.token })).status;
  for (const id of [theirs.session, "nonsense"]) expect(await ends(id)).toBe(404);
  for (const id of ["%00", "'%20or%20''='"]) expect(await ends(id)).toBe(400);
  expect(await statusOf(theirs.token)).toBe(200);
});

test("administrators see and end those of their people, which is recorded", async () => {
  const [admin, one, two] = [await signIn("admin"), await signIn("patient"), await signIn("patient")];
  const { token } = admin;
  expect(await items("/v1/people/patient/sessions", token)).toHaveLength(2);
  expect((await api.call("DELETE", `/v1/people/patient/sessions/${one.session}`, { token })).status).toBe(
    204,
  );
  expect([await statusOf(one.token), await statusOf(two.token)]).toEqual([401, 200]);
  const missing = await api.call("DELETE", `/v1/people/patient/sessions/${admin.session}`, { token });
  expect(missing.status).toBe(404);
  expect((await api.call("DELETE", "/v1/people/patient/sessions", { token })).body).toEqual({ ended: 1 });
  expect(await statusOf(two.token)).toBe(401);
  const recorded = await api.audit.list({ org: "demo-clinic", limit: 3 });
  expect(recorded.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail }))).toEqual([
    { actor: "admin", action: "sessions.end", subject: "patient", detail: { ended: 1 } },
    { actor: "admin", action: "sessions.end", subject: "patient", detail: { session: one.session } },
    {
      ...{ actor: "admin", action: "sessions.list", subject: "patient" },
      detail: { purpose: "administration", operation: "listSessions" },
    },
  ]);
});

test("people of another organisation are not there, and others may not look", async () => {
  const grant = await api.identity.sessions.open("stranger");
  const foreign = `/v1/people/stranger/sessions`;
  const asked = async (token: string, path: string) => {
    const calls = [
      ["GET", path],
      ["DELETE", path],
      ["DELETE", `${path}/${grant.session}`],
    ] as const;
    return Promise.all(calls.map(async ([method, at]) => (await api.call(method, at, { token })).status));
  };
  const admin = await api.token("admin");
  expect(await asked(admin, foreign)).toEqual([404, 404, 404]);
  expect(await asked(admin, "/v1/people/nobody/sessions")).toEqual([404, 404, 404]);
  expect(
    (await api.call("DELETE", `/v1/people/patient/sessions/${grant.session}`, { token: admin })).status,
  ).toBe(404);
  for (const person of ["patient", "clinician", "desk", "operator", "auditor"]) {
    expect(await asked(await api.token(person), foreign)).toEqual([403, 403, 403]);
  }
  await expect(api.identity.refresh(grant.refreshToken)).resolves.toBeDefined();
});
