import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

const path = "/v1/media/order";
let api: ApiFixture;
let admin = "";

beforeAll(async () => {
  api = await startApi();
  admin = await api.token("admin");
});
afterAll(() => api.close());
afterEach(async () => {
  api.faults.audit = null;
  await set(null);
});

const set = (order: unknown, token = admin) => api.call("PUT", path, { token, body: { order } });
const get = async () => (await api.call("GET", path, { token: admin })).body;
const entries = async () =>
  (await api.audit.list({ org: "demo-clinic", limit: 100 })).map(({ detail }) => detail);

const ours = { order: ["chime", "peer"], own: false, backends: ["chime", "peer"] };

test("an organisation has the installation's order, until it chooses, and again when it chooses none", async () => {
  expect(await get()).toEqual(ours);
  const turned = { ...ours, order: ["peer", "chime"], own: true };
  expect((await set(["peer", "chime"])).body).toEqual(turned);
  expect(await get()).toEqual(turned);
  expect((await set(["peer"])).body).toEqual({ ...ours, order: ["peer"], own: true });
  expect((await set(null)).body).toEqual(ours);
});

test("what the installation does not have, or makes no order, is refused and changes nothing", async () => {
  await set(["peer"]);
  for (const order of [["mediasoup"], ["peer", "peer"], [], ["zoom"], "peer"]) {
    const { status, body } = await set(order);
    expect([order, status, body.code]).toEqual([order, 400, "invalid_payload"]);
  }
  expect((await set(["mediasoup"])).body.detail).toContain("chime, peer");
  expect(await get()).toMatchObject({ order: ["peer"] });
});

test("each change is recorded, and there is none without its entry", async () => {
  const before = (await entries()).length;
  await set(["peer"]);
  expect((await entries())[0]).toEqual({ order: ["peer"] });
  api.faults.audit = new Error("disk full");
  expect((await set(["chime"])).status).toBe(503);
  expect(await get()).toMatchObject({ order: ["peer"] });
  expect(await entries()).toHaveLength(before + 1);
});

test.each(["patient", "clinician", "desk", "operator", "auditor"])(
  "%s may neither see nor change it",
  async (who) => {
    const token = await api.token(who);
    expect((await api.call("GET", path, { token })).body.code).toBe("forbidden");
    expect((await set(["peer"], token)).body.code).toBe("forbidden");
    expect(await get()).toEqual(ours);
  },
);
