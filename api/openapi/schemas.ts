import { z } from "zod";
import * as cluster from "../../core/protocol/cluster.ts";
import * as rest from "../../core/protocol/rest.ts";
import * as events from "../../core/protocol/rest-events.ts";
import * as files from "../../core/protocol/rest-files.ts";
import * as identity from "../../core/protocol/rest-identity.ts";
import * as media from "../../core/protocol/rest-media.ts";
import * as people from "../../core/protocol/rest-people.ts";
import * as queues from "../../core/protocol/rest-queues.ts";
import * as recordings from "../../core/protocol/rest-recordings.ts";
import * as records from "../../core/protocol/rest-records.ts";
import * as search from "../../core/protocol/rest-search.ts";
import * as visits from "../../core/protocol/rest-visits.ts";
import * as webhooks from "../../core/protocol/rest-webhooks.ts";
import type { Endpoint } from "../endpoint.ts";

export type Json = Readonly<Record<string, unknown>>;

/** The schemas that operations name, as JSON Schema 2020-12, and how to refer to one. */
export interface NamedSchemas {
  readonly components: Json;
  refer(schema: z.ZodType): Json;
}

const at = "#/components/schemas/";

/** Bodies are told as they are sent, replies as they come; both under the names of `core/protocol`. */
export function nameSchemas(endpoints: readonly Endpoint[]): NamedSchemas {
  const requests = z.registry<{ id: string }>();
  const replies = z.registry<{ id: string }>();
  const names = namesOf(endpoints);
  const bodies = new Set(endpoints.flatMap(bodyOf));
  for (const [schema, id] of names) (bodies.has(schema) ? requests : replies).add(schema, { id });
  const all: Json = { ...toJson(requests, "input"), ...toJson(replies, "output") };
  const used = reachable(
    all,
    [...bodies, ...endpoints.flatMap(replyOf), rest.problem].map((schema) => nameOf(names, schema)),
  );
  return {
    components: Object.fromEntries([...used].sort().map((name) => [name, all[name]])),
    refer: (schema) => ({ $ref: at + nameOf(names, schema) }),
  };
}

/** What documentation shows of a body. */
export function bodyOf({ documentedBody, input: { body } }: Endpoint): z.ZodType[] {
  const schema = documentedBody ?? (body instanceof z.ZodOptional ? body.unwrap() : body);
  return schema instanceof z.ZodType ? [schema] : [];
}

/** Address parts by name, as numbers where they are numbers. */
export function propertiesOf(schema: z.ZodType): { properties: Json; required: readonly string[] } {
  const { properties } = objectShape.parse(z.toJSONSchema(schema, { io: "output", override }));
  const { required } = objectShape.parse(z.toJSONSchema(schema, { io: "input", override }));
  return { properties, required };
}

const objectShape = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).default([]),
});

function replyOf({ reply }: Endpoint): z.ZodType[] {
  return reply ? [reply] : [];
}

function namesOf(endpoints: readonly Endpoint[]): Map<z.ZodType, string> {
  const names = new Map<z.ZodType, string>();
  for (const [name, value] of Object.entries({
    ...rest,
    ...identity,
    ...people,
    ...queues,
    ...visits,
    ...media,
    ...recordings,
    ...files,
    ...records,
    ...search,
    ...events,
    ...webhooks,
    ...cluster,
  }))
    if (value instanceof z.ZodType) names.set(value, pascal(name));
  for (const { id, documentedBody } of endpoints) {
    if (documentedBody) names.set(documentedBody, `${pascal(id)}Request`);
  }
  return names;
}

function nameOf(names: ReadonlyMap<z.ZodType, string>, schema: z.ZodType): string {
  const name = names.get(schema);
  if (name === undefined)
    throw new Error("a body or reply must be a schema exported by core/protocol/rest*.ts or cluster.ts");
  return name;
}

function toJson(registry: z.core.$ZodRegistry<{ id: string }>, io: "input" | "output"): Json {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    override: io === "input" ? override : overrideReply,
    uri: (id) => at + id,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _schema, $id: _id, ...schema }]) => [name, schema]),
  );
}

/**
 * JSON Schema's patterns know fewer properties of text than ours do: such a one is left out. Replies may
 * get further fields in time, so that is not ruled out.
 */
const override: NonNullable<z.core.ToJSONSchemaParams["override"]> = ({ jsonSchema }) => {
  if (jsonSchema.pattern !== undefined && !isPattern(jsonSchema.pattern)) delete jsonSchema.pattern;
};
const overrideReply: typeof override = (context) => {
  override(context);
  if (context.jsonSchema.additionalProperties === false) delete context.jsonSchema.additionalProperties;
};

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function reachable(all: Json, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const [, inner] of JSON.stringify(all[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (inner) waiting.push(inner);
    }
  }
  return found;
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
