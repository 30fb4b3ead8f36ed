import { z } from "zod";

type Input = { readonly [part in "params" | "query" | "body"]?: z.ZodType };

/** The parts of a request, none of which may have a field that is not known: a parameter with a typing error does nothing silently. */
export function strictly<I extends Input>(input: I): I {
  const { query } = input;
  return query instanceof z.ZodObject ? { ...input, query: query.strict() } : input;
}

/** Of an operation that takes no parameters in its query: whether any were sent. */
export function hasQuery(query: unknown): boolean {
  return typeof query === "object" && query !== null && Object.keys(query).length > 0;
}

/** Where the request is not of the form, in the words of its schema; never with what was sent. */
export function describeFaults({ issues }: z.ZodError, input: Input): string {
  const known = knownNames(input);
  const faults = issues.slice(0, 3).map((issue) => {
    const path = issue.path.map((step) =>
      typeof step === "number" || known.has(String(step)) ? String(step) : "*",
    );
    const words = issue.code === "unrecognized_keys" ? "a field that is not known" : issue.message;
    return `${path.join(".")}: ${words}`;
  });
  return `The request is not of the documented form. ${faults.join("; ")}`.slice(0, 400);
}

const names = new WeakMap<Input, ReadonlySet<string>>();

/** Every name that the schemas know: all that a message may repeat of a request. */
function knownNames(input: Input): ReadonlySet<string> {
  const found = names.get(input);
  if (found) return found;
  const fresh = new Set(["params", "query", "body"]);
  for (const schema of [input.params, input.query, input.body]) if (schema) collect(schema, fresh);
  names.set(input, fresh);
  return fresh;
}

function collect(schema: z.ZodType, into: Set<string>): void {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  JSON.parse(text, (key, value) => {
    if (key === "properties" && typeof value === "object")
      for (const name of Object.keys(value)) into.add(name);
    return value;
  });
}
