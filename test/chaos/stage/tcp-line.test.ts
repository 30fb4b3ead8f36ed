import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLine, type TcpLine } from "./tcp-line.ts";

/** Answers "answer to …", and as PostgreSQL does, what ends an answer. */
const end = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const asked: string[] = [];
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    asked.push(String(chunk));
    socket.write(Buffer.concat([Buffer.from(`answer to ${chunk}`), end]));
  });
});
let line: TcpLine;

beforeEach(async () => {
  asked.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  line = await openLine(portOf(server.address()));
});
afterEach(async () => {
  await line.dispose();
  server.close();
});

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || !address) throw new Error("it does not listen");
  return address.port;
}

function dialling(): Socket {
  const socket = new Socket();
  socket.on("error", () => undefined);
  return socket.connect(line.port, "127.0.0.1");
}

async function dial(): Promise<Socket> {
  const socket = dialling();
  await once(socket, "connect");
  return socket;
}

/** Resolves when it ends, however it does. */
function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once("close", resolve));
}

async function ask(socket: Socket, what: string): Promise<string> {
  socket.write(what);
  const [chunk]: Buffer[] = await once(socket, "data");
  return String(chunk?.subarray(0, -end.length));
}

it("carries what is said, in both directions", async () => {
  expect(await ask(await dial(), "one")).toBe("answer to one");
});

it("ends its connections when it is cut, and takes others when it is mended", async () => {
  const socket = await dial();
  await ask(socket, "one");
  const closed = closing(socket);
  line.cut("refused");
  await closed;
  // It may be reset before it is known to have connected.
  await closing(dialling());
  line.mend();
  expect(await ask(await dial(), "two")).toBe("answer to two");
  expect(asked).toEqual(["one", "two"]);
});

it("carries nothing while it is silent, and what was said then never arrives", async () => {
  const socket = await dial();
  await ask(socket, "one");
  line.cut("silent");
  const late = await dial();
  late.write("two");
  socket.write("three");
  const closed = Promise.all([closing(socket), closing(late)]);
  line.mend();
  await closed;
  expect(asked).toEqual(["one"]);
});

it("keeps the order when a delay ends", async () => {
  const socket = await dial();
  line.delay(40);
  socket.write("slow ");
  setTimeout(() => {
    line.delay(0);
    socket.write("fast");
  }, 10);
  let heard = "";
  socket.on("data", (chunk) => {
    heard += String(chunk);
  });
  await expect.poll(() => asked.join("")).toBe("slow fast");
  await expect.poll(() => heard).toContain("fast");
});

it("loses the answers to what is marked, after it was done, and no others", async () => {
  const lost = line.loseAnswers("append", 2);
  const socket = await dial();
  expect(await ask(socket, "read")).toBe("answer to read");
  for (const n of [1, 2]) {
    const one = n === 1 ? socket : await dial();
    const closed = closing(one);
    one.write(`append ${n}`);
    await closed;
  }
  await lost;
  expect(asked).toEqual(["read", "append 1", "append 2"]);
  expect(await ask(await dial(), "append 3")).toBe("answer to append 3");
});
