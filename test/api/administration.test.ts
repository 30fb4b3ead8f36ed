import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let admin: string;

beforeAll(async () => {
  api = await startApi();
  admin = await api.token("admin");
  await api.identity.people.ensureOrg("other", "Other Clinic");
  const stranger = { id: "stranger", org: "other", username: "stranger", name: "A stranger" };
  await api.identity.people.add({ ...stranger, roles: ["admin"], demo: false, password: null });
}, 60_000);
afterAll(() => api.close());

const add = (body: object) =>
  api.call("POST", "/v1/people", {
    token: admin,
    body: { username: "nurse", name: "Nurse", roles: ["desk"], ...body },
  });
const change = (id: string, body: object, headers: Record<string, string> = {}, token = admin) =>
  api.call("PATCH", `/v1/people/${id}`, { token, body, headers });
const signIn = (username: string, password: string) =>
  api.call("POST", "/v1/auth/token", { body: { username, password } });
const actions = async () =>
  (await api.audit.list({ org: "demo-clinic", limit: 200 })).map(({ action, subject }) => [action, subject]);

describe("people", () => {
  test("are added with a password, sign in, and are found; without one they sign in elsewhere", async () => {
    const password = "long enough a secret";
    const { status, body } = await add({ username: "Ｎurse1", name: "看護師 A", password });
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^p-[0-9a-f]{24}$/),
        ...{
          username: "nurse1",
          name: "看護師 A",
          roles: ["desk"],
          disabled: false,
          demo: false,
          revision: 1,
        },
      },
    ]);
    expect((await signIn("nurse1", password)).status).toBe(200);
    expect((await add({ username: "nurse2" })).status).toBe(201);
    expect((await signIn("nurse2", "")).status).toBe(400);
    expect((await signIn("nurse2", "anything at all")).body.code).toBe("credentials_rejected");
    expect(await actions()).toContainEqual(["people.create", body.id]);
    const found = await api.call("GET", `/v1/people/${body.id}`, { token: admin });
    expect([found.status, found.body]).toEqual([200, body]);
    expect(found.headers.get("etag")).toMatch(/^"1\./);
  });

  test("cannot be added twice, nor with roles that are not an organisation's to give", async () => {
    expect((await add({ username: "DESK" })).body.code).toBe("already_exists");
    // Names are one space for all who sign in here.
    expect((await add({ username: "stranger" })).body.code).toBe("already_exists");
    for (const role of ["operator", "system", "guest", "root"]) {
      expect((await add({ username: "climber", roles: ["desk", role] })).body.code).toBe("invalid_payload");
    }
    expect((await add({ username: "weak", password: "short" })).body.code).toBe("invalid_payload");
  });

  test("are an administrator's to change, and nobody else's; of other organisations there is nobody", async () => {
    for (const who of ["patient", "clinician", "desk", "auditor", "operator"]) {
      const token = await api.token(who);
      expect((await api.call("GET", "/v1/people/patient", { token })).body.code).toBe("forbidden");
      expect((await change("patient", { name: "x" }, {}, token)).body.code).toBe("forbidden");
      const body = { username: "x", name: "x", roles: ["desk"] };
      expect((await api.call("POST", "/v1/people", { token, body })).body.code).toBe("forbidden");
      expect((await api.call("GET", "/v1/organisation", { token })).body.code).toBe("forbidden");
    }
    expect((await api.call("GET", "/v1/people/stranger", { token: admin })).status).toBe(404);
    expect((await change("stranger", { name: "mine" })).status).toBe(404);
    expect((await api.identity.people.byId("stranger"))?.name).toBe("A stranger");
    expect((await change("operator", { roles: ["desk"] })).body.code).toBe("forbidden");
    expect((await change("operator", { disabled: true })).body.code).toBe("forbidden");
  });

  test("change one at a time: what was read before is refused", async () => {
    const { headers } = await api.call("GET", "/v1/people/clinician2", { token: admin });
    const etag = headers.get("etag") ?? "";
    const first = await change("clinician2", { name: "田中 美咲" }, { "if-match": etag });
    expect([first.status, first.body.name, first.body.revision]).toEqual([200, "田中 美咲", 2]);
    const late = await change("clinician2", { name: "late" }, { "if-match": etag });
    expect([late.status, late.body.code]).toEqual([412, "precondition_failed"]);
    expect((await change("clinician2", {})).body.code).toBe("invalid_payload");
  });

  test("who are disabled or get other roles are signed out, and come back as what they are now", async () => {
    const token = await api.token("patient3");
    expect((await api.call("GET", "/v1/me", { token })).status).toBe(200);
    expect((await change("patient3", { disabled: true })).body).toMatchObject({ disabled: true });
    expect((await api.call("GET", "/v1/me", { token })).status).toBe(401);
    expect((await signIn("patient3", "demo-patient3")).body.code).toBe("credentials_rejected");
    expect((await change("patient3", { disabled: false, roles: ["patient", "desk"] })).status).toBe(200);
    const back = await api.token("patient3");
    expect((await api.call("GET", "/v1/me", { token: back })).body.roles).toEqual(["patient", "desk"]);
    expect((await change("patient3", { roles: ["patient"] })).status).toBe(200);
    expect((await api.call("GET", "/v1/me", { token: back })).status).toBe(401);
  });

  test("keep one administrator, also where two step down at once", async () => {
    for (const gone of [{ disabled: true }, { roles: ["desk"] }]) {
      expect((await change("admin", gone)).body.code).toBe("last_administrator");
    }
    expect((await change("desk", { roles: ["desk", "admin"] })).status).toBe(200);
    const outcomes = await Promise.all([
      api.identity.administer.change("demo-clinic", "desk", null, { roles: ["desk"] }).catch(String),
      api.identity.administer.change("demo-clinic", "admin", null, { disabled: true }).catch(String),
    ]);
    expect(outcomes.filter((outcome) => typeof outcome === "string")).toHaveLength(1);
    await api.identity.administer.change("demo-clinic", "admin", null, { disabled: false, roles: ["admin"] });
    admin = await api.token("admin");
  });

  test("are not changed where the audit cannot be written", async () => {
    api.faults.audit = new Error("disk full");
    expect((await change("patient2", { name: "unseen" })).status).toBe(503);
    api.faults.audit = null;
    expect((await api.identity.people.byId("patient2"))?.name).toBe("Daniel Okafor");
  });
});

test("an organisation is renamed by its administrators, in turn", async () => {
  const read = await api.call("GET", "/v1/organisation", { token: admin });
  expect(read.body).toEqual({ id: "demo-clinic", name: "Demo Clinic", revision: 1 });
  const etag = read.headers.get("etag") ?? "";
  const rename = (name: string) =>
    api.call("PATCH", "/v1/organisation", { token: admin, body: { name }, headers: { "if-match": etag } });
  expect((await rename("北クリニック")).body).toEqual({
    id: "demo-clinic",
    name: "北クリニック",
    revision: 2,
  });
  expect((await rename("again")).status).toBe(412);
  const me = await api.call("GET", "/v1/me", { token: admin });
  expect(me.body.org).toEqual({ id: "demo-clinic", name: "北クリニック" });
  expect(await actions()).toContainEqual(["org.change", null]);
});
