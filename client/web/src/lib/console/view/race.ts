import type { ErrorCode, Forerunner } from "../../../../../../core/domain/errors.ts";
import { HugMeDoError } from "../../../../../sdk/errors.ts";
import type { BoardSnapshot } from "../../../../../sdk/types.ts";
import { rejectionOf } from "../../state/account.svelte.ts";

/** Why a command was refused; `first` is the colleague who was faster. */
export interface Fault {
  readonly code: ErrorCode;
  readonly first: Forerunner | null;
}

export function faultOf(error: unknown): Fault {
  return {
    code: rejectionOf(error).code,
    first: error instanceof HugMeDoError ? (error.first ?? null) : null,
  };
}

/** What the colleague who was faster did, as far as the list tells: `took` where it does not. */
export type Deed = "called" | "held" | "moving" | "admitted" | "transferred" | "removed" | "noShow" | "took";

export interface Race {
  readonly deed: Deed;
  /** Whether it was the same person, on another device. */
  readonly mine: boolean;
  readonly name: string;
  readonly at: number;
}

/** Who was faster with this entry, and with what; null: the fault is another one. */
export function raceOf({ first }: Fault, entry: string | null, board: Known): Race | null {
  if (!first) return null;
  const { person, name, at } = first;
  return { deed: deedOf(entry, person, board), mine: person === board.me, name, at };
}
type Known = Pick<BoardSnapshot, "me" | "entries" | "departed">;

function deedOf(id: string | null, person: string, { entries, departed }: Known): Deed {
  const entry = entries.find((one) => one.id === id);
  if (entry?.by?.person === person) {
    if (entry.status === "called" || entry.status === "confirmed") return "called";
    if (entry.status === "held") return "held";
    if (entry.status === "leaving") return "moving";
  }
  const how = entry ? undefined : departed.find((one) => one.entry === id)?.how;
  switch (how) {
    case "admitted":
    case "transferred":
    case "removed":
    case "noShow":
      return how;
    default:
      return "took";
  }
}
