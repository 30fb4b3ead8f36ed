import { type Endpoint, isKeyed, rateOf } from "../endpoint.ts";
import { takesCommandId } from "../http/idempotency.ts";
import { isPage } from "../http/pages.ts";
import type { Json } from "./schemas.ts";

const text = { type: "string" } as const;

/** Headers of replies, each described once. */
export const headers = {
  ETag: { description: "The revision of what is shown, for `If-Match` and `If-None-Match`", schema: text },
  "Idempotent-Replayed": { description: "`true`: the first reply, given again", schema: text },
  Link: { description: "`rel=next`: the next page (RFC 8288)", schema: text },
  Location: { description: "Where it is", schema: text },
  RateLimit: { description: "What is left of the budget, and for how many seconds", schema: text },
  "RateLimit-Policy": { description: "The budget and its window in seconds", schema: text },
  Deprecation: { description: "Since when it should not be used any more (RFC 9745)", schema: text },
  Sunset: { description: "When it stops answering (RFC 8594)", schema: text },
} as const;

/** Those that an operation's good replies may have. */
export function headersOf(endpoint: Endpoint): Json {
  const names: readonly (keyof typeof headers)[] = [
    ...(endpoint.hasRevision ? (["ETag"] as const) : []),
    ...(endpoint.status === 201 ? (["Location"] as const) : []),
    ...(isKeyed(endpoint) && endpoint.auth === "bearer" ? (["Idempotent-Replayed"] as const) : []),
    ...(isPage(endpoint.reply) ? (["Link"] as const) : []),
    ...(rateOf(endpoint) === null ? [] : (["RateLimit", "RateLimit-Policy"] as const)),
    ...(endpoint.deprecated ? (["Deprecation"] as const) : []),
    ...(endpoint.deprecated?.sunset ? (["Sunset"] as const) : []),
  ];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Headers that an operation takes. */
export function headerParameters(endpoint: Endpoint): Json[] {
  const { auth, input, ifMatch, hasRevision, method } = endpoint;
  const keyed = isKeyed(endpoint) && auth === "bearer";
  const key = {
    name: "Idempotency-Key",
    description: keyed
      ? "Names this request: sent again, also at the same time, it is done once and gets the first reply"
      : "Takes the place of `id` in the body",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  };
  return [
    ...(keyed || takesCommandId(input.body) ? [{ ...key, required: false }] : []),
    ...(ifMatch
      ? [
          {
            name: "If-Match",
            required: ifMatch === "required",
            description: "The ETag that was read: a change in between is refused",
            schema: text,
          },
        ]
      : []),
    ...(hasRevision && method === "get"
      ? [{ name: "If-None-Match", required: false, description: "The ETag that you have", schema: text }]
      : []),
  ].map((one) => ({ in: "header", ...one }));
}
