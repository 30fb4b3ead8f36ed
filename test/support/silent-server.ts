import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Takes every connection, reads whatever comes, and never answers: the worst that a dependency can do. */
export interface SilentServer {
  readonly port: number;
  readonly url: string;
  /** Connections that were ever made. */
  connections(): number;
  close(): void;
}

export async function openSilentServer(): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createServer((socket) => {
    made += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () => made,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
