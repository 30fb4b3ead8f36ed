import { createServer, type Server } from "node:http";

export interface HttpPatience {
  /** For all headers of a request (ms). */
  readonly headersMs?: number;
  /** For all of a request (ms). */
  readonly requestMs?: number;
  /** How often it is looked whose time is up (ms). */
  readonly checkMs?: number;
}

/** More than any page of ours sends. */
const maxHeaderBytes = 16_384;

/**
 * A server whose clients have to come to the point: whoever sends headers or a body by drops is answered 408 and cut off.
 * What is two requests to one reader and one to another is refused (Node's strict parser, RFC 9112, 6.3).
 */
export function createHttpServer(patience: HttpPatience = {}): Server {
  const { headersMs = 15_000, requestMs = 120_000, checkMs = 5_000 } = patience;
  return createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    // A proxy in front keeps its connections for a minute: none is closed under a request that it has just sent.
    keepAliveTimeout: 65_000,
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
}
