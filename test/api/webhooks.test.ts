import { once } from "node:events";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let admin: string;
const received: { readonly headers: Record<string, string>; readonly body: string }[] = [];
const receiver = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  received.push({ headers, body: Buffer.concat(pieces).toString() });
  response.writeHead(204).end();
});
let url = "";
beforeAll(async () => {
  api = await startApi();
  // Whoever checks a signature looks at its time too.
  api.clock.time = Date.now();
  admin = await api.token("admin");
  await once(receiver.listen(0, "127.0.0.1"), "listening");
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hugmedo`;
}, 120_000);
afterAll(async () => {
  receiver.close();
  await api.close();
});

const as = (token: string) => (method: string, path: string, body?: unknown) =>
  api.call(method, `/v1/webhooks${path}`, { token, ...(body === undefined ? {} : { body }) });

test("a webhook is made, tried, changed, given a new secret, and removed; its secret is shown once", async () => {
  const call = as(admin);
  const made = await call("POST", "", { url, types: ["visit.*"] });
  expect(made.status).toBe(201);
  const { webhook, secret } = made.body;
  expect(secret).toMatch(/^whsec_/);
  expect(webhook).toMatchObject({ url, types: ["visit.*"], state: "active", reason: null });
  const path = `/${webhook.id}`;
  expect((await call("GET", path)).text).not.toContain(secret);
  expect((await call("GET", "")).body).toMatchObject({ items: [{ id: webhook.id }], next: null });

  expect((await call("POST", `${path}/test`)).body).toEqual({
    delivered: true,
    status: 204,
    fault: null,
    advice: null,
  });
  const sent = received.at(-1);
  expect(new Webhook(secret).verify(sent?.body ?? "", sent?.headers ?? {})).toMatchObject({
    type: "webhook.test",
  });

  const rotated = await call("POST", `${path}/rotate`);
  expect(rotated.body.secret).not.toBe(secret);
  await call("POST", `${path}/test`);
  const later = received.at(-1);
  for (const one of [secret, rotated.body.secret])
    expect(new Webhook(one).verify(later?.body ?? "", later?.headers ?? {})).toBeTruthy();

  const paused = await call("PATCH", path, { state: "paused", types: ["*"] });
  expect(paused.body).toMatchObject({ state: "paused", reason: "by_hand", types: ["*"] });
  expect((await call("GET", `${path}/deliveries?state=dead`)).body).toEqual({ items: [], next: null });
  expect((await call("POST", `${path}/deliveries/7/resend`)).status).toBe(404);
  expect((await call("POST", `${path}/replay`, { after: "nonsense" })).status).toBe(400);
  expect((await call("DELETE", path)).status).toBe(204);
  expect((await call("GET", path)).status).toBe(404);
  const trail = await api.audit.list({ org: "demo-clinic", limit: 100 });
  expect(trail.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["webhooks.create", "webhooks.rotate", "webhooks.change", "webhooks.remove"]),
  );
});

test("what cannot be an address, or is no type of event, is refused", async () => {
  const call = as(admin);
  const refused = [
    { url: "ftp://example.com/" },
    { url: "https://user:pass@example.com/" },
    { url: "nothing" },
    { url, types: [] },
    { url, types: ["visit.nothing"] },
  ];
  for (const body of refused) expect((await call("POST", "", body)).status, JSON.stringify(body)).toBe(400);
  expect((await call("GET", "")).body.items).toEqual([]);
});

test("it is for administrators: everyone else is refused, also by an id that exists", async () => {
  const { body } = await as(admin)("POST", "", { url });
  for (const who of ["patient", "clinician", "desk", "operator", "auditor"]) {
    const call = as(await api.token(who));
    for (const path of ["", `/${body.webhook.id}`]) expect((await call("GET", path)).status, who).toBe(403);
    expect((await call("POST", "", { url })).status, who).toBe(403);
    expect((await call("DELETE", `/${body.webhook.id}`)).status, who).toBe(403);
  }
  expect((await as(admin)("GET", `/${body.webhook.id}`)).status).toBe(200);
});
