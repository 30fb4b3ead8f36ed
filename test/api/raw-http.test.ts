import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let token = "";

beforeAll(async () => {
  api = await startApi({}, {}, { headersMs: 1_000, requestMs: 2_000, checkMs: 100 });
  token = await api.token("patient");
});
afterAll(() => api.close());

/** Sends the parts as they are, one after the other, and resolves with all that came back once the server has hung up. */
async function exchange(...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  await once(socket, "connect");
  const heard: Buffer[] = [];
  socket.on("data", (bytes) => heard.push(bytes));
  // Whoever is cut off while they still send is told so.
  socket.on("error", () => {});
  for (const part of parts) socket.write(part);
  await once(socket, "close");
  return Buffer.concat(heard).toString("latin1");
}

const path = "/v1/rooms/chat/demo/commands";
const head = (...lines: readonly string[]) =>
  `${[`POST ${path} HTTP/1.1`, "Host: localhost", ...lines].join("\r\n")}\r\n\r\n`;
const json = "Content-Type: application/json";
const bearer = () => `Authorization: Bearer ${token}`;
const good = JSON.stringify({ name: "chat.send", payload: { id: "command-1", body: "x" } });

test("headers that never end are cut off", async () => {
  expect(await exchange(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `)).toMatch(/^HTTP\/1\.1 408 /);
});

test("so is a body that never ends, and what came of it does nothing", async () => {
  const before = api.received.length;
  const answer = await exchange(head(json, bearer(), "Content-Length: 1000"), good);
  expect(answer).toMatch(/^HTTP\/1\.1 (408|400) /);
  expect(api.received.length).toBe(before);
});

/** What one reader takes for one request, and another for two. */
test.each([
  ["a length and chunks", ["Content-Length: 6", "Transfer-Encoding: chunked"], "0\r\n\r\nGET"],
  ["two lengths", ["Content-Length: 5", "Content-Length: 60"], good],
  ["a length with a sign", ["Content-Length: +5"], good],
  ["a length that is none", ["Content-Length: 0x10"], good],
  ["an encoding that is none", ["Transfer-Encoding: xchunked"], good],
  ["chunked, but not last", ["Transfer-Encoding: chunked, identity"], good],
  ["a space before the colon", ["Transfer-Encoding : chunked"], "0\r\n\r\n"],
  ["a folded header", ["Transfer-Encoding:\r\n chunked"], "0\r\n\r\n"],
  ["a chunk whose size is none", ["Transfer-Encoding: chunked"], "zz\r\nabc\r\n0\r\n\r\n"],
  ["a chunk longer than it says", ["Transfer-Encoding: chunked"], "1\r\nabcdef\r\n0\r\n\r\n"],
  ["endless headers", Array.from({ length: 400 }, (_, n) => `X-${n}: ${"a".repeat(100)}`), ""],
  ["a header with a bare line feed", ["X-A: b\nX-B: c"], ""],
  ["a NUL in a header", ["X-A: b\u0000c"], ""],
])("%s: refused, and the connection closed", async (_, lines, body) => {
  const before = api.received.length;
  const answer = await exchange(head(json, bearer(), ...lines), body);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(api.received.length).toBe(before);
});

test.each([
  "GET / HTTP/9.9\r\n\r\n",
  "nonsense\r\n\r\n",
  "GET /v1/me HTTP/1.1\r\n\r\n",
  "\u0016\u0003\u0001\u0000",
])("%j is no request", async (text) => {
  expect(await exchange(text)).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test("ten megabytes are refused at the first sight of their length, and without one when they are too many", async () => {
  const bytes = Buffer.alloc(10_000_000, 0x20);
  expect(
    await exchange(head(json, bearer(), `Content-Length: ${bytes.length}`, "Connection: close"), bytes),
  ).toMatch(/^HTTP\/1\.1 413 /);
  const chunk = Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from("\r\n0\r\n\r\n"),
  ]);
  expect(
    await exchange(head(json, bearer(), "Transfer-Encoding: chunked", "Connection: close"), chunk),
  ).toMatch(/^HTTP\/1\.1 413 /);
});

test("an honest chunked request is one", async () => {
  const chunked = `${good.length.toString(16)}\r\n${good}\r\n0\r\n\r\n`;
  const answer = await exchange(
    head(json, bearer(), "Transfer-Encoding: chunked", "Connection: close"),
    chunked,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

const post = (raw: string | Uint8Array<ArrayBuffer>) => api.call("POST", path, { token, raw });
const payload = (inner: string) => `{"name":"chat.send","payload":${inner}}`;

test.each([
  ["a name twice", payload('{"id":"command-2","body":"a","body":"b"}')],
  ["a name twice, written in two ways", '{"name":"x","\\u006eame":"y","payload":1}'],
  ["a byte order mark", `\ufeff${good}`],
  ["__proto__", payload('{"__proto__":{"admin":true}}')],
  ["ten thousand levels", payload(`${"[".repeat(10_000)}${"]".repeat(10_000)}`)],
  ["a number alone", "1e999"],
  ["two values", `${good}${good}`],
  ["a trailing comma", '{"name":"x","payload":1,}'],
])("%s: invalid_payload", async (_, raw) => {
  const { status, body } = await post(raw);
  expect([status, body.code]).toEqual([400, "invalid_payload"]);
});
