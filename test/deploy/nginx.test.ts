import { once } from "node:events";
import { connect } from "node:http2";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { type Names, startNames } from "./names.ts";
import { type Nginx, startNginx } from "./nginx.ts";
import { type StubProcess, startStubProcess } from "./stub-process.ts";
import { ask, dial, refusal } from "./wire.ts";

const first = "0a1b2c3d4e5f";
const second = "f5e4d3c2b1a0";
/** Where nothing listens. */
const nobody = "127.0.0.9";
const suffix = "00ff00";
const room = "chat-demo_1";
const soon = { timeout: 15_000 };
const pathOf = (name: string) => `/${name}-${suffix}/${room}`;

let names: Names;
let roomsPort: number;
let nginx: Nginx;
let one: StubProcess;
let two: StubProcess;

beforeAll(async () => {
  roomsPort = await freePort();
  names = await startNames();
  one = await startStubProcess(first, "127.0.0.2", roomsPort);
  two = await startStubProcess(second, "127.0.0.3", roomsPort);
  nginx = await startNginx({ resolver: names.address, roomsPort });
});
afterAll(async () => {
  await nginx?.dispose();
  await Promise.all([one?.close(), two?.close(), names?.close()]);
});
beforeEach(() => {
  names.set(first, [one.address]);
  names.set(second, [two.address]);
  names.set("rooms", [one.address, two.address]);
  for (const stub of [one, two]) stub.reset();
});

describe("the page, the API and matchmaking", () => {
  test.each(["/", "/v1/me?x=1", "/matchmake/joinOrCreate/chat", "/join/a.b.c_1", "/_app/immutable/a.js"])(
    "%s is served by any process",
    async (path) => {
      await untilAllServe(path);
      expect([...one.seen, ...two.seen].map(({ url }) => url)).toEqual(expect.arrayContaining([path]));
    },
  );

  test("what a client claims about itself is replaced by what is known", async () => {
    names.set("rooms", [one.address]);
    const claims = {
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "elsewhere.example",
      forwarded: "for=203.0.113.9",
      host: "elsewhere.example",
      authorization: "Bearer token",
    };
    await untilServedBy(one, "/v1/me", claims);
    const seen = one.seen.at(-1)?.headers;
    expect(seen).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
      "x-request-id": expect.stringMatching(/^[0-9a-f]{32}$/),
      host: nginx.host,
      authorization: "Bearer token",
    });
    expect(Object.keys(seen ?? {})).not.toEqual(expect.arrayContaining(["forwarded"]));
    expect(Object.keys(seen ?? {})).not.toEqual(expect.arrayContaining(["x-forwarded-host"]));
  });

  test("HTTP/2 is spoken, and plain HTTP is sent to TLS", async () => {
    const session = connect(nginx.url, { ca: nginx.certificate });
    onTestFinished(() => session.destroy());
    const [headers] = await once(session.request({ ":path": "/healthz" }).end(), "response");
    expect(session.alpnProtocol).toBe("h2");
    expect(headers[":status"]).toBe(200);
    const plain = await fetch(`${nginx.httpUrl}/chats/demo?x=1`, { redirect: "manual" });
    expect(plain.status).toBe(308);
    expect(plain.headers.get("location")).toBe(`${nginx.url}/chats/demo?x=1`);
  });

  test("a process that is gone is passed over, and a new one is found", async () => {
    names.set("rooms", [nobody, two.address]);
    const passedOver = async () => {
      expect((await ask(nginx, "/v1/me")).status).toBe(200);
      return nginx.entries().at(-1)?.upstream;
    };
    await expect.poll(passedOver, soon).toBe(`${nobody}:${roomsPort}, ${two.address}:${roomsPort}`);
    names.set("rooms", [one.address]);
    await untilServedBy(one, "/v1/me");
  });

  test("when no process can be reached, the answer is the API's own", async () => {
    names.set("rooms", [nobody]);
    await expect.poll(async () => (await ask(nginx, "/v1/me")).status, soon).toBe(503);
    const { headers, body } = await ask(nginx, "/v1/me");
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(headers["retry-after"]).toBe("1");
    expect(JSON.parse(body)).toMatchObject({ status: 503, code: "unavailable", retryAfterMs: 1_000 });
    names.set("rooms", [one.address]);
    await untilServedBy(one, "/v1/me");
  });

  test("a request that is too large is refused in the API's own words", async () => {
    const { status, body } = await ask(nginx, "/v1/me", { method: "POST", body: Buffer.alloc(1_048_577) });
    expect([status, JSON.parse(body).code]).toEqual([413, "payload_too_large"]);
    const largest = await ask(nginx, "/v1/me", { method: "POST", body: Buffer.alloc(1_048_576) });
    expect(largest.status).toBe(200);
  });

  test("a page's file that one process does not have is had from another", async () => {
    await untilAllServe("/v1/me");
    one.reset();
    one.answer = (_, response) => void response.writeHead(404).end();
    while (one.seen.length < 2) {
      expect(await ask(nginx, "/_app/immutable/b.js")).toMatchObject({ status: 200, body: second });
    }
  });

  test("events are passed on as they come", async () => {
    const arrived = Promise.withResolvers<void>();
    for (const stub of [one, two]) {
      stub.answer = (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
        void arrived.promise.then(() => response.end());
      };
    }
    const session = connect(nginx.url, { ca: nginx.certificate });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ":path": "/v1/events" });
    const [chunk] = await once(stream, "data");
    expect(String(chunk)).toBe("data: 1\n\n");
    arrived.resolve();
    await once(stream, "end");
  });

  test("what operators ask the processes is not for everyone", async () => {
    expect((await ask(nginx, "/metrics")).status).toBe(404);
    expect([...one.seen, ...two.seen]).toEqual([]);
  });
});

