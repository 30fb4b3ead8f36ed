import { describe, expect, test } from "vitest";
import { Http } from "./http.ts";
import { json, problem, StubServer } from "./testing/stub-server.ts";

function client() {
  const server = new StubServer();
  return { server, http: new Http("https://hugmedo.example", server.fetch) };
}

describe("a call", () => {
  test("carries the token and the body, and gives the parsed reply", async () => {
    const { server, http } = client();
    server.on("/v1/things", () => json({ fine: true }));
    const reply = await http.call({ method: "POST", path: "/v1/things?x=1", body: { a: 1 }, token: "t" });
    expect(reply).toEqual({ fine: true });
    expect(server.asked).toEqual([
      { path: "/v1/things", query: "?x=1", body: { a: 1 }, token: "t", csrf: false },
    ]);
  });

  test("takes a reply without a body", async () => {
    const { server, http } = client();
    server.on("/v1/auth/logout", () => new Response(null, { status: 204 }));
    await expect(http.call({ method: "POST", path: "/v1/auth/logout", csrf: true })).resolves.toBeNull();
    expect(server.asked[0]?.csrf).toBe(true);
  });

  test("fails with the problem's code, words and patience", async () => {
    const { server, http } = client();
    server.on("/", () => problem("busy", 503, { retryAfterMs: 700 }));
    await expect(http.call({ method: "GET", path: "/" })).rejects.toMatchObject({
      name: "HugMeDoError",
      code: "busy",
      message: "about busy",
      retryAfterMs: 700,
    });
  });

  test("calls everything that is not our server's word unreachable", async () => {
    const { server, http } = client();
    const call = () => http.call({ method: "GET", path: "/" });
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/", () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/", () => new Response("<h1>Welcome to the hotel's network</h1>"));
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/", () => json({ code: "no such code" }, 500));
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/", () => new Response("", { status: 401 }));
    await expect(call()).rejects.toMatchObject({ code: "unauthenticated" });
  });
});
