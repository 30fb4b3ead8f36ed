import express, { type Express, type RequestHandler } from "express";
import { createThrottle } from "../core/platform/identity/throttle.ts";
import { createBulkhead } from "../core/platform/limits/bulkhead.ts";
import type { Services } from "./endpoint.ts";
import { answerErrors, refuseUnknown, serveEndpoints } from "./http/serve.ts";
import { crossOrigin } from "./middleware/cross-origin.ts";
import { formBody } from "./middleware/form-body.ts";
import { requestLog } from "./middleware/request-log.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { serveDocumentation } from "./openapi/page.ts";
import type { ApiDeps, ApiSettings } from "./ports.ts";
import { clientToken } from "./routes/auth/client-token.ts";
import { endpoints } from "./routes/index.ts";

/** A code cannot be guessed; this keeps those who try from costing much. */
const invitations = { burst: 20, everyMs: 3_000 };

/** Far more than one organisation's people cause, and less than what makes others wait. */
const requestsPerOrg = 256;

/**
 * The HTTP side of the product as an Express app: the operations, their documentation, and the page where
 * one is given. It answers every address, unknown ones too, so it is mounted last.
 */
export function createApi(deps: ApiDeps, page?: RequestHandler): Express {
  const { logger, settings } = deps;
  const now = () => performance.now();
  const services: Services = {
    ...deps,
    bulkhead: createBulkhead(settings.requestsPerOrg ?? requestsPerOrg),
    invitationRate: createThrottle(now, invitations),
  };

  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  // One way to write an address: whoever guards or routes by it (a proxy, our own headers) sees the same as we do.
  app.enable("case sensitive routing");
  app.set("trust proxy", settings.trustedProxies ?? 0);
  app.use(requestLog(logger));
  app.use(securityHeaders({ scriptHashes: settings.scriptHashes ?? [], connect: connectSources(settings) }));
  app.use(crossOrigin(settings.origins ?? []));
  app.use(clientToken.path, formBody);
  serveEndpoints(app, endpoints, services);
  serveDocumentation(app, endpoints);
  if (page) app.use(/^(?!\/v1\/)/, page);
  app.use(refuseUnknown);
  app.use(answerErrors(logger));
  return app;
}

/** The published address, by HTTP and by WebSocket, and what else is named. */
function connectSources({ publicAddress, connectSources = [] }: ApiSettings): string[] {
  if (publicAddress === null) return [...connectSources];
  const { protocol, host } = new URL(publicAddress);
  return [`${protocol}//${host}`, `${protocol === "https:" ? "wss:" : "ws:"}//${host}`, ...connectSources];
}
