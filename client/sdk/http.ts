import { fromRejection, HugMeDoError, parseRejection, tryJson, unreachable } from "./errors.ts";
import { backoff } from "./lib/backoff.ts";
import { type Clock, sleep } from "./lib/clock.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** From the root, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** In place of a body: bytes as they are, and their SHA-256 in base64. */
  readonly bytes?: { readonly content: ArrayBuffer; readonly sha256: string };
  readonly token?: string;
  /** Says that the request comes from our page; needed wherever the cookie speaks for the person. */
  readonly csrf?: boolean;
}

const deadline = 15_000;
const fileDeadline = 10 * 60_000;

/** Calls to the server's REST interface. Every failure is a `HugMeDoError`. */
export class Http {
  readonly origin: string;
  private readonly fetch: Fetch;

  constructor(origin: string, fetch: Fetch) {
    this.origin = origin;
    this.fetch = fetch;
  }

  /** The parsed reply; undefined for a reply without a body. No answer within 15 s is `unavailable`. */
  async call<T>({ method, path, body, bytes, token, csrf }: Call): Promise<T> {
    const headers = new Headers({ accept: "application/json" });
    if (body !== undefined) headers.set("content-type", "application/json");
    if (bytes) {
      headers.set("content-type", "application/octet-stream");
      headers.set("content-digest", `sha-256=:${bytes.sha256}:`);
    }
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (csrf) headers.set("x-hugmedo-csrf", "1");
    const signal = AbortSignal.timeout(deadline);
    const init: RequestInit = { method, headers, signal, credentials: "same-origin", cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (bytes) init.body = bytes.content;
    const response = await this.reach(`${this.origin}${path}`, init);
    const text = await response.text().catch((error: unknown) => Promise.reject(unreachable(error)));
    if (!response.ok) throw problemOf(response.status, text);
    return parse(text);
  }

  /** A file, which may take its time: ten minutes. */
  async file(path: string, token: string): Promise<Blob> {
    const headers = new Headers({ authorization: `Bearer ${token}` });
    const signal = AbortSignal.timeout(fileDeadline);
    const init: RequestInit = { headers, signal, credentials: "same-origin", cache: "no-store" };
    const response = await this.reach(`${this.origin}${path}`, init);
    try {
      if (response.ok) return await response.blob();
      throw problemOf(response.status, await response.text());
    } catch (error) {
      throw error instanceof HugMeDoError ? error : unreachable(error);
    }
  }

  private async reach(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(url, init);
    } catch (error) {
      throw unreachable(error);
    }
  }
}

const tries = 3;

/** Asks again, a few times, where the answer was lost: for what the server answers once in effect. */
export async function persistently<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const lost = error instanceof HugMeDoError && error.code === "unavailable";
      if (!lost || attempt === tries) throw error;
      await sleep(clock, backoff(clock, attempt));
    }
  }
}

function problemOf(status: number, text: string): HugMeDoError {
  const problem = tryJson(text);
  const said = parseRejection(problem);
  if (said) return fromRejection({ ...said, message: detailOf(problem) ?? said.message });
  // Not our server's words: a proxy that cannot reach it, or another server altogether.
  return status === 401 ? new HugMeDoError("unauthenticated") : unreachable(new Error(`HTTP ${status}`));
}

/** What is not JSON comes from somewhere else, a captive portal for instance. */
function parse<T>(text: string): T {
  try {
    return JSON.parse(text === "" ? "null" : text);
  } catch (error) {
    throw unreachable(error);
  }
}

function detailOf(problem: unknown): string | null {
  if (typeof problem !== "object" || problem === null || !("detail" in problem)) return null;
  return typeof problem.detail === "string" ? problem.detail : null;
}
