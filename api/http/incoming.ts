import type { Request } from "express";

/** What handlers may know of the HTTP request itself. */
export interface Incoming {
  /** The client's network address. */
  readonly address: string;
  /** The access token; null: none was sent. */
  readonly bearer: string | null;
  /** The page that asks, as its browser says; null: not said. */
  readonly origin: string | null;
  /** The host that was asked. */
  readonly host: string;
  readonly secure: boolean;
  /** Path and query, as they were asked for. */
  readonly url: string;
  header(name: string): string | undefined;
  cookie(name: string): string | null;
}

export function incomingOf(request: Request): Incoming {
  return {
    address: request.ip ?? "",
    bearer: bearerOf(request),
    origin: request.get("origin") ?? null,
    host: request.host ?? "",
    secure: request.secure,
    url: request.originalUrl,
    header: (name) => request.get(name),
    cookie: (name) => cookieIn(request.get("cookie") ?? "", name),
  };
}

function cookieIn(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

export function bearerOf(request: Request): string | null {
  return /^Bearer +(\S+)$/i.exec(request.get("authorization") ?? "")?.[1] ?? null;
}
