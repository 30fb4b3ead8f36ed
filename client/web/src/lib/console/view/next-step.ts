import type { BoardSnapshot, EntryView } from "../../../../../sdk/types.ts";
import { isCallable, isWaiting } from "./filters.ts";

/** Who an entry that was called belongs to: a call by the front desk is for any clinician. */
export type Holder = "me" | "anyone" | "colleague";

/** null: nobody has called it. */
export function holderOf({ status, by }: EntryView, { me, duty }: Who): Holder | null {
  if (!by || (status !== "called" && status !== "confirmed" && status !== "leaving")) return null;
  if (by.person === me) return "me";
  return duty.find(({ person }) => person === by.person)?.clinician === false ? "anyone" : "colleague";
}
type Who = Pick<BoardSnapshot, "me" | "duty">;

/** The one thing to do with an entry next; null: there is nothing that this person could do. */
export function actionFor(entry: EntryView, who: Who): "call" | "admit" | "resume" | null {
  switch (entry.status) {
    case "waiting":
      return "call";
    case "called":
    case "confirmed":
      return holderOf(entry, who) === "colleague" ? null : "admit";
    case "held":
      return "resume";
    default:
      return null;
  }
}

/**
 * What this person does next in the queue. `answer`: the patient they called has not answered yet; `opening`: the
 * visit is being opened; `nobody`: why nobody can be called.
 */
export type Step =
  | { readonly kind: "admit" | "answer" | "opening" | "call"; readonly entry: EntryView }
  | { readonly kind: "nobody"; readonly why: "empty" | "notReady" | "inHand" };

export function nextStep({ entries, me, duty }: Pick<BoardSnapshot, "entries" | "me" | "duty">): Step {
  let next: EntryView | null = null;
  let called: EntryView | null = null;
  let leaving: EntryView | null = null;
  for (const entry of entries) {
    const mine = holderOf(entry, { me, duty }) === "me";
    if (mine && entry.status === "confirmed") return { kind: "admit", entry };
    if (mine && entry.status === "called") called ??= entry;
    if (mine && entry.status === "leaving") leaving ??= entry;
    if (isCallable(entry)) next ??= entry;
  }
  if (called) return { kind: "answer", entry: called };
  if (leaving) return { kind: "opening", entry: leaving };
  if (next) return { kind: "call", entry: next };
  return { kind: "nobody", why: whyNobody(entries) };
}

function whyNobody(entries: readonly EntryView[]): "empty" | "notReady" | "inHand" {
  const waiting = entries.filter(isWaiting);
  if (waiting.length === 0) return "empty";
  const inHand = ({ status }: EntryView) =>
    status === "called" || status === "confirmed" || status === "held";
  return waiting.every(inHand) ? "inHand" : "notReady";
}

/** The visit this person is in, and with whom, as far as the list still knows. */
export function currentVisit({ duty, me, departed }: Pick<BoardSnapshot, "duty" | "me" | "departed">): {
  readonly id: string;
  readonly name: string | null;
} | null {
  const id = duty.find(({ person }) => person === me)?.visit;
  if (!id) return null;
  const gone = departed.find(({ how, to }) => how === "admitted" && to === id);
  return { id, name: gone?.name ?? null };
}
