import type { ErrorRequestHandler, Express, RequestHandler, Response } from "express";
import { DomainError, type Rejection, rejection, toRejection } from "../../core/domain/errors.ts";
import { asUnavailable } from "../../core/platform/database/away.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { httpStatus } from "../../core/protocol/codes.ts";
import type { Endpoint, Services } from "../endpoint.ts";
import { notesOf } from "../middleware/request-log.ts";
import { readBytes, sendBytes } from "./bytes.ts";
import { deprecationHeaders } from "./deprecation.ts";
import { incomingOf } from "./incoming.ts";
import { readJson } from "./json-body.ts";
import { sendProblem } from "./problem.ts";

/** Puts the operations at their addresses; other methods there are refused as such. */
export function serveEndpoints(app: Express, endpoints: readonly Endpoint[], services: Services): void {
  for (const each of endpoints) app[each.method](each.path, handle(each, services));
  for (const [path, methods] of methodsByPath(endpoints)) app.all(path, refuseMethod(methods));
}

function handle(endpoint: Endpoint, services: Services): RequestHandler {
  return async (request, response) => {
    notesOf(request).route = endpoint.path;
    if (endpoint.deprecated) {
      response.set(deprecationHeaders(endpoint.deprecated, `/docs#/${endpoint.tag}/${endpoint.id}`));
    }
    const { status, body, pieces } = await endpoint.run(
      {
        incoming: incomingOf(request),
        params: request.params,
        query: request.query,
        readBody: () => readJson(request, response),
        readBytes: (limit) => readBytes(request, response, limit),
        setHeader: (name, value) => addHeader(response, name, value),
      },
      services,
    );
    if (pieces) return sendBytes(response, status, request.method === "HEAD" ? nothing() : pieces);
    response.status(status);
    if (body === undefined) response.end();
    else if (endpoint.replyType !== undefined) response.type(endpoint.replyType).send(body);
    else response.json(body);
  };
}

/** Links are several in one. */
function addHeader(response: Response, name: string, value: string): void {
  if (name === "link") response.append(name, value);
  else response.setHeader(name, value);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function methodsByPath(endpoints: readonly Endpoint[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of endpoints) {
    const verbs = method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()];
    methods.set(path, [...(methods.get(path) ?? []), ...verbs]);
  }
  return methods;
}

function refuseMethod(methods: readonly string[]): RequestHandler {
  return (request, response) => {
    response.set("allow", [...methods, "OPTIONS"].join(", "));
    if (request.method === "OPTIONS") return void response.status(204).end();
    throw new DomainError("method_not_allowed");
  };
}

/** The last handler: nothing is at this address. */
export const refuseUnknown: RequestHandler = () => {
  throw new DomainError("not_found");
};

/** Turns whatever was thrown into a problem; why we failed goes to the log, and only there. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const noted = notesOf(request);
    const refusal = toProblem(error);
    noted.code = refusal.code;
    if (refusal.code === "internal") logger.error({ err: error, requestId: noted.id }, "request failed");
    else if (httpStatus[refusal.code] >= 500)
      logger.warn({ err: causeOf(error), requestId: noted.id }, "request failed");
    if (response.headersSent) next(error);
    else sendProblem(response, refusal, noted.id);
  };
}

/** Express refuses addresses that are not well encoded, with a status of its own. */
function toProblem(error: unknown): Rejection {
  const unreadable = error instanceof URIError && "status" in error && error.status === 400;
  return unreadable ? rejection("invalid_payload") : toRejection(asUnavailable(error));
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}
