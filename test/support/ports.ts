import { createServer } from "node:net";

const first = 15_000;
const count = 16_000;

/**
 * A free loopback port. It lies below the range from which the system numbers outgoing connections, so a
 * service that is stopped and started again finds its port still free.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = first + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found between ${first} and ${first + count}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
