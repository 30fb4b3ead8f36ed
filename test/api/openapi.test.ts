import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeApi } from "../../api/openapi/document.ts";
import { writeOperations, writeRoutes } from "../../api/openapi/operations.ts";
import { loadProtocolModules } from "../../api/openapi/protocol-modules.ts";
import { endpoints } from "../../api/routes/index.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("docs/openapi.json is in step; if not, run `npm run openapi`", async () => {
  const written = await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8");
  expect(written).toBe(`${JSON.stringify(describeApi(endpoints), null, 2)}\n`);
});

test("the typed client has every operation as it is; if not, run `npm run openapi`", async () => {
  const written = await readFile(new URL("../../client/sdk/api/operations.ts", import.meta.url), "utf8");
  expect(written).toBe(writeOperations(endpoints, await loadProtocolModules()));
  const routes = await readFile(new URL("../../client/sdk/api/routes.ts", import.meta.url), "utf8");
  expect(routes).toBe(writeRoutes(endpoints));
});

test("it is served, and describes every operation that is", async () => {
  const { body, status } = await api.call("GET", "/v1/openapi.json");
  expect(status).toBe(200);
  expect(body.openapi).toBe("3.1.0");
  for (const { method, path, id } of endpoints) {
    expect(body.paths[path.replaceAll(/:(\w+)/g, "{$1}")][method].operationId).toBe(id);
  }
  const ids = endpoints.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every reference leads somewhere, and nothing is described that no operation uses", async () => {
  const text = JSON.stringify(describeApi(endpoints));
  const { components } = JSON.parse(text);
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
  );
  expect([...referred].sort()).toEqual(Object.keys(components.schemas).sort());
  expect(text).not.toContain('"$ref":"#/components/schemas/"');
});

test("what needs a sign-in says so", () => {
  const { paths } = JSON.parse(JSON.stringify(describeApi(endpoints)));
  expect(paths["/v1/me"].get.security).toEqual([{ bearer: [] }]);
  expect(paths["/v1/auth/token"].post.security).toBeUndefined();
  const open = endpoints.filter(({ auth }) => auth === "none").map(({ path }) => path);
  expect(open).toEqual([
    "/v1/auth/token",
    "/v1/auth/refresh",
    "/v1/auth/logout",
    "/v1/auth/second-factor",
    "/v1/auth/second-factor/enrolment",
    "/v1/auth/client-token",
    "/v1/demo",
    "/.well-known/jwks.json",
    "/v1/invitations/:code/accept",
    "/v1/files/:id/content",
    "/v1/uploads/:ticket",
    "/v1/audit/keys",
    "/healthz",
    "/readyz",
  ]);
});

test("the page that shows it comes from this server alone", async () => {
  const page = await api.call("GET", "/docs");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
  expect(parts.length).toBeGreaterThanOrEqual(5);
  for (const path of parts) {
    expect(path).toMatch(/^\/(docs|v1)\//);
    expect((await api.call("GET", path)).status).toBe(200);
  }
  expect(page.text).not.toMatch(/<script>|onload=/);
});
