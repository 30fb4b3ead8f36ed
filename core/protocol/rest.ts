import { z } from "zod";
import { memberRoles } from "../domain/conversation/state.ts";
import { roles } from "../domain/principal.ts";
import { roomIdPattern, roomKinds } from "../domain/room.ts";
import { chatTitle, commandId, fileId, personId, seq } from "./conversation.ts";
import { at, digits, limit, lookup, page } from "./rest-parts.ts";

/**
 * Sign-in. `keep: "cookie"` is for browsers: the refresh token then comes in an HttpOnly cookie only, and
 * refresh and logout must carry the header `x-hugmedo-csrf: 1`.
 */
export const tokenRequest = z.strictObject({
  username: lookup.min(1).max(200),
  password: z.string().min(1).max(1000),
  keep: z.enum(["json", "cookie"]).default("json"),
});
/** Without `refresh_token` the cookie is used. */
export const refreshRequest = z.strictObject({ refresh_token: z.string().max(500).optional() });
export const tokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  /** Seconds. */
  expires_in: z.int(),
  refresh_token: z.string().optional(),
});

export const me = z.object({
  id: personId,
  username: z.string(),
  name: z.string(),
  org: z.object({ id: z.string(), name: z.string() }),
  roles: z.array(z.enum(roles)),
  /** Says "demo account" and nothing else for now. */
  demo: z.boolean(),
});

export const person = z.object({ id: personId, name: z.string(), roles: z.array(z.enum(roles)) });
export const people = page(person);

export const chatMember = z.object({ person: personId, name: z.string(), role: z.enum(memberRoles) });
export const chatMembers = z.object({ items: z.array(chatMember) });
/** Whoever creates a chat is its admin. `id` makes a repeated request safe; the server makes one otherwise. */
export const createChat = z.strictObject({
  id: commandId.optional(),
  title: chatTitle,
  members: z.array(z.strictObject({ person: personId, role: z.enum(memberRoles) })).max(499),
  subject: personId.optional(),
});
export const setMember = z.strictObject({ id: commandId.optional(), role: z.enum(memberRoles) });

/** A file that a message carries; where it stands says `GET /v1/files/:id`. */
export const attachedFile = z.object({ id: fileId, name: z.string(), type: z.string(), bytes: z.int() });

export const messageView = z.object({
  seq,
  id: z.string(),
  from: z.string(),
  at,
  /** null: deleted. */
  body: z.string().nullable(),
  replyTo: seq.optional(),
  attachments: z.array(attachedFile).readonly().optional(),
  editedAt: at.optional(),
  deletedAt: at.optional(),
  reactions: z.record(z.string(), z.array(z.string()).readonly()).readonly(),
});
export const messages = page(messageView);
/** `after`, `before`: exclusive seqs; newest first unless `after` is given. */
export const messagesQuery = z.object({
  after: digits.pipe(seq).optional(),
  before: digits.pipe(seq).optional(),
  limit,
});
export const messageVersions = z.object({
  items: z.array(z.object({ seq, at, body: z.string() })),
});

/** One of my chats, as a list shows it. */
export const chatSummary = z.object({
  id: z.string(),
  title: z.string(),
  role: z.enum(memberRoles),
  members: z.array(chatMember),
  /** Messages of others beyond my cursor, counted up to 99. */
  unread: z.int(),
  last: messageView.nullable(),
});
export const chats = page(chatSummary);
export const listQuery = z.object({
  after: z.string().max(1_000).optional(),
  limit,
});
/** `q`: part of a name. */
export const peopleQuery = listQuery.extend({ q: lookup.max(100).default("") });
/** Makes a request without a body safe to repeat. */
export const commandIdQuery = z.object({ id: commandId.optional() });

/** A room's command by REST: the same names, payloads, replies and errors as on the socket. */
export const commandRequest = z.strictObject({ name: z.string().max(64), payload: z.unknown() });
/** Of a journaled request, once it is durable. */
export const commandReply = z.object({ seq, at }).loose();
/** Of any request: a journaled one is answered with `{ seq, at }`. */
export const roomReply = z.record(z.string(), z.unknown());

