import { hash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { DomainError, type ErrorCode } from "../core/domain/errors.ts";
import { can } from "../core/domain/policy.ts";
import type { Principal } from "../core/domain/principal.ts";
import { networkOf, type Throttle } from "../core/platform/identity/throttle.ts";
import type { Bulkhead } from "../core/platform/limits/bulkhead.ts";
import type { RateClass } from "../core/platform/limits/rate-limits.ts";
import type { Deprecated } from "./http/deprecation.ts";
import { idempotencyKeyOf, once, takesCommandId, withCommandId } from "./http/idempotency.ts";
import type { Incoming } from "./http/incoming.ts";
import { isPage, nextLink } from "./http/pages.ts";
import { takeFrom } from "./http/rate-headers.ts";
import { allowedRevisions, entityTag, isKnown } from "./http/revisions.ts";
import { type DeclaredReads, type Reading, type Trace, traced } from "./http/trace-reads.ts";
import { describeFaults, hasQuery, strictly } from "./http/validation.ts";
import type { ApiDeps } from "./ports.ts";

/** Everything the API was given, and what it made of it. */
export interface Services extends ApiDeps {
  /** What one organisation may have under way at once. */
  readonly bulkhead: Bulkhead;
  /** Per network, for whoever shows an invitation. */
  readonly invitationRate: Throttle;
}

/** What a handler works with. `Who` is the principal, or null where nobody needs to sign in. */
export interface Context<Who> extends Services {
  readonly principal: Who;
  readonly incoming: Incoming;
  /**
   * The revisions that If-Match allows a change of; null: any. It is for whoever makes the change to check, in one step with it:
   * `revisionFault`, and for a room's command `expected` as part of its payload.
   */
  readonly allowed: readonly string[] | null;
  readonly expected: { readonly expected?: readonly string[] };
  setHeader(name: string, value: string): void;
  /** Replaces the endpoint's own status. */
  setStatus(status: number): void;
  /** The body of an operation that takes bytes: read when it is wanted, so that whoever may not send any costs little. */
  readBytes(): Promise<Buffer>;
  /** The reply of an operation that answers with bytes. */
  sendBytes(pieces: AsyncIterable<Uint8Array>): void;
  /** Of an operation that says itself what it reads (`reads.itself`). */
  readonly trace: Trace;
}

/** The parts of a request that an operation takes; others are not looked at. */
type Input = { readonly [part in "params" | "query" | "body"]?: z.ZodType };

/** What documentation and validation need to know of an operation. */
export interface Description<I extends Input = Input> {
  /** The operation's name in the documentation and in generated clients. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As Express writes it: `/v1/chats/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly input: I;
  /** Says more of the body than is checked here, where it is passed on. */
  readonly documentedBody?: z.ZodType;
  /** null: no content. */
  readonly reply: z.ZodType | null;
  /** Takes so many bytes at most, as they are, and no JSON. */
  readonly bodyBytes?: number;
  /** Answers with bytes: all (200), a range of them (206), or that there is no such range (416). */
  readonly replyBytes?: true;
  /** Of a reply that is text; JSON unless said otherwise. */
  readonly replyType?: string;
  /** 200 unless said otherwise. */
  readonly status?: number;
  /** Another status that carries the same reply. */
  readonly otherStatus?: number;
  /** What it may refuse with, besides what every operation of its kind may. */
  readonly errors: readonly ErrorCode[];
  /** Counts against the caller's rate of commands: `rate: "command"`. */
  readonly limited?: boolean;
  /** Which of the caller's budgets it counts against; by default that of reads, or of strangers. "none": monitoring. */
  readonly rate?: RateClass | "none";
  /** Takes `Idempotency-Key`. Every POST that answers 201 does, unless it says otherwise. */
  readonly creates?: boolean;
  /** Whether a change needs `If-Match`, or takes it; left out: the operation looks at no revisions. */
  readonly ifMatch?: "required" | "optional";
  readonly deprecated?: Deprecated;
  /** Of operations that show data of people: what the audit has of it. */
  readonly reads?: DeclaredReads;
}

interface Spec<Who, I extends Input, R> extends Description<I> {
  readonly reply: z.ZodType<R> | null;
  /** The revision of what can be changed of what the reply shows; its ETag is made of it. */
  revision?(reply: R): string | number;
  handle(input: z.output<z.ZodObject<I>>, context: Context<Who>): Promise<R>;
}

/** A request as it came, before anything of it was checked. */
export interface RawRequest {
  readonly incoming: Incoming;
  readonly params: unknown;
  readonly query: unknown;
  /** Reads the body, when it is wanted. */
  readBody(): Promise<unknown>;
  readBytes(limit: number): Promise<Buffer>;
  /** Of the response, whatever becomes of it. */
  setHeader(name: string, value: string): void;
}

export interface Outcome {
  readonly status: number;
  /** undefined: none. */
  readonly body: unknown;
  /** In place of the body. */
  readonly pieces: AsyncIterable<Uint8Array> | null;
}

/** One operation of the API, told once: validation, documentation and tests all come from it. */
export interface Endpoint extends Description {
  readonly auth: "bearer" | "none";
  /** Whether its replies have an ETag. */
  readonly hasRevision: boolean;
  /** Throws DomainErrors. */
  run(request: RawRequest, services: Services): Promise<Outcome>;
}

/** An operation for people who have signed in. */
export function endpoint<const I extends Input, R>(
  spec: Spec<Principal, I, R> & Reading<Principal, z.output<z.ZodObject<I>>, R>,
): Endpoint {
  return build(traced(spec), "bearer", async ({ bearer }, { identity }) => {
    if (bearer === null) throw new DomainError("unauthenticated");
    return identity.verify(bearer);
  });
}

/** An operation for operators, and for their monitoring, which has a token of its own and needs no database. */
export function monitoringEndpoint<const I extends Input, R>(spec: Spec<null, I, R>): Endpoint {
  return build({ ...spec, rate: "none" }, "bearer", async ({ bearer }, { identity, settings }) => {
    await assertMonitor(bearer, { identity, metricsToken: settings.metricsToken ?? null });
    return null;
  });
}

export interface Monitors {
  readonly identity: Pick<Services["identity"], "verify">;
  readonly metricsToken: string | null;
}

/** Throws unless it is an operator, or shows the token of those who monitor. */
export async function assertMonitor(
  bearer: string | null,
  { identity, metricsToken }: Monitors,
): Promise<void> {
  if (bearer === null) throw new DomainError("unauthenticated");
  if (metricsToken && isSame(bearer, metricsToken)) return;
  const principal = await identity.verify(bearer);
  if (!can(principal, "cluster.view", { org: principal.org })) throw new DomainError("forbidden");
}

/** Takes the same time whatever was shown. */
function isSame(shown: string, secret: string): boolean {
  return timingSafeEqual(hash("sha256", shown, "buffer"), hash("sha256", secret, "buffer"));
}

/** An operation for everyone. */
export function openEndpoint<const I extends Input, R>(
  spec: Spec<null, I, R> & Reading<null, z.output<z.ZodObject<I>>, R>,
): Endpoint {
  return build(traced(spec), "none", async () => null);
}

/** Which budget a request of this operation counts against; null: none. */
export function rateOf({
  auth,
  limited,
  rate,
}: Pick<Endpoint, "auth" | "limited" | "rate">): RateClass | null {
  if (rate === "none") return null;
  return rate ?? (limited ? "command" : auth === "bearer" ? "read" : "open");
}

/** Whether an operation takes `Idempotency-Key`. */
export function isKeyed({
  method,
  status,
  creates,
}: Pick<Description, "method" | "status" | "creates">): boolean {
  return creates ?? (method === "post" && status === 201);
}

/** What monitoring adds to its own addresses is not looked at. */
export function takesNoQuery({ path, input }: Pick<Description, "path" | "input">): boolean {
  return input.query === undefined && path.startsWith("/v1/");
}

/** Who asks is settled before the body is read, so that strangers cost little. */
function build<Who extends Principal | null, I extends Input, R>(
  spec: Spec<Who, I, R>,
  auth: Endpoint["auth"],
  identify: (incoming: Incoming, services: Services) => Promise<Who>,
): Endpoint {
  const input = z.object(strictly(spec.input));
  const rate = rateOf({ ...spec, auth });
  const keyed = isKeyed(spec);
  const hasId = takesCommandId(spec.input.body);
  const paged = isPage(spec.reply);

  const identified = async (request: RawRequest, services: Services): Promise<Who> => {
    const { incoming, setHeader } = request;
    const network = networkOf(incoming.address);
    try {
      const who = await identify(incoming, services);
      if (rate) await takeFrom(services.limits, rate, who ? `${who.org}/${who.id}` : network, setHeader);
      return who;
    } catch (error) {
      // Whoever guesses tokens is a stranger too.
      const guess =
        error instanceof DomainError && error.code === "unauthenticated" && incoming.bearer !== null;
      if (guess) await takeFrom(services.limits, "open", network, setHeader);
      throw error;
    }
  };

  const answer = async (request: RawRequest, services: Services, principal: Who): Promise<Outcome> => {
    const { incoming, params, query, readBody, readBytes, setHeader } = request;
    if (takesNoQuery(spec) && hasQuery(query)) {
      throw new DomainError("invalid_payload", "This operation takes no parameters in its query.");
    }
    const key = keyed || hasId ? idempotencyKeyOf(incoming.header("idempotency-key")) : null;
    const allowed = spec.ifMatch
      ? allowedRevisions(incoming.header("if-match"), spec.ifMatch === "required")
      : null;
    const sent = spec.input.body ? await readBody() : undefined;
    const body = key !== null && hasId ? withCommandId(sent, spec.id, key) : sent;
    const parsed = input.safeParse({ params, query, body });
    if (!parsed.success) throw new DomainError("invalid_payload", describeFaults(parsed.error, spec.input));

    const work = async (setHeader: RawRequest["setHeader"]): Promise<Outcome> => {
      let status = spec.status ?? 200;
      let pieces: Outcome["pieces"] = null;
      const reply = await spec.handle(parsed.data, {
        ...services,
        principal,
        incoming,
        allowed,
        expected: allowed === null ? {} : { expected: allowed },
        setHeader,
        setStatus: (replaced) => {
          status = replaced;
        },
        readBytes: () => readBytes(spec.bodyBytes ?? 0),
        sendBytes: (sent) => {
          pieces = sent;
        },
        trace: undeclared,
      });
      if (spec.revision) {
        const tag = entityTag(spec.revision(reply), reply);
        setHeader("etag", tag);
        if (spec.method === "get" && isKnown(incoming.header("if-none-match"), tag)) {
          return { status: 304, body: undefined, pieces: null };
        }
      }
      if (paged) linkNext(reply, incoming.url, spec.input.query, setHeader);
      return { status, body: spec.reply === null ? undefined : reply, pieces };
    };

    if (key === null || !keyed || principal === null) return work(setHeader);
    const content = JSON.stringify(parsed.data);
    const keyedRequest = { principal, operation: spec.id, key, content };
    const kept = await once(services.idempotency, keyedRequest, async () => {
      const headers: Record<string, string> = {};
      const { status, body } = await work((name, value) => {
        headers[name] = value;
      });
      return { status, headers, body };
    });
    for (const [name, value] of Object.entries(kept.headers)) setHeader(name, value);
    if (kept.replayed) setHeader("idempotent-replayed", "true");
    return { status: kept.status, body: kept.body, pieces: null };
  };

  return {
    ...spec,
    auth,
    hasRevision: spec.revision !== undefined,
    run: async (request, services) => {
      const principal = await identified(request, services);
      if (principal === null) return answer(request, services, principal);
      const leave = services.bulkhead.enter(principal.org);
      try {
        return await answer(request, services, principal);
      } finally {
        leave();
      }
    },
  };
}

/** Of an operation that declares no reads. */
const undeclared: Trace = () => Promise.reject(new DomainError("internal"));

/** Where the list goes on, as a header too. */
function linkNext(
  reply: unknown,
  url: string,
  query: z.ZodType | undefined,
  setHeader: RawRequest["setHeader"],
): void {
  const next = typeof reply === "object" && reply !== null && "next" in reply ? reply.next : null;
  if (typeof next === "string") setHeader("link", nextLink(url, next, query));
}
