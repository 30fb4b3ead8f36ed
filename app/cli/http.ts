import { z } from "zod";
import { problem } from "../../core/protocol/rest.ts";
import { exitCodes, Failure, usage } from "./failure.ts";
import { duration } from "./words.ts";

export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
  /** Of what any answer may take. */
  readonly patience?: number;
}

export interface Limits {
  /** Gives up whatever is on its way. */
  readonly signal: AbortSignal;
  readonly answerWithinMs: number;
}

/** The address that all others begin with. Throws where it cannot be one. */
export function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol))
    throw usage(`${url} is no address of a server: give one like http://localhost:2567.`);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

/** Sends a request. Throws a Failure when no answer comes in time. */
export async function send(
  base: URL,
  { method, path, body, patience = 1 }: Call,
  token: string | null,
  { signal, answerWithinMs }: Limits,
): Promise<Response> {
  const limit = answerWithinMs * patience;
  try {
    return await fetch(new URL(path, base), {
      method,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(whyUnreachable(base, error, limit), error);
  }
}

/** What was answered. Throws what the server refused with, or that something else than it answers there. */
export async function readBody(base: URL, response: Response): Promise<unknown> {
  const text = await response.text().catch((error) => {
    throw unreachable(`The answer of ${base} broke off.`, error);
  });
  const body = jsonOf(text);
  if (response.ok && body !== undefined) return body;
  const to = response.headers.get("location");
  if (to !== null) throw unreachable(`${base} refers to ${new URL(to, base).origin}: give that as --url.`);
  const refused = problem.safeParse(body);
  if (!refused.success)
    throw unreachable(
      `What answers at ${base} is not HugMeDo, or it is not ready (HTTP ${response.status}).`,
    );
  const { code, detail } = refused.data;
  if (code === "unavailable") throw new Failure(exitCodes.unreachable, code, detail);
  const hint = code === "forbidden" ? "You may not do this: it takes the role operator." : detail;
  throw new Failure(exitCodes.failed, code, hint);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(message: string, cause?: unknown): Failure {
  return new Failure(exitCodes.unreachable, "unreachable", message, {}, cause);
}

const coded = z.object({ cause: z.object({ code: z.string() }) });

function whyUnreachable(base: URL, error: unknown, limit: number): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `No answer from ${base} within ${duration(limit)}.`;
  const code = coded.safeParse(error).data?.cause.code ?? "";
  const right = "Is the address (--url or HUGMEDO_URL) right?";
  if (code === "ECONNREFUSED") return `Nothing answers at ${base}. Is the server running? ${right}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `The host of ${base} is not known. ${right}`;
  return `${base} cannot be reached${code === "" ? "" : ` (${code})`}. ${right}`;
}
