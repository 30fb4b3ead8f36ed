import type { Place } from "../../fanout/load/dialects.ts";

export type Arrival = "joined" | "moved" | "rejoined";

/** Where somebody connects, and who they are. */
export interface AttendeePlace extends Place {
  readonly person: string;
}

/** What happens to a member. */
export interface MemberListener {
  /** The bodies of messages, each once and in order. */
  message(body: string): void;
  /** The command with this id is durable. */
  acknowledged(id: string): void;
  /** The room is elsewhere now, and a seat is kept there. */
  told(): void;
  /** On a seat, with everything caught up. */
  seated(how: Arrival): void;
  /** The connection broke, or the server closed it; 0: the kept seat was not to be had. */
  lost(code: number): void;
  /** A refusal for good, or anything else that must not be. */
  fault(what: string): void;
  /** An event came again, some had to be asked for, a command was to be sent again. */
  count(what: "repeats" | "resumes" | "retries"): void;
}

/** Someone in a chat who reads all and writes what they are told to, whatever happens to the connection. */
export interface Attendee {
  /** Commands without an answer. */
  readonly unanswered: number;
  join(): Promise<void>;
  send(id: string, body: string): void;
  leave(): void;
}

export const clientKinds = ["lean", "sdk"] as const;
/** `lean`: what our SDK does, at a fraction of its cost. `sdk`: our SDK itself. */
export type ClientKind = (typeof clientKinds)[number];
