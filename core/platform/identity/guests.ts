import { DomainError } from "../../domain/errors.ts";
import { isGuest, type PeopleRepository, type Person } from "../repositories/people.ts";
import { type Origin, placeOf } from "./origin.ts";
import type { Grant, Sessions } from "./sessions.ts";

/** Someone who was invited to one visit. */
export interface NewGuest {
  /** The person's id, of the form that all have and unique over all organisations. */
  readonly id: string;
  readonly org: string;
  /** As others see it. */
  readonly name: string;
  /** When the guest is out, in ms since the epoch. */
  readonly expiresAt: number;
}

/** People who come by an invitation instead of a password. `Identity.guests` says what holds. */
export interface Guests {
  open(guest: NewGuest, from?: Origin): Promise<{ readonly person: Person; readonly grant: Grant }>;
  close(id: string): Promise<void>;
}

export interface GuestsOptions {
  readonly people: PeopleRepository;
  readonly sessions: Pick<Sessions, "openUntil" | "endByPerson">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createGuests({ people, sessions, now }: GuestsOptions): Guests {
  return {
    open: async ({ expiresAt, ...guest }, from) => {
      if (expiresAt <= now()) throw new DomainError("invitation_expired");
      const person = await ensureGuest(people, guest);
      const grant = person && (await sessions.openUntil(person.id, expiresAt, from && placeOf(from)));
      if (!grant) throw new DomainError("invitation_invalid");
      return { person, grant };
    },
    close: async (id) => {
      if (await people.closeGuest(id, now())) await sessions.endByPerson(id, "revoked");
    },
  };
}

/** null: the id is somebody else's. */
async function ensureGuest(
  people: PeopleRepository,
  { id, org, name }: Omit<NewGuest, "expiresAt">,
): Promise<Person | null> {
  // Where another issuer's tokens are taken, nobody may have been added to the organisation so far.
  await people.ensureOrg(org, org);
  await people.add({ id, org, name, username: null, roles: ["guest"], demo: false, password: null });
  const person = await people.byId(id);
  return person && isGuest(person) && person.org === org ? person : null;
}
