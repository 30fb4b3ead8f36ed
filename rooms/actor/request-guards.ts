import type { z } from "zod";
import { DomainError, toDomainError } from "../../core/domain/errors.ts";
import type { CommandGuard, QueryGuard, RequestGuard } from "./room-kind.ts";

export function command<Root, Payload extends object>(
  guard: CommandGuard<Root, Payload>,
): RequestGuard<Root> {
  const { reply } = guard;
  const parse = (input: unknown) => {
    const payload = parsePayload(guard.schema, input);
    return {
      id: "id" in payload && typeof payload.id === "string" ? payload.id : null,
      body: JSON.stringify(payload),
      prepare: (asked: Parameters<typeof guard.prepare>[1]) => guard.prepare(payload, asked),
      reply: reply ? (asked: Parameters<typeof guard.prepare>[1]) => reply(payload, asked) : null,
    };
  };
  return guard.coalesce ? { type: "command", parse, coalesce: guard.coalesce } : { type: "command", parse };
}

export function query<Root, Payload>(guard: QueryGuard<Root, Payload>): RequestGuard<Root> {
  return {
    type: "query",
    ask: async (input, asked) => {
      const payload = parsePayload(guard.schema, input);
      const refusal = guard.authorise(payload, asked);
      if (refusal) throw toDomainError(refusal);
      return guard.answer(payload, asked);
    },
  };
}

/** Throws invalid_payload; the message names the field and what it takes, never what was sent. */
export function parsePayload<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "the payload";
  const expected = issue?.code === "unrecognized_keys" ? "has a field that is not known" : issue?.message;
  throw new DomainError("invalid_payload", `Correct ${field} and send it again: ${expected}.`);
}
