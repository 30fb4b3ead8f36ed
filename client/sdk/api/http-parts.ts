import { fromRejection, HugMeDoError, parseRejection, tryJson } from "../errors.ts";

/** The operation's address with its parts filled in; what is undefined or null is left out of the query. */
export function addressOf(
  path: string,
  params: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given)}`;
}

/** A problem as an error. What is not our server's word, a proxy's that cannot reach it for instance, may pass. */
export function problemIn(status: number, text: string, headers: Headers): HugMeDoError {
  const json = tryJson(text);
  const detail = typeof json === "object" && json !== null && "detail" in json ? json.detail : undefined;
  const refused = parseRejection(typeof json === "object" ? { ...json, message: detail } : null);
  if (refused) return fromRejection(refused);
  if (status === 401) return new HugMeDoError("unauthenticated");
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  return new HugMeDoError("unavailable", undefined, { retryAfterMs, cause: new Error(`HTTP ${status}`) });
}
