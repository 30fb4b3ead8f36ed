import type { ErrorCode } from "../../../core/domain/errors.ts";
import type { Fetch } from "../http.ts";

interface Asked {
  readonly path: string;
  /** With its question mark; empty without one. */
  readonly query: string;
  readonly body: unknown;
  readonly token: string | null;
  readonly csrf: boolean;
}

/** Answers REST calls by path, and remembers what was asked. */
export class StubServer {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, (asked: Asked) => Response | Promise<Response>>();

  /** Answers a path, without its query, from here on. */
  on(path: string, answer: (asked: Asked) => Response | Promise<Response>): void {
    this.answers.set(path, answer);
  }

  count(path: string): number {
    return this.asked.filter((asked) => asked.path === path).length;
  }

  readonly fetch: Fetch = async (url, init) => {
    const headers = new Headers(init.headers);
    const { pathname: path, search: query } = new URL(url);
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    const token = headers.get("authorization")?.replace("Bearer ", "") ?? null;
    const asked = { path, query, body, token, csrf: headers.get("x-hugmedo-csrf") === "1" };
    this.asked.push(asked);
    const answer = this.answers.get(path);
    if (!answer) throw new TypeError("fetch failed");
    return answer(asked);
  };
}

export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status });
}

export function problem(code: ErrorCode, status: number, more: object = {}): Response {
  const body = JSON.stringify({
    type: "about:blank",
    title: code,
    status,
    code,
    detail: `about ${code}`,
    ...more,
  });
  return new Response(body, { status, headers: { "content-type": "application/problem+json" } });
}

/** An access token as the server's are: its claims can be read. */
export function tokenOf(subject: string, serial: number): string {
  return ["header", btoa(JSON.stringify({ sub: subject, serial })), "signature"].join(".");
}
