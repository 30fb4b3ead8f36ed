import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "../app/server.ts";
import { loadConfig } from "../core/platform/config.ts";
import { temporaryFolder } from "./support/processes.ts";

/** The whole product: what stands before the API is tested here. */
let server: RunningServer;
let url = "";
const origin = "https://app.example";
const folder = temporaryFolder("front");

beforeAll(async () => {
  const settings = {
    PORT: "0",
    HOST: "127.0.0.1",
    DATA_DIR: folder.path,
    DEMO: "0",
    LOG_LEVEL: "silent",
    ROLES: "rooms,api",
  };
  server = await startServer(loadConfig({ ...settings, ALLOWED_ORIGINS: origin }));
  url = `http://127.0.0.1:${server.port}`;
}, 400_000);
afterAll(async () => {
  await server?.close();
  folder.remove();
}, 400_000);

/** As a browser asks whether a page of `from` may. */
const preflight = (path: string, from: string) =>
  fetch(url + path, {
    method: "OPTIONS",
    headers: { origin: from, "access-control-request-method": "POST" },
  });

describe("OPTIONS on the running product", () => {
  it("names the methods of an operation, and is nothing where nothing is", async () => {
    const me = await fetch(`${url}/v1/me`, { method: "OPTIONS" });
    expect([me.status, me.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect((await fetch(`${url}/v1/nothing`, { method: "OPTIONS" })).status).toBe(404);
  });

  it("lets pages of named origins send what the API takes, and no others", async () => {
    const ours = await preflight("/v1/chats", origin);
    expect(ours.headers.get("access-control-allow-origin")).toBe(origin);
    const headers = ours.headers.get("access-control-allow-headers") ?? "";
    for (const name of ["idempotency-key", "if-match", "x-hugmedo-csrf"]) expect(headers).toContain(name);
    const theirs = await preflight("/v1/chats", "https://evil.example");
    expect(theirs.headers.get("access-control-allow-origin")).toBeNull();
    expect(theirs.headers.get("access-control-allow-methods")).toBeNull();
  });

  it("lets them join rooms", async () => {
    const join = await preflight("/matchmake/joinOrCreate/chat", origin);
    expect([join.status, join.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    expect(join.headers.get("access-control-allow-headers")).toMatch(/authorization/i);
  });
});

describe("the body of a join", () => {
  const head = (...lines: readonly string[]) => [
    "POST /matchmake/joinOrCreate/chat HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
    ...lines,
    "",
    "",
  ];

  /** All that comes back until the server hangs up. */
  async function answerTo(...lines: readonly string[]): Promise<string> {
    const socket = connect(server.port, "127.0.0.1");
    const heard: Buffer[] = [];
    socket.on("data", (bytes) => heard.push(bytes));
    socket.write(head(...lines).join("\r\n"));
    await once(socket, "close");
    return Buffer.concat(heard).toString();
  }

  it("that is long is refused before any of it is read, and so is one without a length", async () => {
    expect(await answerTo("Content-Length: 200000000")).toMatch(/^HTTP\/1\.1 413 .*payload_too_large/s);
    expect(await answerTo("Transfer-Encoding: chunked")).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("that is short is looked at", async () => {
    const body = JSON.stringify({ room: "demo" });
    const response = await fetch(`${url}/matchmake/joinOrCreate/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect([response.status, await response.text()]).toEqual([
      401,
      expect.stringContaining("unauthenticated"),
    ]);
  });
});
