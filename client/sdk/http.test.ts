import { describe, expect, test } from "vitest";
import * as routes from "./api/routes.ts";
import { fromPage, Http } from "./http.ts";
import { json, problem, StubServer } from "./testing/stub-server.ts";

function client() {
  const server = new StubServer();
  return { server, http: new Http("https://hugmedo.example", server.fetch) };
}

describe("a call", () => {
  test("carries what it is given, and gives the parsed reply", async () => {
    const { server, http } = client();
    server.on("/v1/rooms/chat/a%2Fb/messages", () => json({ items: [], next: null }));
    const params = { kind: "chat", id: "a/b" } as const;
    const reply = await http.ask(
      routes.listMessages,
      { params, query: { limit: 2, after: undefined } },
      {},
      "t",
    );
    expect(reply).toEqual({ items: [], next: null });
    server.on("/v1/auth/refresh", () => json({}));
    await http.call(routes.refresh, { body: { refresh_token: "r" } }, fromPage);
    expect(server.asked).toEqual([
      { path: "/v1/rooms/chat/a%2Fb/messages", query: "?limit=2", body: null, token: "t", csrf: false },
      { path: "/v1/auth/refresh", query: "", body: { refresh_token: "r" }, token: null, csrf: true },
    ]);
  });

  test("takes a reply without a body, and one that is a file", async () => {
    const { server, http } = client();
    server.on("/v1/auth/logout", () => new Response(null, { status: 204 }));
    await expect(http.call(routes.signOut, { body: {} })).resolves.toBeUndefined();
    server.on("/v1/visits/v/recordings/r/files/audio.webm", () => new Response("sound"));
    const params = { id: "v", recording: "r", name: "audio.webm" };
    expect(await (await http.call(routes.getRecordingFile, { params })).text()).toBe("sound");
  });

  test("fails with the problem's code, words and patience", async () => {
    const { server, http } = client();
    server.on("/v1/me", () => problem("busy", 503, { retryAfterMs: 700 }));
    await expect(http.call(routes.getMe)).rejects.toMatchObject({
      name: "HugMeDoError",
      code: "busy",
      message: "about busy",
      retryAfterMs: 700,
    });
  });

  test("calls everything that is not our server's word unreachable", async () => {
    const { server, http } = client();
    const call = () => http.call(routes.getMe);
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/v1/me", () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/v1/me", () => new Response("<h1>Welcome to the hotel's network</h1>"));
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/v1/me", () => json({ code: "no such code" }, 500));
    await expect(call()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/v1/me", () => new Response("", { status: 401 }));
    await expect(call()).rejects.toMatchObject({ code: "unauthenticated" });
  });
});
