import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { iceServersFor, turnCredentials } from "../../media/peer/turn-credentials.ts";
import { freePort } from "../support/ports.ts";
import { launch, type Running, temporaryFolder } from "../support/processes.ts";
import { findTool } from "../support/tools.ts";
import { allocate } from "./stun-client.ts";

const secret = "shared-with-the-turn-server-0123456789";
const settings = { stunUrls: [], turnUrls: ["turn:127.0.0.1"], turnSecret: secret, turnTtlSeconds: 600 };
const folder = temporaryFolder("turn");
let port: number;
let server: Running;

/** A real coturn, as docs/media.md says to run it. */
beforeAll(async () => {
  port = await freePort();
  server = await launch({
    command: await findTool("turnserver"),
    args: [
      ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--fingerprint", "--log-file=stdout", "--simple-log"],
      ...["--use-auth-secret", `--static-auth-secret=${secret}`, "--realm=clinic.example"],
      ...["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${port}`],
      ...[`--userdb=${join(folder.path, "turndb")}`, `--pidfile=${join(folder.path, "pid")}`],
    ],
    ready: /SQLite DB connection success/,
    readyWithin: 20_000,
  });
});
afterAll(async () => {
  server?.signal("SIGTERM");
  await server?.exited;
  folder.remove();
});

/** What a browser is given now, or was at another time. */
function given(now = Date.now()): { username: string; credential: string } {
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
