import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createClamd } from "./clamd.ts";

let server: Server | null = null;
afterEach(() => server?.close());

/** Whatever listens there. */
async function listening(take: (socket: Socket) => void): Promise<string> {
  const opened = createServer((socket) => {
    socket.on("error", () => undefined);
    take(socket);
  });
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, "127.0.0.1", resolve));
  const address = opened.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const hurried = { connectMs: 1_500, answerMs: 1_500 };
const content = Buffer.alloc(200_000, "x");
/** More than the system keeps for a reader that does not read. */
const large = Buffer.alloc(30_000_000, "x");

it("sends everything in chunks that say their length, and an empty one at the end", async () => {
  const came: Buffer[] = [];
  const address = await listening((socket) =>
    socket.on("data", (data) => {
      came.push(data);
      if (data.subarray(-4).equals(Buffer.alloc(4))) socket.write("stream: OK\0");
    }),
  );
  expect(await createClamd(address, hurried).scan(content)).toBe("clean");
  let left = Buffer.concat(came);
  expect(left.toString("latin1", 0, 10)).toBe("zINSTREAM\0");
  left = left.subarray(10);
  const sent: Buffer[] = [];
  for (let length = left.readUInt32BE(); length > 0; length = left.readUInt32BE()) {
    sent.push(left.subarray(4, 4 + length));
    left = left.subarray(4 + length);
  }
  expect(Buffer.concat(sent).equals(content)).toBe(true);
});

it.each([
  ["stream: Win.Test FOUND", "malware"],
  ["INSTREAM size limit exceeded. ERROR", "too_large"],
])("takes %s for what it is, also before everything was sent", async (answer, finding) => {
  const address = await listening((socket) => socket.once("data", () => socket.end(`${answer}\0`)));
  expect(await createClamd(address, hurried).scan(Buffer.alloc(5_000_000))).toBe(finding);
});

it.each<readonly [string, (socket: Socket) => void]>([
  ["says nothing", () => undefined],
  ["reads no further in the middle of it", (socket) => socket.once("data", () => socket.pause())],
  ["hangs up", (socket) => socket.destroy()],
  ["answers something else", (socket) => socket.write("HTTP/1.1 400 Bad Request\0")],
  ["talks without end", (socket) => socket.write("x".repeat(10_000))],
  ["says OK of nothing", (socket) => socket.write("stream: OK FOUNDATION\0")],
])("is unavailable when what is there %s", async (_, take) => {
  await expect(createClamd(await listening(take), hurried).scan(large)).rejects.toMatchObject({
    code: "unavailable",
  });
});

it("is unavailable when nothing is there", async () => {
  await expect(createClamd("127.0.0.1:1", hurried).scan(content)).rejects.toMatchObject({
    code: "unavailable",
  });
  await expect(createClamd("/nowhere/clamd.sock", hurried).scan(content)).rejects.toMatchObject({
    code: "unavailable",
  });
});
