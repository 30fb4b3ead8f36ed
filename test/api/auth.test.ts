import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

const minute = 60_000;
let api: ApiFixture;

beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  api.clock.time += 60 * minute;
});
afterAll(() => api.close());

const signIn = (extra: Readonly<Record<string, unknown>> = {}, username = "patient") =>
  api.call("POST", "/v1/auth/token", { body: { username, password: `demo-${username}`, ...extra } });
const refresh = (refresh_token: string) => api.call("POST", "/v1/auth/refresh", { body: { refresh_token } });

describe("POST /v1/auth/token", () => {
  test("gives tokens that work", async () => {
    const { status, body, headers } = await signIn();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      token_type: "Bearer",
      expires_in: 600,
      refresh_token: expect.stringMatching(/^hmr_/),
    });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toBeNull();
    expect((await api.call("GET", "/v1/me", { token: body.access_token })).body.id).toBe("patient");
  });

  test("the wrong password and an unknown user look the same", async () => {
    const wrong = await api.call("POST", "/v1/auth/token", { body: { username: "desk", password: "x" } });
    const unknown = await api.call("POST", "/v1/auth/token", { body: { username: "nobody", password: "x" } });
    expect(wrong.status).toBe(401);
    expect(wrong.body.code).toBe("credentials_rejected");
    expect({ ...unknown.body, instance: "" }).toEqual({ ...wrong.body, instance: "" });
  });

  test("known, unknown, disabled and passwordless names look the same, before and while they are refused", async () => {
    await api.identity.people.setDisabled("clinician2", api.clock.time);
    await api.identity.people.add({
      ...{ id: "elsewhere", org: "demo-clinic", username: "elsewhere", name: "Elsewhere" },
      ...{ roles: ["desk"], demo: false, password: null },
    });
    const seen = async (username: string) => {
      const shown = [];
      for (let i = 0; i < 12; i += 1) {
        // The right password of the disabled one among them: it is as wrong as any.
        const body = { username, password: i === 3 ? `demo-clinician2` : "guess" };
        const { status, headers, text } = await api.call("POST", "/v1/auth/token", { body });
        const same = [...headers].filter(([name]) => !["date", "x-request-id", "ratelimit"].includes(name));
        shown.push({ status, headers: same, text: text.replace(/request:[^"]+/, "") });
      }
      return shown;
    };
    const known = await seen("operator");
    expect(known.map(({ status }) => status)).toEqual([...Array(8).fill(401), ...Array(4).fill(429)]);
    for (const username of ["nobody-here", "clinician2", "elsewhere"])
      expect(await seen(username)).toEqual(known);
    await api.identity.people.setDisabled("clinician2", null);
    api.clock.time += minute;
    await api.identity.maintain();
    const entries = await api.audit.list({ org: "demo-clinic", limit: 200, action: "sign-in.failed" });
    expect(entries.find(({ subject }) => subject === "operator")).toMatchObject({
      actor: "anonymous",
      detail: { passwords: 8, codes: 0 },
    });
    expect(entries.map(({ subject }) => subject)).not.toContain("nobody-here");
  });

  test("strangers elsewhere cannot lock anybody out", async () => {
    const from = (address: string, password: string) =>
      api.identity.signIn({ username: "clinician", password, address });
    for (let i = 0; i < 8; i += 1) {
      for (const address of ["203.0.113.1", "203.0.113.2"]) {
        await expect(from(address, "guess")).rejects.toMatchObject({ code: "credentials_rejected" });
      }
    }
    await expect(from("203.0.113.1", "demo-clinician")).rejects.toMatchObject({ code: "rate_limited" });
    await expect(from("198.51.100.1", "demo-clinician")).resolves.toBeDefined();
  });

  test("guesses are throttled, and the answer says for how long", async () => {
    const guess = () =>
      api.call("POST", "/v1/auth/token", { body: { username: "auditor", password: "guess" } });
    for (let i = 0; i < 8; i += 1) expect((await guess()).status).toBe(401);
    const { status, body, headers } = await guess();
    expect(status).toBe(429);
    expect(body).toMatchObject({ code: "rate_limited", retryAfterMs: 15_000 });
    expect(headers.get("retry-after")).toBe("15");
  });

  test.each([
    ["nothing", {}],
    ["no password", { username: "patient" }],
    ["an empty user name", { username: "", password: "x" }],
    ["a number", { username: 7, password: "x" }],
    ["something more", { username: "patient", password: "demo-patient", admin: true }],
    ["a control character", { username: "patient\u0000", password: "demo-patient" }],
    ["an unknown way to keep", { username: "patient", password: "demo-patient", keep: "tattoo" }],
  ])("%s is not of the form", async (_, body) => {
    const answer = await api.call("POST", "/v1/auth/token", { body });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe("invalid_payload");
  });
});

describe("POST /v1/auth/refresh", () => {
  test("rotates: the next token works, the used one ends everything", async () => {
    const first = (await signIn()).body;
    const second = (await refresh(first.refresh_token)).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await api.call("GET", "/v1/me", { token: second.access_token })).status).toBe(200);
    api.clock.time += 10_001;
    const reused = await refresh(first.refresh_token);
    expect(reused.status).toBe(401);
    expect(reused.body.code).toBe("session_ended");
    expect((await refresh(second.refresh_token)).body.code).toBe("session_ended");
    const { body } = await api.call("GET", "/v1/me", { token: second.access_token });
    expect(body.code).toBe("session_ended");
  });

  test("a double submit within seconds is answered with a sibling", async () => {
    const { refresh_token } = (await signIn()).body;
    const answers = await Promise.all([refresh(refresh_token), refresh(refresh_token)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(2);
  });

  test("nonsense, nothing and no body are all an ended session", async () => {
    expect((await refresh("nonsense")).body.code).toBe("session_ended");
    expect((await api.call("POST", "/v1/auth/refresh", { body: {} })).body.code).toBe("session_ended");
    expect((await api.call("POST", "/v1/auth/refresh")).body.code).toBe("session_ended");
    expect((await api.call("POST", "/v1/auth/refresh", { body: { refresh_token: 1 } })).body.code).toBe(
      "invalid_payload",
    );
  });
});

describe("the cookie", () => {
  const keep = () => signIn({ keep: "cookie" });
  const csrf = { "x-hugmedo-csrf": "1" };
  const cookieOf = (headers: Headers) => headers.get("set-cookie")?.split(";")[0] ?? "";
  const withCookie = (path: string, cookie: string, headers: Readonly<Record<string, string>> = csrf) =>
    api.call("POST", path, { body: {}, headers: { cookie, ...headers } });

  test("holds the refresh token where scripts cannot read it", async () => {
    const { headers, body } = await keep();
    expect(body.refresh_token).toBeUndefined();
    const [cookie, ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    expect(cookie).toMatch(/^hugmedo_refresh=hmr_[\w-]{43}$/);
    expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=604800", "Path=/v1/auth", "SameSite=Strict"]);
  });

  test("rotates with every refresh", async () => {
    const first = cookieOf((await keep()).headers);
    const { status, headers, body } = await withCookie("/v1/auth/refresh", `theme=dark; ${first}; lang=ja`);
    expect(status).toBe(200);
    expect(body.refresh_token).toBeUndefined();
    expect(cookieOf(headers)).toMatch(/^hugmedo_refresh=hmr_/);
    expect(cookieOf(headers)).not.toBe(first);
    expect((await api.call("GET", "/v1/me", { token: body.access_token })).status).toBe(200);
  });

  test.each([
    ["without the header", {}],
    ["with another value of it", { "x-hugmedo-csrf": "true" }],
    ["from another page", { ...csrf, origin: "https://evil.example" }],
    ["from a page without an origin", { ...csrf, origin: "null" }],
  ])("is refused %s, and nothing is used up", async (_, headers) => {
    const cookie = cookieOf((await keep()).headers);
    for (const path of ["/v1/auth/refresh", "/v1/auth/logout"]) {
      const refused = await withCookie(path, cookie, headers);
      expect(refused.status).toBe(403);
      expect(refused.body.code).toBe("csrf_rejected");
    }
    api.clock.time += minute;
    expect((await withCookie("/v1/auth/refresh", cookie)).status).toBe(200);
  });

  test("is taken from our own page", async () => {
    const cookie = cookieOf((await keep()).headers);
    expect((await withCookie("/v1/auth/refresh", cookie, { ...csrf, origin: api.url })).status).toBe(200);
  });

  test("another page cannot sign a browser in", async () => {
    const body = { username: "patient", password: "demo-patient", keep: "cookie" };
    const answer = await api.call("POST", "/v1/auth/token", {
      body,
      headers: { origin: "https://evil.example" },
    });
    expect(answer.body.code).toBe("csrf_rejected");
  });

  test("goes when its session has ended", async () => {
    const cookie = cookieOf((await keep()).headers);
    await withCookie("/v1/auth/logout", cookie);
    const { body, headers } = await withCookie("/v1/auth/refresh", cookie);
    expect(body.code).toBe("session_ended");
    expect(headers.get("set-cookie")).toMatch(/^hugmedo_refresh=; .*Max-Age=0/);
  });
});

describe("POST /v1/auth/logout", () => {
  test.each(["refresh_token", "access_token"] as const)(
    "by the %s ends the session and tells of it",
    async (by) => {
      const tokens = (await signIn()).body;
      const ended: string[] = [];
      const stop = api.identity.sessions.onEnded((session) => ended.push(session));
      const { status } =
        by === "refresh_token"
          ? await api.call("POST", "/v1/auth/logout", { body: { refresh_token: tokens.refresh_token } })
          : await api.call("POST", "/v1/auth/logout", { token: tokens.access_token });
      stop();
      expect(status).toBe(204);
      expect(ended).toEqual([decodeJwt(tokens.access_token).sid]);
      expect((await api.call("GET", "/v1/me", { token: tokens.access_token })).body.code).toBe(
        "session_ended",
      );
      expect((await refresh(tokens.refresh_token)).body.code).toBe("session_ended");
    },
  );

  test("by the cookie drops the cookie", async () => {
    const { headers, body } = await signIn({ keep: "cookie" });
    const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
    const out = await api.call("POST", "/v1/auth/logout", { headers: { cookie, "x-hugmedo-csrf": "1" } });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toMatch(/^hugmedo_refresh=; .*Max-Age=0/);
    expect((await api.call("GET", "/v1/me", { token: body.access_token })).body.code).toBe("session_ended");
  });

  test("doing it again, or with nothing, does no harm", async () => {
    const { refresh_token } = (await signIn()).body;
    for (let i = 0; i < 2; i += 1) {
      expect((await api.call("POST", "/v1/auth/logout", { body: { refresh_token } })).status).toBe(204);
    }
    expect((await api.call("POST", "/v1/auth/logout")).status).toBe(204);
  });

  test("only this session ends", async () => {
    const [one, two] = [(await signIn()).body, (await signIn()).body];
    await api.call("POST", "/v1/auth/logout", { body: { refresh_token: one.refresh_token } });
    expect((await api.call("GET", "/v1/me", { token: two.access_token })).status).toBe(200);
  });
});

describe("behind https at a published address", () => {
  test("the cookie is for https only, and the published page may use it", async () => {
    const published = await startApi({
      publicAddress: "https://care.example",
      origins: ["https://app.example"],
    });
    const body = { username: "patient", password: "demo-patient", keep: "cookie" };
    const from = (origin: string) => published.call("POST", "/v1/auth/token", { body, headers: { origin } });
    const { headers } = await from("https://care.example");
    expect(headers.get("set-cookie")).toMatch(/; Secure$/);
    expect((await from("https://app.example")).status).toBe(200);
    expect((await from("http://care.example")).body.code).toBe("csrf_rejected");
    await published.close();
  });
});
