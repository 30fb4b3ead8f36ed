import { type Rejection, rejection } from "../../../core/domain/errors.ts";
import type { VisitSnapshot } from "../visit/types.ts";
import type { CallPerson, CallStatus } from "./types.ts";

/** What a call knows of itself when it says where it stands. */
export interface CallFacts {
  readonly visit: Pick<VisitSnapshot, "status" | "call" | "me">;
  /** It has ended, and why; null: it has not. */
  readonly over: { readonly reason: Rejection | null } | null;
  /** Why it could not be joined lately. */
  readonly refused: Rejection | null;
  /** I am in a session, */
  readonly inside: boolean;
  /** or have been. */
  readonly everIn: boolean;
  readonly people: readonly CallPerson[];
}

export function statusOf(facts: CallFacts): CallStatus {
  const { visit, over, inside, everIn, people } = facts;
  if (over) return "ended";
  if (reasonOf(facts)) return "failed";
  if (!inside) return everIn ? "reconnecting" : "joining";
  const allLost = people.length > 0 && people.every(({ state }) => state === "reconnecting");
  const cutOff = visit.status !== "live" && visit.call.people.length < 2;
  return allLost || cutOff ? "reconnecting" : "connected";
}

export function reasonOf({ visit, over, refused, inside }: Omit<CallFacts, "people">): Rejection | null {
  if (over) return over.reason;
  const nothing = !inside && visit.call.state === "unavailable";
  return refused ?? (nothing ? rejection("unavailable") : null);
}

export function othersIn({ call, me }: Pick<VisitSnapshot, "call" | "me">): readonly string[] {
  return call.people.map(({ person }) => person).filter((person) => person !== me);
}

/** On hold, clinicians talk among themselves, and nobody else is heard. */
export function withheldFrom(others: readonly string[], visit: VisitSnapshot): readonly string[] {
  const { held, you, participants } = visit;
  if (!held) return [];
  if (you?.role !== "clinician") return others;
  const doctors = participants.filter(({ role }) => role === "clinician").map(({ person }) => person);
  return others.filter((person) => !doctors.includes(person));
}
