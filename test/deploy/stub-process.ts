import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

/** A request as it came through nginx. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** Something that listens where a process would, and notes what arrives. */
export interface StubProcess {
  readonly name: string;
  readonly address: string;
  readonly seen: readonly Seen[];
  /** How it answers what is not a socket; by default with its name. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** What it does with a socket; by default it says its name and echoes. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Forgets what it saw, and behaves as at first. */
  reset(): void;
  /** Closes every socket with this code. */
  closeSockets(code: number): void;
  /** Ends it and cuts every connection. */
  close(): Promise<void>;
}

export async function startStubProcess(name: string, address: string, port: number): Promise<StubProcess> {
  const seen: Seen[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const open = new Set<Duplex>();
  const server = createServer((request, response) => {
    note(request);
    stub.answer(request, response);
  });
  const note = ({ method = "", url = "", headers }: IncomingMessage) => {
    seen.push({ method, url, headers });
  };
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("upgrade", (request, socket, head) => {
    note(request);
    stub.upgrade(request, socket, head);
  });
  const asAtFirst: Pick<StubProcess, "answer" | "upgrade"> = {
    answer: (_, response) => void response.end(name),
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.send(name);
        client.on("message", (message) => client.send(message));
      }),
  };
  const stub: StubProcess = {
    name,
    address,
    seen,
    ...asAtFirst,
    reset: () => {
      seen.length = 0;
      Object.assign(stub, asAtFirst);
    },
    closeSockets: (code) => {
      for (const client of sockets.clients) client.close(code);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  return stub;
}
