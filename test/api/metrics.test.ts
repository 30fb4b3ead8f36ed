import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

const secret = "a-token-of-monitoring-alone-0123456789";
let api: ApiFixture;
let without: ApiFixture;

beforeAll(async () => {
  api = await startApi({ metricsToken: secret });
  without = await startApi();
});
beforeEach(() => {
  api.checks.length = 0;
});
afterAll(() => Promise.all([api.close(), without.close()]));

const read = (token?: string) => api.call("GET", "/metrics", token === undefined ? {} : { token });

describe("GET /metrics", () => {
  test("is for operators", async () => {
    const { status, text, headers } = await read(await api.token("operator"));
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(text).toMatch(/^# HELP hugmedo_acknowledgement_seconds .+\n# TYPE .+ histogram\n/);
  });

  test.each(["patient", "clinician", "desk", "admin", "auditor"])("is not for %s", async (username) => {
    const { status, body } = await read(await api.token(username));
    expect([status, body.code]).toEqual([403, "forbidden"]);
  });

  test("is not for strangers, nor for whoever guesses", async () => {
    for (const token of [undefined, "x", secret.slice(0, -1), `${secret}0`, "null", "undefined"]) {
      const { status, body } = await read(token);
      expect([token, status, body.code]).toEqual([token, 401, "unauthenticated"]);
    }
  });

  test("is for whoever shows the token that was set, and that opens nothing else", async () => {
    expect((await read(secret)).status).toBe(200);
    expect((await api.call("GET", "/v1/me", { token: secret })).status).toBe(401);
    expect((await api.call("GET", "/v1/cluster/processes", { token: secret })).status).toBe(401);
  });

  test("where none was set, no token is that token", async () => {
    for (const token of [secret, "null", ""]) {
      expect((await without.call("GET", "/metrics", { token })).status).toBe(401);
    }
  });

  test("says of every check of /readyz how it came out, and keeps its reason to /readyz", async () => {
    api.checks.push(
      { name: "database", check: async () => null },
      { name: "redis", optional: true, check: async () => "the far side is silent" },
      { name: "lease", check: () => Promise.reject(new Error("connect db.internal:5432")) },
    );
    const { text } = await read(secret);
    expect(text).toContain('hugmedo_check_ok{check="database"} 1\n');
    expect(text).toContain('hugmedo_check_ok{check="redis"} 0\n');
    expect(text).toContain('hugmedo_check_ok{check="lease"} 0\n');
    expect(text).not.toMatch(/far side|db\.internal/);
  });

  test("the token gets into no log", async () => {
    await read(secret);
    await expect.poll(() => api.log.filter(({ route }) => route === "/metrics").length).toBeGreaterThan(0);
    expect(JSON.stringify(api.log)).not.toContain(secret);
  });
});
