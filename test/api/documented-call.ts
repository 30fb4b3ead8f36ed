import { expect } from "vitest";
import { refusalsOf } from "../../api/openapi/document.ts";
import { endpoints } from "../../api/routes/index.ts";
import { problem } from "../../core/protocol/rest.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; null: none. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

export interface Call {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, as JSON unless the headers say otherwise. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes a request of the API at `url` and checks that the answer is of a form that is documented. */
export async function callDocumented(
  url: string,
  method: string,
  path: string,
  { token, body, raw, headers = {} }: Call = {},
): Promise<Answer> {
  const sent = raw ?? (body === undefined ? null : JSON.stringify(body));
  const response = await fetch(url + path, {
    method,
    body: sent,
    headers: {
      ...(sent === null ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  const text = await response.text();
  const isJson = /json(;|$)/.test(response.headers.get("content-type") ?? "");
  const answer = {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : null,
  };
  expectDocumented(method, path, answer);
  return answer;
}

/** Whatever is answered must be of the documented form, and a refusal one of the documented ones. */
function expectDocumented(method: string, path: string, { status, headers, body, text }: Answer): void {
  const [pathname = ""] = path.split("?");
  const endpoint = endpoints.find(
    (each) => each.method === method.toLowerCase() && patternOf(each.path).test(pathname),
  );
  if (headers.get("content-type")?.startsWith("application/problem+json")) {
    const refused = problem.strict().parse(body);
    expect(refused.status).toBe(status);
    expect(refused.type).toBe(`/v1/problems/${refused.code}`);
    if (endpoint) expect(refusalsOf(endpoint)).toContain(refused.code);
    return;
  }
  if (!endpoint) return;
  if (endpoint.replyBytes) return void expect([200, 206, 416]).toContain(status);
  if (status === 304 && endpoint.hasRevision) return void expect(text).toBe("");
  expect([endpoint.status ?? 200, endpoint.otherStatus]).toContain(status);
  if (endpoint.replyType) expect([headers.get("content-type"), body]).toEqual([endpoint.replyType, null]);
  else if (endpoint.reply) expect(endpoint.reply.parse(body)).toEqual(body);
  else expect(text).toBe("");
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+").replaceAll(".", "\\.")}$`);
}
