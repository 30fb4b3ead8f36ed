import fc from "fast-check";

export type Schema = Readonly<Record<string, unknown>>;

/** In every text that is sent: no refusal may repeat it. */
export const marker = "zq7x";

/** What databases, templates, shells, paths and headers have been broken with. */
export const hostileTexts: readonly string[] = [
  `${marker}' OR '1'='1' --`,
  `${marker}"; DROP TABLE person; --`,
  `${marker}') UNION SELECT password FROM person--`,
  `${marker}\${7*7}{{7*7}}<%= 7*7 %>#{7*7}`,
  `<script>${marker}</script>`,
  `../../${marker}/etc/passwd`,
  `${marker}%00%0d%0aset-cookie:a=b`,
  `${marker}\r\nx-injected: 1`,
  `\u0000${marker}`,
  `${marker}\ud800`,
  `\u202e${marker}\ufeff`,
  `${marker}%_\\`,
  `__proto__${marker}`,
  `constructor.${marker}`,
  `$(${marker})\`${marker}\``,
  `{"$gt":"${marker}"}`,
  `${marker}${"あ".repeat(3_000)}`,
  "",
  "null",
  "NaN",
  "-1",
  "1e309",
  "9".repeat(40),
];

const hostileValues: readonly unknown[] = [
  ...hostileTexts,
  null,
  true,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  [],
  {},
  [[[[marker]]]],
  { constructor: { prototype: { admin: true } } },
  { toString: marker, length: -1 },
  Array.from({ length: 600 }, () => marker),
];

/** Values of the schema's form, as far as that is told. `root` is the document that references lead into. */
export function fromSchema(schema: Schema, root: Schema, depth = 0): fc.Arbitrary<unknown> {
  const inner = (one: unknown) => fromSchema(asSchema(one), root, depth + 1);
  if (typeof schema.$ref === "string") return inner(lookUp(root, schema.$ref));
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return fc.oneof(...choices.map(inner));
  if (Array.isArray(schema.allOf)) {
    return fc.tuple(...schema.allOf.map(inner)).map((parts) => Object.assign({}, ...parts.filter(isObject)));
  }
  switch (schema.type) {
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return fc.integer(boundsOf(schema));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const minLength = numberOr(schema.minItems, 0);
      return fc.array(inner(schema.items ?? {}), {
        minLength,
        maxLength: Math.max(minLength, depth > 4 ? 0 : 2),
      });
    }
    case "object":
      return objectOf(schema, inner, depth);
    default:
      return fc.constantFrom<unknown>({}, marker, 1, null);
  }
}

function objectOf(
  schema: Schema,
  inner: (one: unknown) => fc.Arbitrary<unknown>,
  depth: number,
): fc.Arbitrary<unknown> {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries(asSchema(schema.properties ?? {}));
  const shown = properties.filter(([name]) => depth < 6 || required.includes(name));
  const fields = Object.fromEntries(shown.map(([name, one]) => [name, inner(one)]));
  return fc.record(fields, { requiredKeys: Object.keys(fields).filter((name) => required.includes(name)) });
}

function textOf({ pattern, format, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  if (format === "uri") return fc.constant(`https://${marker}.example/`);
  if (typeof pattern === "string") {
    try {
      return fc.stringMatching(new RegExp(pattern, "u"));
    } catch {
      // A pattern beyond what can be generated from: such a text is refused, which is a test too.
    }
  }
  const least = numberOr(minLength, 0);
  const most = Math.max(least, Math.min(numberOr(maxLength, 30), 30));
  return fc.string({ unit: "grapheme", minLength: least, maxLength: most });
}

function boundsOf({ minimum, maximum }: Schema) {
  const min = Math.max(-0x7fffffff, numberOr(minimum, -10));
  return { min, max: Math.max(min, Math.min(0x7fffffff, numberOr(maximum, 0x7fffffff))) };
}

/** The value with one thing wrong with it. */
export function spoiled(value: unknown): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom(...hostileValues);
  if (!isObject(value)) return wrong;
  const names = Object.keys(value);
  const added = wrong.map((one) => ({ ...value, [`${marker}-unknown`]: one }));
  if (names.length === 0) return fc.oneof(wrong, added);
  const name = fc.constantFrom(...names);
  return fc.oneof(
    { weight: 1, arbitrary: wrong },
    { weight: 2, arbitrary: added },
    {
      weight: 2,
      arbitrary: name.map((gone) =>
        Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone)),
      ),
    },
    { weight: 6, arbitrary: fc.tuple(name, wrong).map(([at, one]) => ({ ...value, [at]: one })) },
    { weight: 3, arbitrary: name.chain((at) => spoiled(value[at]).map((one) => ({ ...value, [at]: one }))) },
  );
}

export function lookUp(root: Schema, reference: string): Schema {
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce((at, step) => asSchema(at[step.replaceAll("~1", "/")]), root);
}

export function asSchema(value: unknown): Schema {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
