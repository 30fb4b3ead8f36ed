import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let token: string;

beforeAll(async () => {
  api = await startApi({ origins: ["https://app.example"], scriptHashes: ["'sha256-abc='"] });
  token = await api.token("patient");
});
beforeEach(() => {
  api.received.length = 0;
});
afterAll(() => api.close());

const commands = "/v1/rooms/chat/demo/commands";
const good = JSON.stringify({ name: "chat.send", payload: { id: "command-1", body: "日本" } });
const post = (raw: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
  api.call("POST", commands, { token, raw, headers });

describe("bodies", () => {
  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "%s is taken",
    async (type) => {
      expect((await post(good, { "content-type": type })).status).toBe(200);
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=shift_jis",
    "application/jsonp",
    "nonsense",
    "",
  ])("%j is not", async (type) => {
    const { status, body } = await post(good, { "content-type": type });
    expect(status).toBe(415);
    expect(body.code).toBe("unsupported_media_type");
  });

  test("compressed bodies are not taken", async () => {
    expect((await post(good, { "content-encoding": "gzip" })).body.code).toBe("unsupported_media_type");
  });

  test("what is not UTF-8 is refused, not repaired", async () => {
    const bytes = new Uint8Array(Buffer.from('{"name":"x","payload":"?"}'));
    bytes[bytes.indexOf("?".charCodeAt(0))] = 0xff;
    expect((await post(bytes)).body.code).toBe("invalid_payload");
  });

  test("1 MiB is taken, a byte more is not, and the connection goes on", async () => {
    const frame = JSON.stringify({ name: "x", payload: "" }).length;
    const of = (bytes: number) => JSON.stringify({ name: "x", payload: "a".repeat(bytes - frame) });
    expect((await post(of(1_048_576))).status).toBe(200);
    const { status, body } = await post(of(1_048_577));
    expect(status).toBe(413);
    expect(body.code).toBe("payload_too_large");
    expect((await post(good)).status).toBe(200);
  });

  test("a refusal never quotes what was sent", async () => {
    for (const raw of [
      '{"secret-word',
      '{"name":"secret-word-and-too-long-to-be-a-name-of-anything-that-is-known-here","payload":1}',
    ]) {
      expect((await post(raw)).text).not.toContain("secret-word");
    }
    expect(JSON.stringify(api.log)).not.toContain("secret-word");
  });

  test("an endpoint without a body does not mind one", async () => {
    const answer = await api.call("POST", "/v1/auth/logout", {
      raw: "{}",
      token: await api.token("patient2"),
    });
    expect(answer.status).toBe(204);
  });
});

