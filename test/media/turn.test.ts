import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { iceServersFor, turnCredentials } from "../../media/peer/turn-credentials.ts";
import { type Coturn, startCoturn } from "./coturn.ts";
import { allocate } from "./stun-client.ts";

let coturn: Coturn;
let port: number;

beforeAll(async () => {
  coturn = await startCoturn();
  port = coturn.port;
});
afterAll(() => coturn?.dispose());

/** What a browser is given now, or was at another time. */
function given(now = Date.now()): { username: string; credential: string } {
  const { secret } = coturn;
  const settings = { stunUrls: [], turnUrls: ["turn:127.0.0.1"], turnSecret: secret, turnTtlSeconds: 600 };
  const [turn] = iceServersFor(settings, "somebody", now);
  return { username: turn?.username ?? "", credential: turn?.credential ?? "" };
}

describe("TURN credentials, with coturn", () => {
  it("give a relay to whoever has them in time", async () => {
    expect(await allocate(port, given())).toEqual({ relay: { ip: "127.0.0.1", port: expect.any(Number) } });
  });

  it("give none any more when their time is over", async () => {
    expect(await allocate(port, given(Date.now() - 601_000))).toEqual({ error: 401 });
  });

  it("give none to whoever makes them longer, or does not know the secret", async () => {
    const { username, credential } = given();
    const later = `${Number(username.split(":")[0]) + 3_600}:somebody`;
    expect(await allocate(port, { username: later, credential })).toEqual({ error: 401 });
    const guessed = turnCredentials("another secret", "somebody", Date.now() + 600_000);
    expect(await allocate(port, guessed)).toEqual({ error: 401 });
  });
});
