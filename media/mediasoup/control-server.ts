import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { DomainError } from "../../core/domain/errors.ts";
import type { Logger } from "../../core/platform/logger.ts";
import {
  askFrame,
  controlPath,
  frameLimit,
  type NodeFrame,
  readFrame,
  sayEveryMs,
} from "./control-frames.ts";
import type { ControlTokens } from "./control-tokens.ts";
import type { MediaNode } from "./media-node.ts";
import type { NodeHandlers } from "./node-requests.ts";

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Parts {
  readonly node: Pick<MediaNode, "id" | "load" | "sessions" | "watch">;
  readonly handlers: Pick<NodeHandlers, "take">;
  readonly tokens: ControlTokens;
  readonly log: Logger;
}

const malformed = 1008;
/** Requests of one process that have no answer yet. */
const openLimit = 1_000;
const busyRetryMs = 500;
/** A process that takes in nothing any more is let go (bytes). */
const unsentLimit = 16 * 1024 * 1024;

/** Lets the room processes of this installation control the node, and nobody else. */
export async function serveControl(parts: Parts, port: number, host: string): Promise<ControlServer> {
  const { node, tokens, log } = parts;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frameLimit });
  const server = createServer((_, response) => void response.writeHead(404).end());
  const say = (frame: NodeFrame): void => {
    const text = JSON.stringify(frame);
    for (const socket of sockets.clients) send(socket, text);
  };
  const stop = node.watch((tell) => say({ tell }));
  const timer = setInterval(() => say({ load: node.load() }), sayEveryMs);

  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    welcome(request, socket, head).catch((error: unknown) => {
      log.warn({ err: error }, "somebody was refused control of this media node");
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
    });
  });

  const welcome = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    if (request.url !== controlPath) throw new Error("there is no such address");
    const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (token === undefined) throw new Error("no token was shown");
    const asked = await tokens.checkAsk(token, node.id);
    const hello = await tokens.answer(node.id, asked);
    sockets.handleUpgrade(request, socket, head, (open) => {
      open.on("error", () => open.terminate());
      serve(open, parts);
      send(
        open,
        JSON.stringify({ hello, load: node.load(), sessions: [...node.sessions()] } satisfies NodeFrame),
      );
    });
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: async () => {
      clearInterval(timer);
      stop();
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers the requests of one process. */
function serve(socket: WebSocket, { handlers, log }: Parts): void {
  let open = 0;
  const answer = async (id: number, name: string, data: unknown): Promise<NodeFrame> => {
    if (open > openLimit) throw new DomainError("busy", undefined, { retryAfterMs: busyRetryMs });
    return { id, answer: await handlers.take(name, data) };
  };
  socket.on("message", (message, isBinary) => {
    const frame = isBinary ? undefined : readFrame(askFrame, String(message));
    if (!frame) return socket.close(malformed, "malformed");
    open += 1;
    void answer(frame.id, frame.ask, frame.data)
      .catch((error: unknown) => refusalOf(frame.id, error, log))
      .then((reply) => {
        open -= 1;
        send(socket, JSON.stringify(reply));
      });
  });
}

function refusalOf(id: number, error: unknown, log: Logger): NodeFrame {
  if (!(error instanceof DomainError)) {
    log.warn({ err: error }, "a request to this media node failed");
    return { id, failed: true };
  }
  const { code, message, retryAfterMs } = error.toRejection();
  return { id, refused: { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
}

function send(socket: WebSocket, text: string): void {
  if (socket.bufferedAmount > unsentLimit) socket.terminate();
  else if (socket.readyState === socket.OPEN) socket.send(text);
}
