import type { Audit } from "../repositories/audit.ts";
import type { Person } from "../repositories/people.ts";
import type { SignInOutcome } from "./sign-in.ts";

/** Failed tries to sign in as people that there are, kept until they are recorded: how many, not each. */
export interface FailureNotes {
  note(outcome: SignInOutcome, person: Person | null): void;
  /** Writes what was noted. */
  write(): Promise<void>;
}

const failures = ["rejected", "code_rejected"] as const satisfies readonly SignInOutcome[];
/** Names that may be guessed at in a minute before further ones go unrecorded. */
const notedAtMost = 10_000;

/**
 * Recorded apart from the answer: whoever guesses must not see by the time it takes whether the name exists. From so many on
 * in a minute it says that guesses are refused.
 */
export function createFailureNotes(
  now: () => number,
  audit: Pick<Audit, "record"> | undefined,
): FailureNotes {
  const noted = new Map<string, { readonly org: string; passwords: number; codes: number }>();
  return {
    note: (outcome, person) => {
      if (!person || !failures.some((failure) => failure === outcome)) return;
      const known = noted.get(person.id);
      if (!known && noted.size >= notedAtMost) return;
      const counts = known ?? { org: person.org, passwords: 0, codes: 0 };
      counts[outcome === "rejected" ? "passwords" : "codes"] += 1;
      noted.set(person.id, counts);
    },
    write: async () => {
      for (const [person, { org, ...detail }] of [...noted]) {
        noted.delete(person);
        const at = now();
        await audit?.record({
          org,
          at,
          actor: "anonymous",
          action: "sign-in.failed",
          subject: person,
          detail,
        });
      }
    },
  };
}
