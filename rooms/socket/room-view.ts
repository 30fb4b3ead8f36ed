import type { StateView } from "@colyseus/schema";
import type { Rejection } from "../../core/domain/errors.ts";
import type { Command, Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Urgency } from "./patch-schedule.ts";

type Collection = Parameters<StateView["subscribe"]>[0];

/** A message for one person alone, on all their connections. */
export interface Personal {
  readonly person: string;
  readonly name: string;
  readonly payload: object;
}

/** The people who are connected. */
export interface Here {
  has(person: string): boolean;
  keys(): Iterable<string>;
}

/** The room that a view shows. */
export interface ViewedRoom {
  readonly org: string;
  readonly ref: RoomRef;
  /** Under which it is ours; null: it is not, or that is not certain now. */
  epoch(): number | null;
  /** Has it take note of something by itself. */
  note(command: Command): void;
}

/** What a room of one kind shows to those who are connected. One view a room. */
export interface RoomView<Root> {
  /** The Colyseus schema that is kept in step with everyone. */
  readonly schema: Parameters<StateView["add"]>[0];
  /** The collections that insiders alone see, as the schema has them; null: everyone sees everything. */
  readonly inner: readonly Collection[] | null;
  /** Whether this person may be here at all. */
  admit(state: Root, by: Principal): Rejection | null;
  /** Whether they receive the shared events and see the inner part. */
  isInsider(state: Root, by: Principal): boolean;
  /** Brings the schema to the durable state, which these events led to. */
  show(state: Root, events: readonly Recorded[]): Urgency;
  /** A person has come (first connection) or gone (last one). */
  present(person: string, online: boolean): Urgency;
  /** The delivered ones of these events, as insiders receive them. */
  deliver(events: readonly Recorded[]): readonly object[];
  /** What single people are told of these events. Only those who are connected are asked for. */
  personal(events: readonly Recorded[], state: Root, here: Here): readonly Personal[];
  /** What a person is told when a connection of theirs is new. */
  greet(state: Root, by: Principal): readonly Omit<Personal, "person">[];
  /** People for whom these events may have changed whether they are inside, or here at all. */
  affected(events: readonly Recorded[]): readonly string[];
  /** Handles what is never journaled; null: not such a request. A promise is the answer to it. Throws DomainError. */
  ephemeral(name: string, payload: unknown, by: Principal, state: Root): Urgency | Promise<object> | null;
  /** The command by which the room records who is here; null: it does not. */
  presence(person: string, online: boolean): Command | null;
  /** People who have a place here since these events, wherever the request came from. */
  placed(events: readonly Recorded[]): readonly string[];
  /** What the room records when it has woken without its connections; null: nothing. */
  woken(state: Root): Command | null;
  /** The room ends here. */
  stop(): void;
}

/** For rooms in which everyone is an insider, and nobody is told anything of their own. */
export const openRoom = {
  inner: null,
  isInsider: () => true,
  personal: () => [],
  greet: () => [],
  presence: () => null,
  placed: () => [],
  woken: () => null,
  stop: () => {},
} as const;
