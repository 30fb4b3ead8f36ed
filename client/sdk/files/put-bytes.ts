import { HugMeDoError, parseRejection, tryJson, unreachable } from "../errors.ts";
import type { SendOptions } from "./types.ts";

/** A slow line may take its time for a large file. */
const deadline = 10 * 60_000;

/** PUTs bytes where the server said. In browsers with an XMLHttpRequest, as that alone tells how far it has come. */
export async function putBytes(
  url: string,
  headers: Readonly<Record<string, string>>,
  content: Blob,
  { progress, signal }: { progress?: SendOptions["progress"] | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  // Whoever gave up before the first byte is not told again.
  signal?.throwIfAborted();
  const { status, text } =
    typeof XMLHttpRequest === "undefined"
      ? await byFetch(url, headers, content, signal)
      : await byRequest(url, headers, content, { progress, signal });
  if (status >= 200 && status < 300) return;
  const said = parseRejection(tryJson(text));
  if (said) throw new HugMeDoError(said.code, said.message);
  // The store's own words are for our operators.
  throw status === 403 ? new HugMeDoError("upload_expired") : unreachable(new Error(`HTTP ${status}`));
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function byFetch(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Blob,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(deadline);
  try {
    const response = await fetch(url, {
      ...{ method: "PUT", headers, body, credentials: "omit" },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(error);
  }
}

function byRequest(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Blob,
  { progress, signal }: { progress?: SendOptions["progress"] | undefined; signal?: AbortSignal | undefined },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.timeout = deadline;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress?.(total === 0 ? 0 : loaded / total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(unreachable(new Error("the upload broke off")));
    request.ontimeout = () => reject(unreachable(new Error("the upload took too long")));
    request.onabort = () => reject(signal?.reason ?? unreachable(new Error("given up")));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}
