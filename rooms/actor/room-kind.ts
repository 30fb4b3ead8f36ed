import type { z } from "zod";
import type { CallFact } from "../../core/domain/call/facts.ts";
import type { Rejection } from "../../core/domain/errors.ts";
import type { Behaviour, Command, Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomKindName, RoomRef } from "../../core/domain/room.ts";
import type { RoomListing } from "../../core/platform/journal/journal-store.ts";

/** Changes of the journal's indexes that follow from events; a person once in each list. */
export interface Indexes {
  readonly members: readonly { readonly person: string; readonly role: string | null }[];
  readonly cursors: readonly { readonly person: string; readonly seq: number }[];
  /** The room's row in the index of rooms; null or left out: as it was. */
  readonly listing?: RoomListing | null;
}

/** Where a request comes to: the room as it is, with everything decided but not yet durable. */
export interface Asked<Root> {
  readonly ref: RoomRef;
  readonly by: Principal;
  readonly state: Root;
  /** 16 bytes that only this room can make of a text, the same each time: for names and codes. */
  mac(text: string): Buffer;
}

/** A request that changes the room: its payload becomes a command for `decide`. */
export interface CommandGuard<Root, Payload> {
  readonly schema: z.ZodType<Payload>;
  /** Adds what only the outside knows; immediate wherever nothing has to be looked up. */
  prepare(payload: Payload, asked: Asked<Root>): Command | Promise<Command>;
  /**
   * What the reply says beside `{ seq, at }`, made once the request is durable, from the durable state, and again for
   * every repeat. Throws DomainError: then the same request is to be sent again.
   */
  reply?(payload: Payload, asked: Asked<Root>): object | Promise<object>;
  /**
   * For requests that come in streams: at most one command per person in `everyMs`, merged from those that
   * came meanwhile; all of them are answered by it.
   */
  readonly coalesce?: { readonly everyMs: number; merge(earlier: Command, later: Command): Command };
}

/** A request that only reads. */
export interface QueryGuard<Root, Payload> {
  readonly schema: z.ZodType<Payload>;
  authorise(payload: Payload, asked: Asked<Root>): Rejection | null;
  answer(payload: Payload, asked: Asked<Root>): Promise<object>;
}

/** A guard with its payload's type closed over, so that guards of all kinds fit one table. */
export type RequestGuard<Root> =
  | {
      readonly type: "command";
      /** Throws invalid_payload. `body` is the parsed payload as text, the same for the same request. */
      parse(payload: unknown): {
        readonly id: string | null;
        readonly body: string;
        prepare(asked: Asked<Root>): Command | Promise<Command>;
        /** null: the reply says nothing more. */
        readonly reply: ((asked: Asked<Root>) => object | Promise<object>) | null;
      };
      readonly coalesce?: { readonly everyMs: number; merge(earlier: Command, later: Command): Command };
    }
  | { readonly type: "query"; ask(payload: unknown, asked: Asked<Root>): Promise<object> };

/** Everything that makes a room of one kind, but its sockets. */
export interface RoomKind<Root> {
  readonly name: RoomKindName;
  readonly behaviour: Behaviour<Root>;
  readonly requests: Readonly<Record<string, RequestGuard<Root>>>;
  /** The policy, asked at the moment of decision. */
  authorise(root: Root, command: Command, by: Principal): Rejection | null;
  indexes(events: readonly Recorded[], root: Root): Indexes;
  /** What these events tell of the room's call, for whoever counts; left out: it has none. */
  facts?(before: Root, events: readonly Recorded[]): readonly CallFact[];
  /** How many people are in the room's call. */
  callers?(root: Root): number;
  /** The state as plain data, for a snapshot. */
  store(root: Root): unknown;
  /** A snapshot's state, checked. Throws when it is not one of this kind. */
  restore(snapshot: unknown): Root;
}
