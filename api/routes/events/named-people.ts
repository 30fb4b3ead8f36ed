import { systemPrincipal } from "../../../core/domain/principal.ts";
import type { PublicEvent } from "../../../core/protocol/rest-events.ts";

/** Whom an event names: who did it, and to whom. */
export function namedPeople({ org, actor, data }: PublicEvent): readonly string[] {
  const { patient, person, subject, clinician, guest, members, to } = data ?? {};
  const ids = [actor, patient, person, subject, clinician, guest, members, isObject(to) ? to : null].flatMap(
    idsIn,
  );
  return ids.filter((id) => id !== systemPrincipal(org).id);
}

/** An id, something with a `person`, or several of those. */
function idsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(idsIn);
  return isObject(value) && "person" in value ? idsIn(value.person) : [];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
