import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { DomainError, toRejection } from "../core/domain/errors.ts";
import { httpStatus } from "../core/protocol/codes.ts";

/** A join is a few names. */
const joinBytesAtMost = 16_384;

/**
 * What is settled before Colyseus sees a request. It answers every OPTIONS itself, with headers of its own, and reads the body of a join
 * whole, however long, before anyone is asked who sends it. Bodies under `/v1/` are the API's to limit.
 */
export function standInFront(server: Server, api: RequestListener): void {
  const behind = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = "" } = request;
    if (method === "OPTIONS" && !url.startsWith("/matchmake/")) return api(request, response);
    if (!url.startsWith("/v1/") && isLong(request)) return refuseLong(response);
    for (const listener of behind) listener.call(server, request, response);
  });
}

/** Without a length nobody knows: a client that joins says it. */
function isLong({ headers }: IncomingMessage): boolean {
  return (
    headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > joinBytesAtMost
  );
}

/** In the form of every refused join. What is still under way of it is not read. */
function refuseLong(response: ServerResponse): void {
  const { code, message } = toRejection(new DomainError("payload_too_large"));
  const status = httpStatus[code];
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ code: status, error: `${code}: ${message}` }));
}
