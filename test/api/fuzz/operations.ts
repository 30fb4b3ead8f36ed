import fc from "fast-check";
import { asSchema, fromSchema, hostileTexts, type Schema, spoiled } from "./from-schema.ts";

/** One operation as the document has it. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** `/v1/chats/{id}` */
  readonly path: string;
  readonly spec: Schema;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
    readonly required: boolean;
  }[];
  readonly body: Schema | null;
}

export interface Shot {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined: none. */
  readonly body: string | undefined;
}

export function operationsOf(document: Schema): Operation[] {
  return Object.entries(asSchema(document.paths)).flatMap(([path, methods]) =>
    Object.entries(asSchema(methods)).map(([method, one]) => {
      const spec = asSchema(one);
      const parameters = (Array.isArray(spec.parameters) ? spec.parameters : []).map((each) => {
        const { name, in: place, schema, required } = asSchema(each);
        return {
          name: String(name),
          in: String(place),
          schema: asSchema(schema),
          required: required === true,
        };
      });
      const content = asSchema(asSchema(spec.requestBody).content);
      const json = asSchema(content["application/json"]);
      const body = json.schema === undefined ? null : asSchema(json.schema);
      return { id: String(spec.operationId), method: method.toUpperCase(), path, spec, parameters, body };
    }),
  );
}

/** A request of the operation's form, or nearly, or far from it. `ids` are names of things that there are. */
export function shotAt(operation: Operation, document: Schema, ids: readonly string[]): fc.Arbitrary<Shot> {
  const good = goodShot(operation, document, ids);
  const hostile = fc.constantFrom(...hostileTexts);
  return fc.oneof(
    { weight: 4, arbitrary: good.map((parts) => toShot(operation, parts)) },
    {
      weight: 5,
      arbitrary: good.chain((parts) =>
        parts.body === undefined
          ? fc.constant(toShot(operation, parts))
          : spoiled(parts.body).map((body) => toShot(operation, { ...parts, body })),
      ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(good, fc.array(hostile, { minLength: 1, maxLength: 4 }))
        .map(([parts, texts]) =>
          toShot(operation, { ...parts, values: replaced(operation, parts.values, texts) }),
        ),
    },
  );
}

interface Parts {
  readonly values: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function goodShot(operation: Operation, document: Schema, ids: readonly string[]): fc.Arbitrary<Parts> {
  const known = fc.constantFrom(...ids);
  const values = operation.parameters.map(({ name, in: place, schema, required }) => {
    const made = fromSchema(schema, document).map(String);
    const value = place === "path" && schema.type === "string" ? fc.oneof(known, known, made) : made;
    const given = place === "path" || required ? value : fc.option(value, { nil: undefined });
    return given.map((one) => [name, one] as const);
  });
  return fc.record({
    values: fc
      .tuple(...values)
      .map((all) =>
        Object.fromEntries(all.filter((pair): pair is readonly [string, string] => pair[1] !== undefined)),
      ),
    body: operation.body === null ? fc.constant(undefined) : fromSchema(operation.body, document),
  });
}

/** Every text of the address in turn is something else. */
function replaced(
  { parameters }: Operation,
  values: Parts["values"],
  texts: readonly string[],
): Parts["values"] {
  const names = parameters.filter(({ in: place }) => place !== "header").map(({ name }) => name);
  return { ...values, ...Object.fromEntries(names.map((name, i) => [name, texts[i % texts.length] ?? ""])) };
}

function toShot({ path, parameters }: Operation, { values, body }: Parts): Shot {
  const named = (place: string) =>
    parameters.filter((one) => one.in === place && values[one.name] !== undefined);
  // A lone surrogate cannot be written in an address.
  const text = (name: string) => (values[name] ?? "").toWellFormed();
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(text(name)) || "-");
  const query = new URLSearchParams(named("query").map(({ name }) => [name, text(name)]));
  const headers = named("header").map(({ name }) => [name, text(name).replaceAll(/[^\x20-\x7e]/g, "?")]);
  return {
    path: query.size === 0 ? filled : `${filled}?${query}`,
    headers: Object.fromEntries(headers),
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}