/** What addresses name. */
export const roomParams = z.object({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) });
export const messageParams = roomParams.extend({ seq: digits.pipe(seq.min(1)) });
export const chatParams = z.object({ id: z.string().regex(roomIdPattern) });
export const chatMemberParams = chatParams.extend({ person: personId });

/** Of the two moments at most one; without, the room is shown as it is. `after`: an exclusive seq. */
export const historyQuery = z
  .object({
    at: digits.pipe(at).optional(),
    seq: digits.pipe(seq).optional(),
    after: digits.pipe(seq).default(0),
    limit,
  })
  .refine((asked) => asked.at === undefined || asked.seq === undefined, "give `at` or `seq`, not both");
/** Something that happened in a room, who did it, and with which words. Texts of its messages are null. */
export const pastEvent = z.object({
  seq,
  at,
  by: z.string(),
  /** null: not in the directory any more. */
  byName: z.string().nullable(),
  type: z.string(),
  payload: z.record(z.string(), z.unknown()),
});
/** `state` includes the event `seq`, of the time `at`; null, and `seq` 0: nothing had happened by then. */
export const roomHistory = page(pastEvent).extend({ seq, at: at.nullable(), state: z.unknown() });

export const chatCreated = z.object({ id: z.string(), seq, at });

/** Accounts for trying things out, with their passwords. */
export const demo = z.object({
  accounts: z.array(
    z.object({ username: z.string(), name: z.string(), role: z.enum(roles), password: z.string() }),
  ),
});

export const health = z.object({ status: z.literal("ok") });
/**
 * Something outside the process that it asks. `open`: it failed again and again, and is left alone; `half_open`: it is being tried.
 * `lastError`: the class of the last failure. `degraded`: what is less good meanwhile. Times in ms since the epoch.
 */
const dependency = z.object({
  name: z.string(),
  state: z.enum(["closed", "half_open", "open"]),
  since: z.int(),
  lastError: z.string().optional(),
  lastErrorAt: z.int().optional(),
  degraded: z.string().optional(),
});
/** `reason` says what is wrong with a part. With a `degraded` one the process works on, less well. */
export const readiness = z.object({
  status: z.enum(["ready", "degraded", "not_ready"]),
  checks: z.array(
    z.object({
      name: z.string(),
      ready: z.boolean(),
      degraded: z.boolean().optional(),
      reason: z.string().optional(),
    }),
  ),
  dependencies: z.array(dependency).optional(),
});
export type Readiness = z.infer<typeof readiness>;

/** Prometheus' text format. */
export const exposition = z.string();
/** RFC 7517. */
export const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) });

/** RFC 9457, with the code that sockets use too. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string().optional(),
  retryAfterMs: z.int().optional(),
  /** Who did first what was asked for. */
  first: z.object({ person: personId, name: z.string(), at }).optional(),
  /** What a sign-in goes on with: POST /v1/auth/second-factor. */
  challenge: z.string().optional(),
});

/** A queue as a list shows it. `staff`: whether I may run it. */
export const queueSummary = z.object({
  id: z.string(),
  title: z.string(),
  opening: z.enum(["open", "suspended", "closed"]),
  /** When the opening hours next change it. */
  nextHours: at.nullable(),
  staff: z.boolean(),
});
export const queues = z.object({ items: z.array(queueSummary) });

/** A visit as a list shows it. */
export const visitItem = z.object({
  id: z.string(),
  /** When it is scheduled, else when it began to be. */
  at,
  phase: z.enum(["scheduled", "waiting", "in_progress", "ended"]),
  patient: z.object({ id: z.string(), name: z.string() }),
  clinician: z.object({ id: z.string(), name: z.string() }).nullable(),
});
export const visits = page(visitItem);

export type QueueSummary = z.infer<typeof queueSummary>;
export type VisitItem = z.infer<typeof visitItem>;
export type TokenReply = z.infer<typeof tokenReply>;
export type Me = z.infer<typeof me>;
export type Person = z.infer<typeof person>;
export type ChatMember = z.infer<typeof chatMember>;
export type ChatSummary = z.infer<typeof chatSummary>;
export type MessagesPage = z.infer<typeof messages>;
export type RoomHistory = z.infer<typeof roomHistory>;
export type Problem = z.infer<typeof problem>;
