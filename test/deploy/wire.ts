import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { WebSocket } from "ws";
import type { Nginx } from "./nginx.ts";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request through the nginx, trusting its certificate. The path goes out as it is, however strange. */
export async function ask(
  nginx: Nginx,
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Reply> {
  const outgoing = request(nginx.url, {
    ...{ path, method, headers },
    // Whatever host is asked for, the certificate is this one's.
    ...{ ca: nginx.certificate, servername: "localhost", agent: false },
  });
  // What is refused early is answered before all of it is sent.
  outgoing.on("error", () => undefined);
  outgoing.end(body);
  const [response] = await once(outgoing, "response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, body: text };
}

/** A socket through the nginx, once it is open; with the first thing that is said on it. */
export async function dial(
  nginx: Nginx,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly socket: WebSocket; readonly greeting: string }> {
  const socket = new WebSocket(`wss://${nginx.host}${path}`, {
    ca: nginx.certificate,
    headers: { ...headers },
  });
  const greeting = once(socket, "message");
  const refused = new Promise<never>((_, reject) => {
    socket.once("unexpected-response", (outgoing, { statusCode = 0 }) => {
      outgoing.destroy();
      reject(new Refused(statusCode));
    });
  });
  const [data] = await Promise.race([greeting, refused]);
  return { socket, greeting: String(data) };
}

/** The socket was not opened; the HTTP status says why. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

/** The status with which a socket is refused. */
export async function refusal(nginx: Nginx, path: string, headers = {}): Promise<number> {
  try {
    const { socket } = await dial(nginx, path, headers);
    socket.terminate();
  } catch (error) {
    if (error instanceof Refused) return error.status;
    throw error;
  }
  throw new Error(`${path} was let through.`);
}
