import { hash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { DomainError, type ErrorCode } from "../core/domain/errors.ts";
import { can } from "../core/domain/policy.ts";
import type { Principal } from "../core/domain/principal.ts";
import type { Throttle } from "../core/platform/identity/throttle.ts";
import type { Incoming } from "./http/incoming.ts";
import { type Reading, traced } from "./http/trace-reads.ts";
import type { ApiDeps } from "./ports.ts";

/** Everything the API was given, and what it made of it. */
export interface Services extends ApiDeps {
  /** Per sign-in. */
  readonly commandRate: Throttle;
  /** Per network, for whoever shows an invitation. */
  readonly invitationRate: Throttle;
}

/** What a handler works with. `Who` is the principal, or null where nobody needs to sign in. */
export interface Context<Who> extends Services {
  readonly principal: Who;
  readonly incoming: Incoming;
  setHeader(name: string, value: string): void;
  /** Replaces the endpoint's own status. */
  setStatus(status: number): void;
  /** The body of an operation that takes bytes: read when it is wanted, so that whoever may not send any costs little. */
  readBytes(): Promise<Buffer>;
  /** The reply of an operation that answers with bytes. */
  sendBytes(pieces: AsyncIterable<Uint8Array>): void;
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
  /** Counts against the caller's rate of commands. */
  readonly limited?: boolean;
}

interface Spec<Who, I extends Input, R> extends Description<I> {
  readonly reply: z.ZodType<R> | null;
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
  /** Throws DomainErrors. */
  run(request: RawRequest, services: Services): Promise<Outcome>;
}

/** An operation for people who have signed in. */
export function endpoint<const I extends Input, R>(
  spec: Spec<Principal, I, R> & Reading<z.output<z.ZodObject<I>>, R>,
): Endpoint {
  return build(traced(spec), "bearer", async ({ bearer }, { identity, commandRate }) => {
    if (bearer === null) throw new DomainError("unauthenticated");
    const principal = await identity.verify(bearer);
    if (spec.limited) commandRate.take(principal.session);
    return principal;
  });
}

/** An operation for operators, and for their monitoring, which has a token of its own and needs no database. */
export function monitoringEndpoint<const I extends Input, R>(spec: Spec<null, I, R>): Endpoint {
  return build(spec, "bearer", async ({ bearer }, { identity, settings }) => {
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
export function openEndpoint<const I extends Input, R>(spec: Spec<null, I, R>): Endpoint {
  return build(spec, "none", async () => null);
}

/** Who asks is settled before the body is read, so that strangers cost little. */
function build<Who, I extends Input, R>(
  spec: Spec<Who, I, R>,
  auth: Endpoint["auth"],
  identify: (incoming: Incoming, services: Services) => Promise<Who>,
): Endpoint {
  const input = z.object(spec.input);
  return {
    ...spec,
    auth,
    run: async ({ incoming, params, query, readBody, readBytes, setHeader }, services) => {
      const principal = await identify(incoming, services);
      const body = spec.input.body ? await readBody() : undefined;
      const parsed = input.safeParse({ params, query, body });
      if (!parsed.success) throw new DomainError("invalid_payload", describe(parsed.error));
      let status = spec.status ?? 200;
      let pieces: Outcome["pieces"] = null;
      const reply = await spec.handle(parsed.data, {
        ...services,
        principal,
        incoming,
        setHeader,
        setStatus: (replaced) => {
          status = replaced;
        },
        readBytes: () => readBytes(spec.bodyBytes ?? 0),
        sendBytes: (sent) => {
          pieces = sent;
        },
      });
      return { status, body: spec.reply === null ? undefined : reply, pieces };
    },
  };
}

/** Where the request is not of the form, in the words of its schema; never with what was sent. */
function describe({ issues }: z.ZodError): string {
  const faults = issues.slice(0, 3).map(({ path, message }) => `${path.join(".")}: ${message}`);
  return `The request is not of the documented form. ${faults.join("; ")}`.slice(0, 400);
}
