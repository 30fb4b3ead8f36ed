import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HugMeDo } from "./hugmedo.ts";
import { json, problem, StubServer, tokenOf } from "./testing/stub-server.ts";

const origin = "https://hugmedo.example";
let server: StubServer;

const reply = () => json({ access_token: tokenOf("ann", 1), token_type: "Bearer", expires_in: 600 });

beforeEach(() => {
  server = new StubServer();
  server.on("/v1/me", () => json({ id: "ann", name: "Ann" }));
  server.on("/v1/auth/refresh", reply);
  server.on("/v1/auth/token", reply);
  server.on("/v1/auth/logout", () => new Response(null, { status: 204 }));
  vi.stubGlobal("fetch", server.fetch);
});
afterEach(() => vi.unstubAllGlobals());

/** As much of a page as the SDK looks at when it starts. */
function onPage(): Map<string, string> {
  const kept = new Map<string, string>();
  const localStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  };
  vi.stubGlobal("document", {});
  vi.stubGlobal("location", { origin });
  vi.stubGlobal("window", { localStorage });
  return kept;
}

describe("on a page of the server", () => {
  test("the refresh token is kept in the cookie", async () => {
    onPage();
    const session = await HugMeDo.signIn({ username: "ann", password: "secret" });
    expect(session.me).toMatchObject({ id: "ann" });
    expect(server.asked[0]?.body).toEqual({ username: "ann", password: "secret", keep: "cookie" });
    await session.signOut();
    expect(server.asked.at(-1)).toMatchObject({ path: "/v1/auth/logout", body: {}, csrf: true });
  });

  test("the sign-in of before is taken up", async () => {
    onPage();
    const session = await HugMeDo.restore();
    expect(session?.me).toMatchObject({ id: "ann" });
    expect(server.asked[0]).toMatchObject({ path: "/v1/auth/refresh", body: {}, csrf: true });
    await session?.signOut();
  });

  test("there may be none to take up", async () => {
    onPage();
    server.on("/v1/auth/refresh", () => problem("session_ended", 401));
    expect(await HugMeDo.restore()).toBeNull();
  });

  test("a server that does not answer is no sign of being signed out", async () => {
    onPage();
    server.on("/v1/auth/refresh", () => problem("unavailable", 503));
    await expect(HugMeDo.restore()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("signing out while the server is away is made good before anything else", async () => {
    const kept = onPage();
    const session = await HugMeDo.signIn({ username: "ann", password: "secret" });
    server.on("/v1/auth/logout", () => problem("unavailable", 503));
    await expect(session.signOut()).rejects.toMatchObject({ code: "unavailable" });
    await expect(HugMeDo.restore()).rejects.toMatchObject({ code: "unavailable" });
    server.on("/v1/auth/logout", () => new Response(null, { status: 204 }));
    expect(await HugMeDo.restore()).toBeNull();
    expect(server.count("/v1/auth/refresh")).toBe(0);
    expect(kept.size).toBe(0);
  });
});

describe("elsewhere", () => {
  test("the refresh token is the process's own", async () => {
    const session = await HugMeDo.signIn({ url: `${origin}/`, username: "ann", password: "secret" });
    expect(server.asked[0]?.body).toMatchObject({ keep: "json" });
    await session.signOut();
    expect(await HugMeDo.restore({ url: origin })).toBeNull();
  });

  test("the server's address has to be given", async () => {
    const nowhere = HugMeDo.signIn({ username: "ann", password: "secret" });
    await expect(nowhere).rejects.toMatchObject({ code: "invalid_payload" });
  });

  test("a wrong password is said to be one", async () => {
    server.on("/v1/auth/token", () => problem("credentials_rejected", 401));
    const wrong = HugMeDo.signIn({ url: origin, username: "ann", password: "x" });
    await expect(wrong).rejects.toMatchObject({ code: "credentials_rejected" });
  });
});

describe("an invitation", () => {
  const path = "/v1/invitations/a%2Fcode/accept";
  const guest = () =>
    json({ access_token: tokenOf("ann", 1), token_type: "Bearer", expires_in: 600, visit: "v1" });

  test("lets a guest into the visit it is for", async () => {
    server.on(path, guest);
    const { session, visit } = await HugMeDo.acceptInvitation({ url: origin, code: "a/code", name: "Ann" });
    expect(visit).toBe("v1");
    expect(session.me).toMatchObject({ id: "ann" });
    expect(server.asked[0]?.body).toEqual({ id: expect.any(String), name: "Ann", keep: "json" });
    await session.signOut();
  });

  test("on the server's own page keeps the guest in the cookie", async () => {
    onPage();
    server.on(path, guest);
    const { session } = await HugMeDo.acceptInvitation({ code: "a/code", name: "Ann" });
    expect(server.asked[0]?.body).toMatchObject({ keep: "cookie" });
    await session.signOut();
  });

  test("whose answer is lost is asked for again under the same id", async () => {
    const answers = [() => problem("unavailable", 503), guest];
    server.on(path, () => (answers.shift() ?? guest)());
    const { session } = await HugMeDo.acceptInvitation({ url: origin, code: "a/code", name: "Ann" });
    expect(server.asked[0]?.body).toEqual(server.asked[1]?.body);
    expect(server.count(path)).toBe(2);
    await session.signOut();
  });

  test("that is used up is refused, once", async () => {
    server.on(path, () => problem("invitation_used", 409));
    const refused = HugMeDo.acceptInvitation({ url: origin, code: "a/code", name: "Ann" });
    await expect(refused).rejects.toMatchObject({ code: "invitation_used" });
    expect(server.count(path)).toBe(1);
  });
});