describe("a room's socket", () => {
  test("goes to the process that the path names, as it was dialled", async () => {
    for (const stub of [one, two, one]) {
      const path = `${pathOf(stub.name)}?sessionId=a&_authToken=b.c.d`;
      const { socket, greeting } = await dial(nginx, path);
      expect(greeting).toBe(stub.name);
      socket.send(Buffer.from([1, 2, 3]));
      const [echo] = await once(socket, "message");
      expect([...echo]).toEqual([1, 2, 3]);
      socket.close(4_000);
      expect((await once(socket, "close"))[0]).toBe(4_000);
      expect(stub.seen.at(-1)).toMatchObject({ url: path, headers: { "x-forwarded-for": "127.0.0.1" } });
    }
  });

  test("is closed with the code that the process gives", async () => {
    const { socket } = await dial(nginx, pathOf(first));
    one.closeSockets(4_010);
    expect((await once(socket, "close"))[0]).toBe(4_010);
  });

  test.each([
    ["another alphabet", `/0A1B2C3D4E5F-${suffix}/${room}`],
    ["a digit too few", `/0a1b2c3d4e5-${suffix}/${room}`],
    ["a digit too many", `/0a1b2c3d4e5f0-${suffix}/${room}`],
    ["no suffix", `/${first}/${room}`],
    ["a long suffix", `/${first}-00ff000/${room}`],
    ["a name", `/rooms/${room}`],
    ["an address", `/127.0.0.2/${room}`],
    ["an address with a port", `/127.0.0.2:6379/${room}`],
    ["something before it", `/x/${first}-${suffix}/${room}`],
    ["a user", `/me@${first}-${suffix}/${room}`],
    ["an escape", `/${first}%2e-${suffix}/${room}`],
    ["another room's form", `/${first}-${suffix}/chat-DEMO_1`],
    ["no activation", `/${first}-${suffix}/chat-demo`],
    ["more behind it", `/${first}-${suffix}/${room}/x`],
    ["nothing but the process", `/${first}-${suffix}`],
    ["no path at all", "/"],
    ["matchmaking", "/matchmake/joinOrCreate/chat"],
  ])("is refused for %s", async (_, path) => {
    await untilAllServe("/v1/me");
    // A process would open it: only the nginx can have refused.
    await refusal(nginx, path);
    expect([...one.seen, ...two.seen].filter(({ headers }) => headers.upgrade !== undefined)).toEqual([]);
  });

  test("is nothing but a socket", async () => {
    expect((await ask(nginx, pathOf(first))).status).toBe(404);
    expect((await ask(nginx, `/nobody/${room}`)).status).toBe(404);
    expect([...one.seen, ...two.seen]).toEqual([]);
  });

  test("is refused at once where its process is not there any more", async () => {
    expect(await refusal(nginx, pathOf("aaaaaaaaaaaa"))).toBe(503);
    names.set("bbbbbbbbbbbb", [nobody]);
    expect(await refusal(nginx, pathOf("bbbbbbbbbbbb"))).toBe(503);
  });
});

