import type { Rejection } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { Urgency } from "./patch-schedule.ts";

/** What a room of one kind shows to those who are connected. One view a room. */
export interface RoomView<Root> {
  /** The Colyseus schema that is kept in step with everyone. */
  readonly schema: object;
  /** Whether this person may be here at all. */
  admit(state: Root, by: Principal): Rejection | null;
  /** Brings the schema to the durable state. */
  show(state: Root): Urgency;
  /** A person has come (first connection) or gone (last one). */
  present(person: string, online: boolean): Urgency;
  /** The delivered ones of these events, as members receive them. */
  deliver(events: readonly Recorded[]): readonly object[];
  /** People whose connections end with these events. */
  removed(events: readonly Recorded[]): readonly string[];
  /** Handles what is never journaled; null: not such a request. Throws DomainError. */
  ephemeral(name: string, payload: unknown, by: Principal, state: Root): Urgency | null;
}
