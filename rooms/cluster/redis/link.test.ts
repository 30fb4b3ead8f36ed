import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { dial, Link } from "./link.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A server that speaks as much of Redis's protocol as it is told to: one answer to each command. */
async function linkTo(answer: (command: string, socket: Socket, nth: number) => void): Promise<Link> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const nth = sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      for (const [, command] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        answer(String(command), socket, nth);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no port");
  const link = new Link(dial(`redis://127.0.0.1:${address.port}`));
  undo.push(() => link.close());
  return link;
}

it("a Redis that is still loading does not answer yet, and keeps its connection", async () => {
  const pings: { readonly connection: number; readonly up: boolean }[] = [];
  const link = await linkTo((_, socket, connection) => {
    pings.push({ connection, up: link.up });
    socket.write(pings.length < 3 ? "-LOADING Redis is loading the dataset in memory\r\n" : "+PONG\r\n");
  });
  expect(await once(link, "up")).toEqual([true]);
  expect(link.up).toBe(true);
  expect(pings).toEqual(Array(3).fill({ connection: 1, up: false }));
});

it("answers that come late are not waited for, and the connection is kept", async () => {
  const late: (() => void)[] = [];
  let inTime = true;
  const link = await linkTo((_, socket, nth) => {
    const send = () => socket.write(`+ANSWER ${nth}\r\n`);
    if (inTime) send();
    else late.push(send);
  });
  await once(link, "up");
  inTime = false;
  const [missed] = await Promise.all([link.ask(() => new Promise(() => {})), once(link, "down")]);
  expect(missed).toBeNull();
  expect([link.up, link.open, link.reason]).toEqual([false, true, "late"]);
  inTime = true;
  for (const send of late) send();
  expect(await once(link, "up")).toEqual([false]);
});

it("a connection on which nothing is answered is given up for another", async () => {
  const link = await linkTo((_, socket, nth) => {
    if (nth > 1) socket.write("+PONG\r\n");
  });
  expect(await once(link, "up")).toEqual([true]);
});

it("a connection that breaks again and again is dialled ever more slowly", async () => {
  const dialled: number[] = [];
  const enough = Promise.withResolvers<void>();
  await linkTo((_, socket, nth) => {
    socket.end("+PONG\r\n");
    dialled[nth] = performance.now();
    if (nth === 8) enough.resolve();
  });
  await enough.promise;
  expect(Number(dialled[8]) - Number(dialled[7])).toBeGreaterThan(400);
});