describe("the logs", () => {
  const secrets = ["s3cret-token", "v1sit.s3cret-code", "s3cret-header", "s3cret-referer"] as const;
  const [token, code, header, referer] = secrets;
  const headers = { authorization: `Bearer ${header}`, referer: `https://a.example/${referer}` };
  const query = `?sessionId=a&_authToken=${token}`;

  /** Everything that goes well or wrong with a secret in it. */
  async function provoke(at: Nginx): Promise<void> {
    names.set("cccccccccccc", [nobody]);
    one.upgrade = (_, socket) => void socket.destroy();
    const { socket } = await dial(at, pathOf(second) + query, headers);
    socket.terminate();
    for (const path of [pathOf(first), pathOf("cccccccccccc"), pathOf("dddddddddddd"), `/x/${room}`]) {
      await refusal(at, path + query, headers);
    }
    await ask(at, `/v1/invitations/${code}/accept${query}`, { method: "POST", headers });
    await ask(at, `/v1/invitations/${code}/accept`, {
      method: "POST",
      headers,
      body: Buffer.alloc(2_000_000),
    });
    for (const stub of [one, two]) stub.answer = (_, response) => void response.destroy();
    await ask(at, `/join/${code}${query}`, { headers });
    await ask(at, `/${"x".repeat(20_000)}${query}`, { headers });
    await fetch(`${at.httpUrl}/join/${code}${query}`, { headers, redirect: "manual" });
  }

  test("say of every request what became of it, and nothing of whose it was", async () => {
    const before = nginx.entries().length;
    await provoke(nginx);
    // A line of a request before this may come late.
    await expect.poll(() => nginx.entries().length, soon).toBeGreaterThanOrEqual(before + 10);
    const told = () => nginx.entries().slice(before);
    await expect
      .poll(() => told().map(({ part, status }) => `${part} ${status}`), soon)
      .toEqual(
        expect.arrayContaining(["socket 101", "socket 503", "page 404", "api 200", "api 413", "page 503"]),
      );
    expect(told().find(({ part, status }) => part === "socket" && status === "101")).toEqual({
      time: expect.any(String),
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      method: "GET",
      part: "socket",
      status: "101",
      bytes: expect.any(Number),
      seconds: expect.any(Number),
      upstream: `${two.address}:${roomsPort}`,
      upstreamStatus: "101",
    });
    for (const secret of secrets) expect(nginx.logs()).not.toContain(secret);
    expect(nginx.logs()).not.toContain("127.0.0.1");
  });

  test("would tell if nginx were left to itself", async () => {
    const talkative = await startNginx({
      resolver: names.address,
      roomsPort,
      spoil: (template) => template.replace("error_log /dev/null emerg;", ""),
    });
    onTestFinished(() => talkative.dispose());
    await provoke(talkative);
    for (const secret of secrets.filter((one) => one !== header)) {
      await expect.poll(() => talkative.logs(), soon).toContain(secret);
    }
  });

  test("have no warning about the configuration", () => {
    expect(nginx.logs()).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/);
  });
});

/** After so many answers in a row every process that is known has had its turn. */
const inARow = 6;

/** Until what was looked up before is forgotten. */
function untilServedBy(stub: StubProcess, path: string, headers = {}): Promise<void> {
  return untilServing(path, headers, [stub.name]);
}

/** Each takes its turn. */
function untilAllServe(path: string): Promise<void> {
  return untilServing(path, {}, [first, second]);
}

async function untilServing(
  path: string,
  headers: Readonly<Record<string, string>>,
  wanted: readonly string[],
): Promise<void> {
  const answers: string[] = [];
  const next = async () => {
    answers.push((await ask(nginx, path, { headers })).body);
    const latest = answers.slice(-inARow);
    return latest.length < inARow ? null : new Set(latest);
  };
  await expect.poll(next, { ...soon, interval: 1 }).toEqual(new Set(wanted));
}
