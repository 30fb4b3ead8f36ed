import type { ErrorCode } from "../../core/domain/errors.ts";
import { scopes } from "../../core/domain/scopes.ts";
import { httpStatus } from "../../core/protocol/codes.ts";
import { problem } from "../../core/protocol/rest.ts";
import { type Endpoint, isKeyed, rateOf, takesNoQuery } from "../endpoint.ts";
import { takesCommandId } from "../http/idempotency.ts";
import { headerParameters, headers, headersOf } from "./headers.ts";
import { bodyOf, type Json, type NamedSchemas, nameSchemas, propertiesOf } from "./schemas.ts";

const tags = [
  { name: "auth", description: "Signing in, staying signed in, signing out" },
  { name: "people", description: "Me and the people of my organisation" },
  { name: "clients", description: "For administrators: the programs of integrators" },
  { name: "chats", description: "Conversations I belong to" },
  { name: "queues", description: "Patients who wait, and the team that sees them" },
  { name: "visits", description: "Consultations, and the guests invited to them" },
  { name: "rooms", description: "What holds for rooms of every kind" },
  { name: "search", description: "Finding what was written, and people" },
  { name: "media", description: "For administrators: what carries the calls of their organisation" },
  { name: "audit", description: "For auditors and administrators: who saw and did what, provably unaltered" },
  {
    name: "records",
    description: "How long what is kept, holds, erasure, and the texts that people consent to",
  },
  { name: "cluster", description: "For operators: the processes, and the rooms on them" },
  { name: "health", description: "For whoever runs the service" },
];

const about = `Refusals are \`application/problem+json\` (RFC 9457); \`code\` is stable and the same as on the socket.
Times are milliseconds since the epoch. A page's \`next\` is null on the last one. What holds for every operation, such as repeats,
revisions, limits and versions, is in \`docs/api.md\`.`;

/** The API's description in OpenAPI 3.1, made from the schemas that requests are checked with. */
export function describeApi(endpoints: readonly Endpoint[]): Json {
  const schemas = nameSchemas(endpoints);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of endpoints) {
    const path = each.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [each.method]: describeOperation(each, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "HugMeDo",
      version: "1",
      description: about,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    tags,
    paths,
    components: {
      schemas: schemas.components,
      headers,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        client: {
          type: "oauth2",
          flows: { clientCredentials: { tokenUrl: "/v1/auth/client-token", scopes } },
        },
      },
    },
  };
}

function describeOperation(endpoint: Endpoint, schemas: NamedSchemas): Json {
  const { id, tag, summary, description, auth, input } = endpoint;
  const [body] = bodyOf(endpoint);
  const parameters = [
    ...(input.params ? parametersIn("path", propertiesOf(input.params)) : []),
    ...(input.query ? parametersIn("query", propertiesOf(input.query)) : []),
    ...headerParameters(endpoint),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(endpoint.deprecated ? { deprecated: true } : {}),
    ...(auth === "bearer" ? { security: [{ bearer: [] }] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(endpoint.bodyBytes === undefined ? {} : { requestBody: { required: true, content: bytes } }),
    ...(body && {
      requestBody: {
        required: input.body?.safeParse(undefined).success === false,
        content: { "application/json": { schema: schemas.refer(body) } },
      },
    }),
    responses: { ...describeReplies(endpoint, schemas), ...describeRefusals(endpoint, schemas) },
  };
}

function parametersIn(
  place: "path" | "query",
  { properties, required }: ReturnType<typeof propertiesOf>,
): Json[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema,
  }));
}

const bytes = { "application/octet-stream": { schema: { type: "string", format: "binary" } } } as const;

function describeReplies(endpoint: Endpoint, schemas: NamedSchemas): Json {
  const { reply, replyType = "application/json", status = 200, otherStatus, replyBytes } = endpoint;
  if (replyBytes && endpoint.replyType !== undefined) {
    return { 200: { description: "OK", content: { [replyType]: { schema: { type: "string" } } } } };
  }
  if (replyBytes) {
    return {
      200: { description: "OK", content: bytes },
      206: { description: "The range", content: bytes },
      416: { description: "There is no such range" },
    };
  }
  const described = headersOf(endpoint);
  const told = Object.keys(described).length === 0 ? {} : { headers: described };
  if (!reply) return { [status]: { description: "Done", ...told } };
  const content = { [replyType]: { schema: schemas.refer(reply) } };
  return {
    [status]: { description: status === 201 ? "Made" : "OK", ...told, content },
    ...(endpoint.hasRevision && endpoint.method === "get"
      ? { 304: { description: "As you have it", ...told } }
      : {}),
    ...(otherStatus === undefined ? {} : { [otherStatus]: { description: "Not OK", content } }),
  };
}

/** One response a status, naming the codes that come with it. */
function describeRefusals(endpoint: Endpoint, schemas: NamedSchemas): Json {
  const byStatus = Map.groupBy(refusalsOf(endpoint), (code) => httpStatus[code]);
  const content = { "application/problem+json": { schema: schemas.refer(problem) } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      { description: codes.map((code) => `\`${code}\``).join(", "), content },
    ]),
  );
}

/** What an operation may refuse with, for being of its kind or by itself. */
export function refusalsOf(endpoint: Endpoint): ErrorCode[] {
  const { auth, input, bodyBytes, errors, otherStatus, ifMatch } = endpoint;
  const keyed = isKeyed(endpoint) && auth === "bearer";
  const checked = input.params || input.query || input.body || ifMatch || keyed || takesNoQuery(endpoint);
  const codes: readonly ErrorCode[] = [
    ...(checked || takesCommandId(input.body) ? (["invalid_payload"] as const) : []),
    ...(input.body || bodyBytes !== undefined
      ? (["payload_too_large", "unsupported_media_type"] as const)
      : []),
    ...(auth === "bearer" ? (["unauthenticated", "session_ended", "busy", "unavailable"] as const) : []),
    ...(rateOf(endpoint) === null ? [] : (["rate_limited"] as const)),
    ...(keyed ? (["forbidden", "idempotency_mismatch", "request_in_progress"] as const) : []),
    ...(ifMatch ? (["precondition_failed"] as const) : []),
    ...(ifMatch === "required" ? (["precondition_required"] as const) : []),
    ...errors,
    "internal",
  ];
  return [...new Set(codes)].filter((code) => httpStatus[code] !== otherStatus);
}
