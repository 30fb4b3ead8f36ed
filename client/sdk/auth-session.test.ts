import { describe, expect, test } from "vitest";
import { type Rejection, rejection } from "../../core/domain/errors.ts";
import * as routes from "./api/routes.ts";
import { AuthSession } from "./auth-session.ts";
import { Http } from "./http.ts";
import { ManualClock, settle } from "./testing/manual-clock.ts";
import { json, problem, StubServer, tokenOf } from "./testing/stub-server.ts";

const life = 600;

/** A session signed in with token 1; each refresh gives the next, and a refresh token is good once. */
function signedIn({ cookie = false, subject = "ann" } = {}) {
  const server = new StubServer();
  const clock = new ManualClock();
  const endings: Rejection[] = [];
  let serial = 1;
  const reply = () => ({
    access_token: tokenOf(serial === 1 ? "ann" : subject, serial),
    token_type: "Bearer" as const,
    expires_in: life,
    ...(cookie ? {} : { refresh_token: `refresh-${serial}` }),
  });
  server.on("/v1/auth/refresh", ({ body }) => {
    const given = cookie ? null : JSON.stringify(body);
    if (given && !given.includes(`refresh-${serial}"`)) return problem("session_ended", 401);
    serial += 1;
    return json(reply());
  });
  server.on("/v1/me", ({ token }) =>
    token === tokenOf("ann", serial) ? json({ id: "ann" }) : problem("unauthenticated", 401),
  );
  const auth = new AuthSession(
    {
      http: new Http("https://hugmedo.example", server.fetch),
      clock,
      exclusive: (work) => work(),
      ended: (reason) => endings.push(reason),
    },
    reply(),
  );
  return { server, clock, auth, endings, revoke: () => (serial += 1) };
}

describe("access tokens", () => {
  test("are renewed before they expire, without being asked for", async () => {
    const { server, clock, auth } = signedIn();
    expect(await auth.token()).toBe(tokenOf("ann", 1));
    await clock.advance(life * 1000 * 0.8);
    expect(server.count("/v1/auth/refresh")).toBe(1);
    expect(await auth.token()).toBe(tokenOf("ann", 2));
    await clock.advance(life * 1000 * 2);
    expect(server.asked.map(({ body }) => body)).toEqual([
      { refresh_token: "refresh-1" },
      { refresh_token: "refresh-2" },
      { refresh_token: "refresh-3" },
    ]);
  });

  test("are renewed once for all who find one refused", async () => {
    const { server, auth } = signedIn({ cookie: true });
    server.on("/v1/me", ({ token }) =>
      token === tokenOf("ann", 1) ? problem("unauthenticated", 401) : json({ id: "ann" }),
    );
    const call = () => auth.call(routes.getMe);
    await expect(Promise.all([call(), call(), call()])).resolves.toHaveLength(3);
    expect(server.count("/v1/auth/refresh")).toBe(1);
    expect(server.asked.find(({ path }) => path === "/v1/auth/refresh")).toMatchObject({
      csrf: true,
      body: {},
    });
  });

  test("serve on while the server cannot renew them, until they expire", async () => {
    const { server, clock, auth, endings } = signedIn();
    server.on("/v1/auth/refresh", () => problem("unavailable", 503));
    await clock.advance(life * 1000 * 0.9);
    const token = auth.token();
    await clock.advance(5_000);
    await expect(token).resolves.toBe(tokenOf("ann", 1));
    await clock.advance(life * 1000);
    const late = auth.token().catch((error: unknown) => error);
    await clock.advance(5_000);
    expect(await late).toMatchObject({ code: "unavailable" });
    expect(endings).toEqual([]);
  });

  test("are asked for again soon when the answer was lost", async () => {
    const { server, clock, auth } = signedIn();
    let answers = 0;
    server.on("/v1/auth/refresh", () => {
      answers += 1;
      if (answers === 1) throw new TypeError("connection reset");
      return json({ access_token: tokenOf("ann", 2), token_type: "Bearer", expires_in: life });
    });
    const renewed = auth.renew(tokenOf("ann", 1));
    await clock.advance(1_000);
    expect(await renewed).toBe(tokenOf("ann", 2));
  });
});

describe("a session", () => {
  test("ends when its refresh token is no longer good, and says so once", async () => {
    const { server, clock, auth, endings, revoke } = signedIn();
    revoke();
    await expect(auth.call(routes.getMe)).rejects.toMatchObject({
      code: "session_ended",
    });
    expect(endings).toEqual([rejection("session_ended")]);
    await expect(auth.token()).rejects.toMatchObject({ code: "session_ended" });
    await clock.advance(life * 5_000);
    expect(server.count("/v1/auth/refresh")).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("ends where the cookie now speaks for someone else", async () => {
    const { auth, endings } = signedIn({ cookie: true, subject: "bob" });
    await expect(auth.renew(tokenOf("ann", 1))).rejects.toMatchObject({ code: "session_ended" });
    expect(endings).toEqual([rejection("session_ended")]);
  });

  test("that is signed out tells the server, and nobody here that it ended", async () => {
    const { server, clock, auth, endings } = signedIn();
    server.on("/v1/auth/logout", () => new Response(null, { status: 204 }));
    await auth.signOut();
    expect(server.asked).toMatchObject([{ path: "/v1/auth/logout", body: { refresh_token: "refresh-1" } }]);
    await settle();
    expect(endings).toEqual([]);
    expect(clock.pending).toBe(0);
    await expect(auth.token()).rejects.toMatchObject({ code: "session_ended" });
  });
});