describe("addresses", () => {
  test.each(["/v1", "/v1/", "/v1/nothing", "/nothing", "/v1/auth/token/x", "/v1/rooms/chat/demo", "//"])(
    "nothing is at %s",
    async (path) => {
      const { status, body } = await api.call("GET", path);
      expect(status).toBe(404);
      expect(body.code).toBe("not_found");
    },
  );

  test.each([
    ["GET", "/v1/auth/token", "POST, OPTIONS"],
    ["POST", "/v1/me", "GET, HEAD, OPTIONS"],
    ["PATCH", "/v1/chats", "POST, GET, HEAD, OPTIONS"],
    ["GET", "/v1/chats/demo/members/desk", "PUT, DELETE, OPTIONS"],
    ["DELETE", "/healthz", "GET, HEAD, OPTIONS"],
  ])("%s %s is told what is allowed: %s", async (method, path, allow) => {
    const { status, body, headers } = await api.call(method, path);
    expect(status).toBe(405);
    expect(body.code).toBe("method_not_allowed");
    expect(headers.get("allow")).toBe(allow);
  });

  test("badly encoded ones are refused", async () => {
    const { status, body } = await api.call("GET", "/v1/chats/%E0%A4%A", { token });
    expect(status).toBe(400);
    expect(body.code).toBe("invalid_payload");
  });

  test("HEAD answers as GET, without the body", async () => {
    const response = await fetch(`${api.url}/healthz`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });
});

describe("headers", () => {
  test("a problem is a problem", async () => {
    const { headers, body } = await api.call("GET", "/v1/me", {
      headers: { "x-request-id": "my-request-7" },
    });
    expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(headers.get("x-request-id")).toBe("my-request-7");
    expect(body).toEqual({
      type: "/v1/problems/unauthenticated",
      title: "Unauthenticated",
      status: 401,
      code: "unauthenticated",
      detail: "Sign in, then try again.",
      instance: "urn:hugmedo:request:my-request-7",
    });
  });

  test("a request id that is none of ours to repeat is replaced", async () => {
    for (const given of ["short", "x".repeat(65), "a b c d e f g", "<script>x</script>"]) {
      const { headers } = await api.call("GET", "/healthz", { headers: { "x-request-id": given } });
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test("browsers are told what our pages may do", async () => {
    const { headers } = await api.call("GET", "/healthz");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self' 'sha256-abc='; ");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  test("named origins may use the API, others may not", async () => {
    const preflight = (origin: string) =>
      fetch(api.url + commands, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const ours = await preflight("https://app.example");
    expect(ours.status).toBe(204);
    expect(ours.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(ours.headers.get("access-control-allow-headers")).toContain("x-hugmedo-csrf");
    const theirs = await preflight("https://evil.example");
    expect(theirs.headers.get("access-control-allow-origin")).toBeNull();
    const answer = await api.call("GET", "/healthz", { headers: { origin: "https://evil.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.headers.get("vary")).toMatch(/origin/i);
  });
});

describe("the log", () => {
  test("tells of every request, without what was in it", async () => {
    const before = api.log.length;
    await api.call("GET", "/v1/people?q=Sato&access_token=topsecret", { token });
    await api.call("GET", "/v1/chats/room-of-sato", { token });
    await api.call("GET", "/nowhere/topsecret");
    const lines = await logged(before + 3);
    expect(lines.slice(before)).toMatchObject([
      { msg: "request", method: "GET", route: "/v1/people", status: 400, requestId: expect.any(String) },
      { route: "/v1/chats/:id", status: 404, code: "room_not_found", ms: expect.any(Number) },
      { route: null, status: 404, code: "not_found" },
    ]);
    const text = JSON.stringify(lines);
    for (const secret of ["topsecret", "Sato", "room-of-sato", token, "demo-patient"])
      expect(text).not.toContain(secret);
  });

  /** The line is written when the connection is done with the answer, maybe after the client has it. */
  async function logged(count: number) {
    await expect.poll(() => api.log.length).toBeGreaterThanOrEqual(count);
    return api.log;
  }
});

describe("health", () => {
  test("GET /healthz", async () => {
    expect((await api.call("GET", "/healthz")).body).toEqual({ status: "ok" });
  });

  test("GET /readyz says which part is not ready, and why, but not what was thrown", async () => {
    api.checks.length = 0;
    expect((await api.call("GET", "/readyz")).body).toEqual({ status: "ready", checks: [] });
    api.checks.push(
      { name: "database", check: async () => null },
      { name: "journal", check: async () => "the last append took too long" },
      { name: "keys", check: () => Promise.reject(new Error("connect db.internal:5432")) },
    );
    const { status, body } = await api.call("GET", "/readyz");
    expect(status).toBe(503);
    expect(body).toEqual({
      status: "not_ready",
      checks: [
        { name: "database", ready: true },
        { name: "journal", ready: false, reason: "the last append took too long" },
        { name: "keys", ready: false, reason: "the check failed" },
      ],
    });
    api.checks.length = 0;
  });

  test("a process that works on without a part is ready, and says what is amiss", async () => {
    api.checks.push(
      { name: "database", check: async () => null },
      { name: "redis", optional: true, check: async () => "it does not answer" },
    );
    const { status, body } = await api.call("GET", "/readyz");
    expect(status).toBe(200);
    expect(body).toEqual({
      status: "degraded",
      checks: [
        { name: "database", ready: true },
        { name: "redis", ready: true, degraded: true, reason: "it does not answer" },
      ],
    });
    api.checks.push({ name: "lease", check: async () => "it is too old" });
    const both = await api.call("GET", "/readyz");
    expect([both.status, both.body.status]).toEqual([503, "not_ready"]);
    api.checks.length = 0;
  });

  test("a part that does not answer is not ready", async () => {
    api.checks.push({ name: "stuck", check: () => new Promise<null>(() => undefined) });
    const { body } = await api.call("GET", "/readyz");
    expect(body.checks).toEqual([{ name: "stuck", ready: false, reason: "no answer within 2 s" }]);
    api.checks.length = 0;
  });
});
