import { lookup as systemLookup } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { TLSSocket } from "node:tls";
import { createReach } from "./addresses.ts";
import { failureOf, OutboundFailed } from "./failure.ts";

/**
 * Calls to addresses that people have typed in. They go to the internet alone, or to what the operator allows: not to this
 * machine, its network, or the place where a cloud keeps credentials (server-side request forgery, OWASP). A name is looked up
 * once for each call, and the connection goes to the very address that was looked at, so a name that answers otherwise a
 * moment later gains nothing. The certificate has to be of the name all the same. Redirects are not followed.
 */
export interface Outbound {
  /** Throws OutboundRefused, also for where its name leads at this moment. A name that leads nowhere yet passes. */
  check(url: string): Promise<void>;
  /** Throws OutboundRefused, OutboundFailed. */
  post(url: string, request: OutboundRequest): Promise<OutboundReply>;
}

export interface OutboundRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For all of it, from the look-up to the end of the answer (ms). */
  readonly timeoutMs: number;
}

/** The body is not read beyond the first 64 KiB, and not kept. */
export interface OutboundReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type RefusalReason = "url" | "scheme" | "credentials" | "port" | "name" | "address";

/** We do not call there. */
export class OutboundRefused extends Error {
  override readonly name = "OutboundRefused";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(refusals[reason]);
    this.reason = reason;
  }
}

const refusals: Readonly<Record<RefusalReason, string>> = {
  url: "This is not a web address. Give one that begins with https://.",
  scheme: "Calls go out by https alone. Give an address that begins with https://.",
  credentials: "The address must not contain a user name or a password. Leave them out: calls are signed.",
  port: "Calls do not go to this port. Use 443, or one that no other kind of service is known for.",
  name: "This name is of a private network. Ask your operator to allow it.",
  address: "This address is not on the public internet. Ask your operator to allow it.",
};

export interface OutboundOptions {
  /** Ranges (CIDR) of private networks that may be called, there also by http. */
  readonly allowed: readonly string[];
  /** All addresses of a name; the system's by default. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

const longestUrl = 2_048;
const longestReply = 64 * 1024;
/** What else listens where no privilege is needed: databases, caches, queues, and what steers machines. */
const otherServices = new Set([
  1080, 1099, 1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 3659, 4045,
  4190, 4444, 4505, 4506, 5060, 5061, 5432, 5433, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6380, 6443, 6566,
  6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 6697, 7000, 7001, 7077, 8086, 8300, 8500, 8600,
  9042, 9090, 9092, 9100, 9160, 9200, 9300, 10080, 10250, 10255, 11211, 15672, 25672, 26379, 27017, 27018,
  28017, 50000, 50070,
]);
/** Names that are of no public network (RFC 6761, 6762, 8375, ICANN's .internal). */
const privateNames = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|localdomain)$/;

export function createOutbound({ allowed, resolve = resolveBySystem }: OutboundOptions): Outbound {
  const reach = createReach(allowed);
  const parse = (text: string): URL => parseUrl(text, allowed.length > 0);

  /** The addresses of a name, all of which may be called: one that may not spoils the others. */
  const addressesOf = async (url: URL): Promise<readonly string[]> => {
    const host = hostOf(url);
    const addresses = isIP(host) === 0 ? await resolve(host) : [host];
    for (const address of addresses) {
      const where = reach(address);
      if (where === "none") throw new OutboundRefused("address");
      if (where === "public" && url.protocol === "http:") throw new OutboundRefused("scheme");
    }
    return addresses;
  };

  return {
    check: async (text) => {
      const url = parse(text);
      await addressesOf(url).catch((error: unknown) => {
        if (error instanceof OutboundRefused) throw error;
      });
    },
    post: async (text, { headers, body, timeoutMs }) => {
      const url = parse(text);
      const late = AbortSignal.timeout(timeoutMs);
      try {
        const addresses = await within(late, addressesOf(url));
        if (addresses.length === 0) throw new OutboundFailed("unresolved");
        return await send(url, addresses, { headers, body, signal: late });
      } catch (error) {
        if (error instanceof OutboundRefused || error instanceof OutboundFailed) throw error;
        throw new OutboundFailed(late.aborted ? "timeout" : failureOf(error), error);
      }
    },
  };
}

/** The parser of the web has read the host by then: numbers in any notation are dotted decimals, wide digits are digits. */
function parseUrl(text: string, lenient: boolean): URL {
  if (text.length > longestUrl || !URL.canParse(text)) throw new OutboundRefused("url");
  const url = new URL(text);
  if (url.protocol !== "https:" && !(lenient && url.protocol === "http:"))
    throw new OutboundRefused("scheme");
  if (url.username || url.password) throw new OutboundRefused("credentials");
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const usual = port === 443 || port === 80;
  if (!usual && (port < 1024 || otherServices.has(port))) throw new OutboundRefused("port");
  const host = hostOf(url);
  if (isIP(host) === 0 && !lenient && (privateNames.test(host) || !host.includes(".")))
    throw new OutboundRefused("name");
  return url;
}

/** Without the brackets of IPv6 and the dot at the end of a full name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

async function resolveBySystem(name: string): Promise<readonly string[]> {
  const found = await systemLookup(name, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

/** Whatever name is asked for, these are the answer. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, options, callback) => {
    const [first] = all;
    if (options.all) callback(null, all);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function send(
  url: URL,
  addresses: readonly string[],
  { headers, body, signal }: Pick<OutboundRequest, "headers" | "body"> & { readonly signal: AbortSignal },
): Promise<OutboundReply> {
  const { promise, resolve, reject } = Promise.withResolvers<OutboundReply>();
  const { request } = url.protocol === "https:" ? https : http;
  const host = hostOf(url);
  const sent = request(url, {
    method: "POST",
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
    lookup: pinned(addresses),
    // What the certificate is checked against, whatever address is called; and that it is checked, whatever the environment says.
    servername: isIP(host) === 0 ? host : "",
    rejectUnauthorized: true,
    // A connection of its own: none is left over that leads elsewhere.
    agent: false,
    signal,
  });
  let greeting = false;
  sent.on("socket", (socket) => {
    if (!(socket instanceof TLSSocket)) return;
    socket.once("connect", () => {
      greeting = true;
    });
    socket.once("secureConnect", () => {
      greeting = false;
    });
  });
  sent.on("error", (error) =>
    reject(signal.aborted && greeting ? new OutboundFailed("tls_timeout", error) : error),
  );
  sent.on("response", (response) => {
    const reply = { status: response.statusCode ?? 0, headers: response.headers };
    let read = 0;
    response.on("data", (piece: Buffer) => {
      read += piece.length;
      if (read > longestReply) sent.destroy();
    });
    // What was said in the head counts, also where we did not want to hear the rest.
    response.on("error", (cause) => {
      if (read > longestReply) resolve(reply);
      else reject(signal.aborted ? cause : new OutboundFailed("malformed", cause));
    });
    response.on("end", () => resolve(reply));
  });
  sent.end(body);
  return promise;
}

/** Throws the signal's reason when it is first. */
async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, late]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
