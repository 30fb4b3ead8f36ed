import type { Principal } from "../principal.ts";
import { type PersonalField, seenBy } from "./view.ts";

const contacts = ["identity", "location", "emergencyContact", "email", "phone"] as const;
const isContact = (key: string): key is (typeof contacts)[number] => contacts.some((one) => one === key);

/**
 * What was kept of a room, as somebody sees it: its state at a moment, or what an event says. A name is a patient's where the same
 * record says which patient it is of, or a guest's where it says what they are in a visit.
 */
export function maskRecord(principal: Principal, org: string, value: unknown, under = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => maskRecord(principal, org, one));
  if (typeof value !== "object" || value === null) return value;
  const record = new Map(Object.entries(value));
  const person = personOf(record);
  const seen = (field: PersonalField, text: string) => seenBy(principal, field, { org, person }, text);
  return Object.fromEntries(
    [...record].map(([key, inner]) => {
      if (typeof inner === "string" && isContact(key)) return [key, seen(key, inner)];
      if (typeof inner === "string" && isName(key, record, under)) return [key, seen("name", inner)];
      return [key, maskRecord(principal, org, inner, key)];
    }),
  );
}

/** What an event says, likewise. */
export function maskEvent(
  principal: Principal,
  payload: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const masked = maskRecord(principal, principal.org, payload);
  return typeof masked === "object" && masked !== null ? { ...masked } : {};
}

function personOf(record: ReadonlyMap<string, unknown>): string | undefined {
  const named = record.get("patient") ?? record.get("guest") ?? record.get("person");
  return typeof named === "string" ? named : undefined;
}

/** `under`: the name of what this record is. `label`: for whom an invitation is, as staff wrote it. */
function isName(key: string, record: ReadonlyMap<string, unknown>, under: string): boolean {
  if (key === "patientName") return true;
  if (key === "label") return record.has("role");
  if (key !== "name") return false;
  const role = record.get("role");
  if (typeof role === "string") return role !== "clinician";
  return under === "patient" || typeof record.get("patient") === "string" || record.has("guest");
}
